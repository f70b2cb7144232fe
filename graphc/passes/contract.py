"""Sums of products as products of tensors, which need no room for what is added up."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.primitives import contraction
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key, uses_of
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by

LONGEST = 1 << 12
"""Numbers that are added up at most: BLAS adds them one after the other, NumPy by halves."""


def contract(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Products of two rows that are added up, as in a variance, become one step."""
    uses = uses_of(results)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if step.primitive is REDUCE_SUM and uses[key(step.operands[0])] == 1:
            found = _product(step, operands[0])
            if found is not None:
                return (found,)
        return again(step, operands)

    return rebuild(results, {}, rule)


def _product(step: Step, summed: Tensor) -> Tensor | None:
    """The sum along the last axis of a product of two tensors of one shape, as one step."""
    product = made_by(summed, rows.MULTIPLY)
    last = summed.rank - 1
    if product is None or last < 1 or step.attributes["axes"] != (last,):
        return None
    x, y = product.operands
    length = summed.shape[last]
    is_short = isinstance(length, int) and length <= LONGEST
    if x.shape != y.shape or not is_short or x.dtype not in ("float32", "float64"):
        return None
    before = tuple(range(last))
    return apply(
        contraction.DOT_GENERAL, x, y, contracting=((last,), (last,)), batch=(before, before)
    )
