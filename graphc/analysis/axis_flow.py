"""Where an axis of a tensor goes in a primitive, and where one of its result comes from.

An axis that is divided between devices stays divided where every device can go on with its own part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.ir.dims import Dim, product
from graphc.ir.primitives.elementwise import ELEMENTWISE
from graphc.ir.tensor import Step
from graphc.ir.types import Shape

BLOCKED = -1
"""The axis is walked along, or taken apart: no device can go on alone."""
NOWHERE = -2
"""The axis is not one of the other side's: it is broadcast there, or contracted."""

Forward = Callable[[Step, int, int], int]
Backward = Callable[[Step, int, int], int]


def result_axis(step: Step, operand: int, axis: int) -> int:
    """Which axis of the result an operand's is; `BLOCKED`, or `NOWHERE` for a contracted one."""
    found = _RULES.get(step.primitive.name)
    return BLOCKED if found is None else found[0](step, operand, axis)


def operand_axis(step: Step, operand: int, axis: int) -> int:
    """Which axis of an operand the result's is; `BLOCKED`, or `NOWHERE` where it has none."""
    found = _RULES.get(step.primitive.name)
    return BLOCKED if found is None else found[1](step, operand, axis)


def _aligned(step: Step, operand: int, axis: int) -> int:
    """Shapes are aligned at their last axes."""
    return axis + len(step.types[0].shape) - len(step.operands[operand].shape)


def _aligned_back(step: Step, operand: int, axis: int) -> int:
    shape = step.operands[operand].shape
    place = axis - (len(step.types[0].shape) - len(shape))
    return NOWHERE if place < 0 or shape[place] == 1 else place


def _moved(step: Step, operand: int, axis: int) -> int:
    place: int = step.attributes["permutation"].index(axis)
    return place


def _moved_back(step: Step, operand: int, axis: int) -> int:
    place: int = step.attributes["permutation"][axis]
    return place


def _reshaped(step: Step, operand: int, axis: int) -> int:
    return same_place(step.operands[0].shape, step.types[0].shape, axis)


def _reshaped_back(step: Step, operand: int, axis: int) -> int:
    return same_place(step.types[0].shape, step.operands[0].shape, axis)


def same_place(before: Shape, after: Shape, axis: int) -> int:
    """The axis of a reshaped tensor that an axis becomes, or begins with.

    [B, T, 12 * 64] -> [B, T, 12, 64] and back: parts of the long axis are parts of the 12.
    """
    ahead: Dim = product(before[:axis])
    for place, size in enumerate(after):
        if product(after[:place]) == ahead and size != 1:
            return place if _divides(before[axis], size) else BLOCKED
    return BLOCKED


def _divides(a: Dim, b: Dim) -> bool:
    if isinstance(a, int) and isinstance(b, int):
        return a % b == 0 or b % a == 0
    return a == b


def _reduced(step: Step, operand: int, axis: int) -> int:
    axes = step.attributes["axes"]
    return BLOCKED if axis in axes else axis - sum(each < axis for each in axes)


def _reduced_back(step: Step, operand: int, axis: int) -> int:
    axes = step.attributes["axes"]
    kept = [each for each in range(len(step.operands[0].shape)) if each not in axes]
    return kept[axis]


def _whole(step: Step, operand: int, axis: int) -> int:
    """A slice or padding leaves an axis alone, or takes it apart."""
    before, after = step.operands[0].shape[axis], step.types[0].shape[axis]
    strides = step.attributes.get("strides")
    return axis if before == after and (strides is None or strides[axis] == 1) else BLOCKED


def _beside(step: Step, operand: int, axis: int) -> int:
    """Parts are joined, or cumulated, along another axis."""
    return BLOCKED if axis == step.attributes["axis"] else axis


def _free_axes(step: Step) -> list[list[int]]:
    """Each operand's axes that are not contracted, in the order of the result's."""
    contracting = step.attributes["contracting"]
    batch = step.attributes.get("batch", ((), ()))
    return [
        [
            axis
            for axis in range(len(step.operands[side].shape))
            if axis not in contracting[side] and axis not in batch[side]
        ]
        for side in (0, 1)
    ]


def _multiplied(step: Step, operand: int, axis: int) -> int:
    if axis in step.attributes["contracting"][operand]:
        return NOWHERE
    batch = step.attributes.get("batch", ((), ()))
    if axis in batch[operand]:
        place: int = batch[operand].index(axis)
        return place
    free = _free_axes(step)
    return len(batch[0]) + (len(free[0]) if operand else 0) + free[operand].index(axis)


def _multiplied_back(step: Step, operand: int, axis: int) -> int:
    batch = step.attributes.get("batch", ((), ()))
    if axis < len(batch[0]):
        place: int = batch[operand][axis]
        return place
    free = _free_axes(step)
    place = axis - len(batch[0]) - (len(free[0]) if operand else 0)
    return free[operand][place] if 0 <= place < len(free[operand]) else NOWHERE


_RULES: dict[str, tuple[Forward, Backward]] = {
    **dict.fromkeys((*ELEMENTWISE, "broadcast", "stop_gradient"), (_aligned, _aligned_back)),
    "transpose": (_moved, _moved_back),
    "reshape": (_reshaped, _reshaped_back),
    **dict.fromkeys(
        [f"reduce_{name}" for name in ("sum", "prod", "max", "min", "and", "or")],
        (_reduced, _reduced_back),
    ),
    **dict.fromkeys(("slice", "pad"), (_whole, _whole)),
    "concatenate": (_beside, _beside),
    "dot_general": (_multiplied, _multiplied_back),
}


def contracted_with(step: Step, operand: int, axis: int) -> tuple[int, int] | None:
    """The other operand of a product, and its axis that an operand's is multiplied along."""
    contracting: Any = step.attributes.get("contracting")
    if contracting is None or axis not in contracting[operand]:
        return None
    other = 1 - operand
    return other, contracting[other][contracting[operand].index(axis)]
