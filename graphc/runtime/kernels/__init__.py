"""What each primitive computes, in NumPy: a file for each family of primitives."""

from graphc.runtime.kernels.table import KERNELS

KERNELS.found_in(__name__, __path__, first=("elementwise", "reduction", "movement"))

__all__ = ["KERNELS"]
