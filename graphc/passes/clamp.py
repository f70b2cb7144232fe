"""A number cut off below and above, as in relu6, as one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import number_of, operands_of


def clamp(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """A maximum of a minimum, or the other way round, with numbers, becomes one step."""
    return rebuild(results, {}, _rule)


_OTHER = {rows.MAXIMUM: rows.MINIMUM, rows.MINIMUM: rows.MAXIMUM}


def _rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    made = again(step, operands)
    other = _OTHER.get(step.primitive)
    if other is None or made[0].dtype not in ("float32", "float64"):
        return made
    for inner, last in _bounded(made[0], step.primitive):
        for x, first in _bounded(inner, other):
            low, high = (first, last) if step.primitive is rows.MINIMUM else (last, first)
            if low <= high and x.shape == made[0].shape:
                return (apply(rows.CLAMP, x, low=low, high=high),)
    return made


def _bounded(tensor: Tensor, row: Primitive) -> Iterator[tuple[Tensor, float]]:
    """What a number is held against by a step of this primitive, and the number."""
    for x, bound in operands_of(tensor, row):
        number = number_of(bound)
        if number is not None and not isnan(number):
            yield x, number
