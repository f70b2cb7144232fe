"""`keras.ops`: the largest, or the mean, in a sliding window.

Inputs are [batch, *spatial, channels], or [batch, channels, *spatial] with `channels_first`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.row import Primitive
from graphc.ir.primitives.window import REDUCE_WINDOW_MAX, REDUCE_WINDOW_SUM
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum, minimum
from graphc.ops.convert import Integers, TensorLike, as_tensor, cast
from graphc.ops.convolution import need_padding, per_axis
from graphc.ops.creation import iota
from graphc.ops.limits import FEW_NUMBERS
from graphc.ops.padding import same_padding
from graphc.ops.shaping import to_shape
from graphc.record import Record


class Window(Record):
    """A sliding window with one entry for each axis of the tensor it slides over."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: tuple[tuple[Dim, Dim], ...]


@op()
def max_pool(
    inputs: TensorLike,
    pool_size: Integers,
    strides: Integers | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The largest element in each window; padding does not count."""
    x = as_tensor(inputs)
    return _slide(REDUCE_WINDOW_MAX, x, _window(x, pool_size, strides, padding, data_format))


@op()
def average_pool(
    inputs: TensorLike,
    pool_size: Integers,
    strides: Integers | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The mean of each window; padding does not count."""
    x = as_tensor(inputs)
    window = _window(x, pool_size, strides, padding, data_format)
    total = _slide(REDUCE_WINDOW_SUM, x, window)
    return total / _count(x, window, total)


def _window(
    x: Tensor, pool_size: Any, strides: Any, padding: str, data_format: str | None
) -> Window:
    count = x.rank - 2
    if count < 1:
        raise Fault(
            RANK_MISMATCH,
            f"needs a batch, axes to slide over and channels, got {x.type}",
            inputs=("inputs",),
        )
    size = per_axis(pool_size, count, "pool_size")
    steps = size if strides is None else per_axis(strides, count, "strides")
    first = 2 if data_format == "channels_first" else 1
    is_same = need_padding(padding) == "same"
    pads: tuple[tuple[Dim, Dim], ...] = tuple(
        same_padding(x.shape[first + i], size[i], steps[i]) if is_same else (0, 0)
        for i in range(count)
    )
    before, after = (1,) * first, (1,) * (x.rank - first - count)
    still = ((0, 0),)
    return Window(
        before + size + after,
        before + steps + after,
        still * len(before) + pads + still * len(after),
    )


def _slide(row: Primitive, x: Tensor, window: Window) -> Tensor:
    return apply(row, x, window=window.size, strides=window.strides, padding=window.padding)


def _count(x: Tensor, window: Window, result: Tensor) -> Tensor | int:
    """How many elements of x each window holds: the product of what it holds along each axis."""
    padded = [axis for axis in range(x.rank) if window.padding[axis] != (0, 0)]
    counts: Tensor | int = prod(size for axis, size in enumerate(window.size) if axis not in padded)
    for axis in padded:
        shape = tuple(dim if i == axis else 1 for i, dim in enumerate(result.shape))
        along = to_shape(_held(x.shape[axis], result.shape[axis], window, axis), shape)
        counts = counts * cast(along, result.dtype)
    return counts


def _held(size: Dim, places: Dim, window: Window, axis: int) -> Tensor:
    """How many elements along an axis of some size the window holds at each place."""
    reach, step, before = window.size[axis], window.strides[axis], window.padding[axis][0]
    is_known = isinstance(size, int) and isinstance(before, int)
    if is_known and isinstance(places, int) and places <= FEW_NUMBERS:
        starts = [place * step - before for place in range(places)]
        return as_tensor([min(start + reach, size) - max(start, 0) for start in starts])
    start = iota((places,)) * step - as_tensor(before, "int32")
    return minimum(start + reach, as_tensor(size, "int32")) - maximum(start, 0)
