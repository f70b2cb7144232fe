"""The `keras.ops` functions, composed of primitives. Importing the package fills the table."""

from graphc.ops import activation, arithmetic, indexing, linear_algebra, operators

__all__ = ["activation", "arithmetic", "indexing", "linear_algebra", "operators"]
