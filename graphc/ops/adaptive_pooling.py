"""`keras.ops`: the largest, or the mean, in windows that cover an input in so many parts.

Inputs are [batch, *spatial, channels], or [batch, channels, *spatial] with `channels_first`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import EMPTY_OUTPUT, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, ceil_div
from graphc.ir.shapes import replace_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import minimum, where
from graphc.ops.convert import Integers, TensorLike, as_tensor, cast
from graphc.ops.convolution import channels_back, channels_last, per_axis
from graphc.ops.creation import iota
from graphc.ops.gathering import gathered
from graphc.ops.reduction import max_, mean, sum_
from graphc.ops.shaping import expand_dims, to_shape
from graphc.record import Record


class Windows(Record):
    """Where each window along an axis starts and ends, and how far the longest one reaches.

    `starts` and `ends` are int32 [count].
    """

    starts: Tensor
    ends: Tensor
    reach: Dim

    __hash__ = object.__hash__


@op()
def adaptive_average_pool(
    inputs: TensorLike, output_size: Integers, data_format: str | None = None
) -> Tensor:
    """The means of so many windows along each axis."""
    return _pooled(inputs, output_size, data_format, mean, _mean_of_parts)


@op()
def adaptive_max_pool(
    inputs: TensorLike, output_size: Integers, data_format: str | None = None
) -> Tensor:
    """The largest elements of so many windows along each axis."""
    return _pooled(inputs, output_size, data_format, max_, _max_of_parts)


def _pooled(
    inputs: Any,
    output_size: Any,
    data_format: str | None,
    reduce: Callable[..., Tensor],
    reduce_parts: Callable[[Tensor, Windows, int], Tensor],
) -> Tensor:
    """Pool along one axis after the other: both means and maxima of a box allow it."""
    x = channels_last(as_tensor(inputs), data_format)
    if x.rank < 3:
        raise Fault(
            RANK_MISMATCH,
            f"needs a batch, axes to pool along and channels, got {x.type}",
            inputs=("inputs",),
        )
    for axis, count in enumerate(per_axis(output_size, x.rank - 2, "output_size"), start=1):
        size = x.shape[axis]
        if size == 0:
            raise Fault(EMPTY_OUTPUT, f"needs at least 1 along axis {axis}, got {x.type}")
        if isinstance(size, int) and size % count == 0:
            parts = to_shape(x, replace_axis(x.shape, axis, count, size // count))
            x = reduce(parts, axis + 1)
        else:
            x = reduce_parts(x, _windows(size, count), axis)
    return channels_back(x, data_format)


def _windows(size: Dim, count: int) -> Windows:
    """Window i runs from floor(i * size / count) up to ceil((i + 1) * size / count)."""
    place, total = iota((count,)), as_tensor(size, "int32")
    starts = place * total // count
    ends = ((place + 1) * total + (count - 1)) // count
    if isinstance(size, int):
        reach: Dim = max(-(-(i + 1) * size // count) - i * size // count for i in range(count))
    else:
        reach = ceil_div(size, count) + 1
    return Windows(starts, ends, reach)


def _max_of_parts(x: Tensor, windows: Windows, axis: int) -> Tensor:
    return max_(_parts(x, windows, axis), axis + 1)


def _mean_of_parts(x: Tensor, windows: Windows, axis: int) -> Tensor:
    is_held = _places(windows) < expand_dims(windows.ends, 1)
    after = (1,) * (x.rank - axis - 1)
    held = to_shape(is_held, is_held.shape + after)
    count = to_shape(windows.ends - windows.starts, windows.ends.shape + after)
    total = sum_(where(held, _parts(x, windows, axis), 0), axis + 1)
    return total / cast(count, total.dtype)


def _places(windows: Windows) -> Tensor:
    """[count, reach]: places from each start on, the last of them perhaps past the end."""
    return expand_dims(windows.starts, 1) + iota((windows.reach,))


def _parts(x: Tensor, windows: Windows, axis: int) -> Tensor:
    """[..., count, reach, ...]: each window's elements, the last one again past its end."""
    places = minimum(_places(windows), expand_dims(windows.ends, 1) - 1)
    return gathered(x, places, axis)
