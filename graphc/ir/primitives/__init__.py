"""The table of primitives: some fifty operations, with XLA's names, that everything is made of."""

from graphc.ir.primitives import (
    contraction,
    control,
    elementwise,
    indexing,
    linalg,
    movement,
    opaque,
    random,
    reduction,
    window,
)
from graphc.ir.primitives.row import PRIMITIVES, Cost, Primitive, apply, apply_all, step_cost

__all__ = [
    "PRIMITIVES",
    "Cost",
    "Primitive",
    "apply",
    "apply_all",
    "contraction",
    "control",
    "elementwise",
    "indexing",
    "linalg",
    "movement",
    "opaque",
    "random",
    "reduction",
    "step_cost",
    "window",
]
