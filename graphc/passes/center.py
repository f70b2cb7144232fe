"""Normalizations in fewer passes over what they normalize.

Layers spell them as Keras does, x * factor + (shift - mean * factor). Where the variance is x's own,
x - mean is there already, and (x - mean) * factor + shift takes fewer steps of full size. A factor that
is a number for each row times one for each column is multiplied in two steps, since together
they are as large as x. What rounding does changes, mostly for the better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by, operands_of


def center(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Normalizations scale what is centered already."""
    centered: dict[tuple[tuple[int, int], tuple[int, int]], Tensor] = {}

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        if step.primitive is rows.SUBTRACT:
            centered[key(operands[0]), key(operands[1])] = made[0]
        if step.primitive is rows.ADD:
            for x, mean, factor, shift in _normalizations(*operands):
                found = centered.get((key(x), key(mean)))
                result = None if found is None else _scaled(found, factor)
                if result is not None and shift is not None:
                    result = apply(rows.ADD, result, shift)
                if result is not None and result.type == made[0].type:
                    return (result,)
        return made

    return rebuild(results, {}, rule)


def _normalizations(a: Tensor, b: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
    """The ways to read a sum as x * factor + (-mean * factor + shift)."""
    for product, rest in ((a, b), (b, a)):
        for x, factor in operands_of(product, rows.MULTIPLY):
            for moved, shift in ((rest, None), *operands_of(rest, rows.ADD)):
                for negative, other in operands_of(moved, rows.MULTIPLY):
                    mean = made_by(negative, rows.NEGATE)
                    if mean is not None and key(other) == key(factor):
                        yield x, mean.operands[0], factor, shift


def _scaled(x: Tensor, factor: Tensor) -> Tensor:
    """x * factor, one part after the other where that is smaller."""
    product = made_by(factor, rows.MULTIPLY)
    if product is None or factor.shape != x.shape:
        return apply(rows.MULTIPLY, x, factor)
    first, second = product.operands
    if factor.shape in (first.shape, second.shape):
        return apply(rows.MULTIPLY, x, factor)
    return apply(rows.MULTIPLY, apply(rows.MULTIPLY, x, first), second)
