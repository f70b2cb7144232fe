"""The `keras.ops` functions, composed of primitives. Importing the package fills the table."""

from graphc.ops import (
    activation,
    arithmetic,
    indexing,
    joining,
    linear_algebra,
    operators,
    reduction,
    shaping,
)

__all__ = [
    "activation",
    "arithmetic",
    "indexing",
    "joining",
    "linear_algebra",
    "operators",
    "reduction",
    "shaping",
]
