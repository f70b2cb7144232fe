"""How each primitive is differentiated, in primitives again: a file for each family."""

from graphc.passes.derivatives import (
    contraction,
    control,
    cumulative,
    elementwise,
    indexing,
    linalg,
    movement,
    reduction,
    window,
)
from graphc.passes.derivatives.table import CONSTANT_RESULTS, DERIVATIVES

__all__ = [
    "CONSTANT_RESULTS",
    "DERIVATIVES",
    "contraction",
    "control",
    "cumulative",
    "elementwise",
    "indexing",
    "linalg",
    "movement",
    "reduction",
    "window",
]
