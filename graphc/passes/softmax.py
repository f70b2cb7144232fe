"""Softmax without the largest of its rows.

Softmax does not change where a number is added to all of a row. Keras subtracts the row's largest,
so that no power overflows: few rows need that, and finding it takes longer than the powers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives import movement
from graphc.ir.primitives.reduction import BOUNDED_EXP, REDUCE_MAX, REDUCE_SUM
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor, key, uses_of
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by

FEWEST = 1 << 12
"""Elements that are worth a step that looks at them first."""


def softmax(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Softmax looks for the largest of a row only where powers could overflow."""
    uses = uses_of(results)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if step.primitive is rows.DIVIDE and uses[key(step.operands[0])] == 2:
            scores = _scores(*operands)
            if scores is not None and _is_worth(scores):
                powers = apply(BOUNDED_EXP, scores)
                total = apply(REDUCE_SUM, powers, axes=(powers.rank - 1,))
                return (apply(rows.DIVIDE, powers, _spread(total)),)
        return again(step, operands)

    return rebuild(results, {}, rule)


def _scores(powers: Tensor, total: Tensor) -> Tensor | None:
    """What softmax is of, where a quotient is one along the last axis."""
    summed = _reduced(total, REDUCE_SUM)
    exp = made_by(powers, rows.EXP)
    if summed is None or exp is None or key(summed) != key(powers):
        return None
    moved = made_by(exp.operands[0], rows.SUBTRACT)
    if moved is None:
        return None
    scores, largest = moved.operands
    found = _reduced(largest, REDUCE_MAX)
    return scores if found is not None and key(found) == key(scores) else None


def _reduced(tensor: Tensor, row: Primitive) -> Tensor | None:
    """What a tensor is reduced from along the last axis, which is 1 now."""
    reshaped = made_by(tensor, movement.RESHAPE)
    step = None if reshaped is None else made_by(reshaped.operands[0], row)
    if step is None:
        return None
    (x,) = step.operands
    is_last = step.attributes["axes"] == (x.rank - 1,)
    return x if is_last and tensor.shape == (*x.shape[:-1], 1) else None


def _spread(total: Tensor) -> Tensor:
    return apply(movement.RESHAPE, total, shape=(*total.shape, 1))


def _is_worth(scores: Tensor) -> bool:
    """Whether there are enough elements, in each example where their number is open.

    Floats have to be wide enough for powers that are not divided by the largest.
    """
    is_wide = scores.dtype in ("float32", "float64")
    return is_wide and prod(dim for dim in scores.shape if isinstance(dim, int)) >= FEWEST
