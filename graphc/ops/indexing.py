"""`keras.ops`: parts of tensors."""

from __future__ import annotations

from types import EllipsisType
from typing import Any, TypeAlias

from graphc.declare.op import op
from graphc.declare.values import value_text
from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE, INVALID_VALUE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, at_least, dim_max, dim_min
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import RESHAPE, SLICE
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape

Index: TypeAlias = "tuple[Any, ...] | Any"


class Cut:
    """One axis of an index: where it starts, how many it takes, by which step."""

    __slots__ = ("size", "start", "step")

    def __init__(self, start: Dim, size: Dim, step: int) -> None:
        self.start, self.size, self.step = start, size, step


@op(class_name="GetItem")
def get_item(x: Tensor, key: Index) -> Tensor:
    """x[key]: numbers take an axis away, slices shorten it, None adds one, ... stands for all."""
    items = key if isinstance(key, tuple) else (key,)
    starts: list[Dim] = []
    sizes: list[Dim] = []
    steps: list[int] = []
    shape: list[Dim] = []
    axis = 0
    for item in without_ellipsis(items, x.shape):
        if item is None:
            shape.append(1)
            continue
        if axis >= x.rank:
            raise _too_many(items, x)
        part = cut(item, x.shape[axis], axis)
        starts.append(part.start)
        sizes.append(part.size)
        steps.append(part.step)
        if isinstance(item, slice):
            shape.append(part.size)
        axis += 1
    result = x
    if tuple(sizes) != x.shape or any(step != 1 for step in steps) or any(s != 0 for s in starts):
        result = apply(SLICE, x, starts=tuple(starts), sizes=tuple(sizes), strides=tuple(steps))
    return result if tuple(shape) == tuple(sizes) else apply(RESHAPE, result, shape=tuple(shape))


def without_ellipsis(items: tuple[Any, ...], shape: Shape) -> list[Any]:
    """The items of a key, with a slice for each axis that it says nothing of."""
    taken = sum(item is not None and not isinstance(item, EllipsisType) for item in items)
    if sum(isinstance(item, EllipsisType) for item in items) > 1:
        raise Fault(INVALID_VALUE, "takes one `...` in an index, got two")
    rest = [slice(None)] * (len(shape) - taken)
    for place, item in enumerate(items):
        if isinstance(item, EllipsisType):
            return [*items[:place], *rest, *items[place + 1 :]]
    return [*items, *rest]


def _too_many(items: tuple[Any, ...], x: Tensor) -> Fault:
    count = sum(item is not None and not isinstance(item, EllipsisType) for item in items)
    return Fault(
        AXIS_OUT_OF_RANGE,
        f"needs an index for at most {x.rank} axes, got {count}",
        label=f"the tensor is {x.type}",
    )


def cut(item: Any, size: Dim, axis: int) -> Cut:
    """What an index or a slice takes along an axis of a size."""
    if isinstance(item, slice):
        return _slice_cut(item, size)
    if isinstance(item, bool) or not (isinstance(item, (int, SymbolicDim)) or item is UNKNOWN):
        raise Fault(INVALID_VALUE, f"needs numbers and slices for an index, got {value_text(item)}")
    if isinstance(item, int) and isinstance(size, int) and not -size <= item < size:
        raise Fault(
            AXIS_OUT_OF_RANGE,
            f"needs an index from {-size} to {size - 1} along axis {axis}, got {item}",
            label=f"axis {axis} has {size}",
        )
    is_negative = isinstance(item, int) and item < 0
    return Cut(size + item if is_negative else item, 1, 1)


def _slice_cut(item: slice, size: Dim) -> Cut:
    step = 1 if item.step is None else item.step
    if not isinstance(step, int) or step == 0:
        raise Fault(INVALID_VALUE, f"needs a step that is a number other than 0, got {step}")
    if isinstance(size, int) and all(isinstance(v, int | None) for v in (item.start, item.stop)):
        places = range(*item.indices(size))
        # `len` of it would be for sizes that fit into 64 bits.
        count = (places[-1] - places.start) // step + 1 if places else 0
        return Cut(places.start, count, step)
    if step > 0:
        start = _bound(item.start, size, 0)
        stop = _bound(item.stop, size, size)
        return Cut(start, _count(stop - start, step), step)
    if item.start is None and item.stop is None:
        return Cut(size - 1, _count(size, -step), step)
    return Cut(UNKNOWN, UNKNOWN, step)


def _bound(value: Dim | None, size: Dim, default: Dim) -> Dim:
    """A slice's end within the axis, for every size that the axis may have."""
    if value is None:
        return default
    if isinstance(value, int) and value < 0:
        return dim_max(size + value, 0)
    return dim_min(value, size)


def _count(length: Dim, step: int) -> Dim:
    places = length if step == 1 else (length + (step - 1)) // step
    return places if at_least(places, 0) is True else dim_max(places, 0)
