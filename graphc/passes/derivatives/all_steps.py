"""What a loop makes of each step's tensors, done for all steps at once behind the loop.

One product of two long tensors takes less than many of short ones, and gradients of weights need
not be carried from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.movement import RESHAPE, TRANSPOSE
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Tensor, key

Whole: TypeAlias = Callable[[Tensor], Tensor]
"""What a tensor is for all steps, along a new first axis."""
Finish: TypeAlias = Callable[[Whole], Tensor]
Need: TypeAlias = Callable[[Tensor], None]
Changing: TypeAlias = Collection[tuple[int, int]]


def for_each_step(x: Tensor, changing: Changing, need: Need) -> Finish:
    """How x is made for all steps, of tensors that are asked for by `need`."""
    step = x.step
    if step is not None and key(x) in changing:
        attributes = step.attributes
        if step.primitive is DOT_GENERAL and not any(attributes.get("batch", ())):
            a, b = step.operands
            if key(a) in changing and key(b) not in changing:
                need(a)
                left, right = attributes["contracting"]
                contracting = (_behind(left), right)
                return lambda whole: apply(DOT_GENERAL, whole(a), b, contracting=contracting)
        if step.primitive is TRANSPOSE:
            inner = for_each_step(step.operands[0], changing, need)
            order = (0, *_behind(attributes["permutation"]))
            return lambda whole: apply(TRANSPOSE, inner(whole), permutation=order)
    need(x)
    return lambda whole: whole(x)


def summed_over_steps(x: Tensor, changing: Changing, need: Need) -> Finish | None:
    """How the sum of x over all steps is made of tensors asked for, if it is not by adding."""
    step = x.step
    if step is None or key(x) not in changing:
        return None
    operands, attributes = step.operands, step.attributes
    if step.primitive is DOT_GENERAL and all(key(operand) in changing for operand in operands):
        a, b = operands
        need(a)
        need(b)
        left, right = attributes["contracting"]
        contracting = (0, *_behind(left)), (0, *_behind(right))
        one, other = attributes.get("batch", ((), ()))
        batch = _behind(one), _behind(other)
        return lambda whole: apply(
            DOT_GENERAL, whole(a), whole(b), contracting=contracting, batch=batch
        )
    if step.primitive is REDUCE_SUM:
        (summed,) = operands
        need(summed)
        axes = (0, *_behind(attributes["axes"]))
        return lambda whole: apply(REDUCE_SUM, whole(summed), axes=axes)
    if step.primitive in (TRANSPOSE, RESHAPE):
        inner = summed_over_steps(operands[0], changing, need)
        if inner is None:
            return None
        return lambda whole: apply(step.primitive, inner(whole), **attributes)
    return None


def _behind(axes: tuple[int, ...]) -> tuple[int, ...]:
    """Axes where a new one comes first."""
    return tuple(axis + 1 for axis in axes)
