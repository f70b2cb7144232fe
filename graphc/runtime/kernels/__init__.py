"""What each primitive computes, in NumPy: a file for each family of primitives."""

from graphc.runtime.kernels import (
    contraction,
    control,
    convolution,
    elementwise,
    indexing,
    linalg,
    movement,
    reduction,
    resizing,
    special,
    window,
)
from graphc.runtime.kernels.table import KERNELS

__all__ = [
    "KERNELS",
    "contraction",
    "control",
    "convolution",
    "elementwise",
    "indexing",
    "linalg",
    "movement",
    "reduction",
    "resizing",
    "special",
    "window",
]
