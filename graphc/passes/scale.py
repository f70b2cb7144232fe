"""Products of tensors are scaled where there is the least to scale.

What multiplies or divides all that a sum goes over may as well do so to a factor before it, or to the
result behind it. Attention has both: scores are scaled by a number, and the shares that values
are summed by are divided by their sum, each of them in the largest tensors that there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor, key, uses_of
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by, number_of

_SCALES = (rows.MULTIPLY, rows.DIVIDE)


def scale(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Factors of products are scaled in place of the results, or the results, whichever is less."""
    uses = uses_of(results)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        if made[0].dtype not in ("float32", "float64"):
            return made
        found = None
        if step.primitive in _SCALES:
            found = _before(step.primitive, [uses[key(x)] == 1 for x in step.operands], operands)
        elif step.primitive is contraction.DOT_GENERAL and uses[key(step.operands[0])] == 1:
            found = _behind(step, *operands)
        return made if found is None else (found,)

    return rebuild(results, {}, rule)


def _before(row: Primitive, single: list[bool], operands: tuple[Tensor, ...]) -> Tensor | None:
    """A product times a number, or divided by one: its smaller factor is scaled instead."""
    for place, number in ((0, 1), (1, 0)) if row is rows.MULTIPLY else ((0, 1),):
        product = made_by(operands[place], contraction.DOT_GENERAL)
        if product is None or not single[place] or number_of(operands[number]) is None:
            continue
        factors = list(product.operands)
        least = min((0, 1), key=lambda each: _size(factors[each]) or 0)
        if not _is_less(factors[least], operands[place]):
            continue
        factors[least] = apply(row, factors[least], operands[number])
        return apply(contraction.DOT_GENERAL, *factors, **product.attributes)
    return None


def _behind(step: Step, x: Tensor, y: Tensor) -> Tensor | None:
    """A product of rows that were scaled by a number each: the result's rows are scaled instead."""
    last = x.rank - 1
    batch = step.attributes.get("batch", ((), ()))[0]
    is_by_rows = step.attributes["contracting"][0] == (last,) and batch == tuple(range(len(batch)))
    scaled = made_by(x, rows.DIVIDE) or made_by(x, rows.MULTIPLY)
    if scaled is None or not is_by_rows:
        return None
    result = step.types[0].shape
    for inner, factor in (scaled.operands, scaled.operands[::-1]):
        is_row = inner.shape == x.shape and factor.shape == (*x.shape[:-1], 1)
        if is_row and x.shape[-1] != 1:
            made = apply(contraction.DOT_GENERAL, inner, y, **step.attributes)
            shape = (*x.shape[:-1], *(1 for _ in result[last:]))
            rest = apply(movement.RESHAPE, factor, shape=shape)
            return apply(scaled.primitive, made, rest) if _is_less(made, x) else None
        if scaled.primitive is rows.DIVIDE:
            return None
    return None


def _is_less(a: Tensor, b: Tensor) -> bool:
    """Whether one tensor is known to have fewer elements."""
    first, second = _size(a), _size(b)
    return first is not None and second is not None and first < second


def _size(tensor: Tensor) -> int | None:
    sizes = [dim for dim in tensor.shape if isinstance(dim, int)]
    return prod(sizes) if len(sizes) == tensor.rank else None
