"""Convolutions with windows of one element, which are products with a matrix."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import is_zero


def pointwise(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results, with products where convolutions look at one element at a time."""
    return rebuild(results, {}, _rule)


def _rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if step.primitive is not contraction.CONV or not _is_pointwise(step):
        return again(step, operands)
    x, kernel = operands
    strides = step.attributes["strides"]
    if any(stride != 1 for stride in strides):
        shape = (*step.types[0].shape[:-1], x.shape[-1])
        starts = (0,) * x.rank
        x = apply(movement.SLICE, x, starts=starts, sizes=shape, strides=(1, *strides, 1))
    matrix = apply(movement.RESHAPE, kernel, shape=kernel.shape[-2:])
    contracting = ((x.rank - 1,), (0,))
    return (apply(contraction.DOT_GENERAL, x, matrix, contracting=contracting),)


def _is_pointwise(step: Step) -> bool:
    attributes = step.attributes
    return (
        all(size == 1 for size in step.operands[1].shape[:-2])
        and attributes["groups"] == 1
        and all(dilation == 1 for dilation in attributes["input_dilation"])
        and is_zero(attributes["padding"])
    )
