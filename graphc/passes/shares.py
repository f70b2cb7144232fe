"""Shares, as softmax gives them, and the scores that they are of: what does not change them."""

from __future__ import annotations

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key
from graphc.passes.simplify import made_by, number_of, operands_of


def add_up_to_one(shares: Tensor) -> bool:
    """Whether rows are divided by their own sums."""
    quotient = made_by(shares, rows.DIVIDE)
    if quotient is None:
        return False
    powers, total = quotient.operands
    reshaped = made_by(total, movement.RESHAPE)
    summed = None if reshaped is None else made_by(reshaped.operands[0], REDUCE_SUM)
    return (
        summed is not None
        and key(summed.operands[0]) == key(powers)
        and summed.attributes["axes"] == (powers.rank - 1,)
        and total.shape == (*powers.shape[:-1], 1)
    )


def without_shift(scores: Tensor) -> Tensor:
    """Scores without what is added to all of a row, as far as products with keys have it."""
    step = scores.step
    if step is None:
        return scores
    if step.primitive is contraction.DOT_GENERAL:
        queries, keys = step.operands
        found = _without_bias(step, keys)
        if found is not None:
            made = apply(contraction.DOT_GENERAL, queries, found, **step.attributes)
            return without_shift(made)
    elif step.primitive in (rows.MULTIPLY, rows.DIVIDE, rows.ADD):
        x, other = step.operands
        is_scale = number_of(other) is not None
        if x.shape == scores.shape and (step.primitive is rows.ADD or is_scale):
            inner = without_shift(x)
            if inner is not x:
                return apply(step.primitive, inner, other)
    return scores


def _without_bias(product: Step, keys: Tensor) -> Tensor | None:
    """Keys without their bias, where a product's last axis is the only one that keys alone have."""
    taken = (*product.attributes["contracting"][1], *product.attributes.get("batch", ((), ()))[1])
    own = [axis for axis in range(keys.rank) if axis not in taken]
    if len(own) != 1:
        return None
    for varying, bias in operands_of(keys, rows.ADD):
        axis = own[0] - keys.rank + bias.rank
        if varying.shape == keys.shape and (axis < 0 or bias.shape[axis] == 1):
            return varying
    return None
