"""`keras.ops`: windows of images side by side, and put together again."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import EMPTY_OUTPUT, INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, product
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import window_size
from graphc.ir.primitives.indexing import SCATTER_ADD
from graphc.ir.primitives.movement import PAD
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ops.convert import Integers, TensorLike, as_tensor
from graphc.ops.convolution import channels_back, channels_last, need_padding, per_axis
from graphc.ops.creation import filled
from graphc.ops.gathering import gathered, window_places
from graphc.ops.joining import part, stack
from graphc.ops.padding import same_padding
from graphc.ops.shaping import broadcasted, expand_dims, permuted, reshape, squeeze


@op("image.extract_patches")
def extract_patches(
    images: TensorLike,
    size: Integers,
    strides: Integers | None = None,
    dilation_rate: Integers = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The windows of images as channels: [..., places, window * channels]."""
    count = len(size) if isinstance(size, (tuple, list)) else 2
    if count not in (2, 3):
        raise Fault(
            INVALID_VALUE, f"needs a `size` of 2 or 3 numbers, got {size}", arguments=("size",)
        )
    return _patches(as_tensor(images), count, size, strides, dilation_rate, padding, data_format)


@op("image.extract_patches_3d", class_name="ExtractPatches")
def extract_patches_3d(
    volumes: TensorLike,
    size: Integers,
    strides: Integers | None = None,
    dilation_rate: Integers = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The windows of volumes as channels: [..., places, window * channels]."""
    return _patches(as_tensor(volumes), 3, size, strides, dilation_rate, padding, data_format)


def _patches(
    x: Tensor,
    count: int,
    size: Any,
    strides: Any,
    dilation_rate: Any,
    padding: str,
    data_format: str | None,
) -> Tensor:
    if x.rank not in (count + 1, count + 2):
        raise Fault(
            RANK_MISMATCH,
            f"needs a rank-{count + 1} or rank-{count + 2} tensor, got {x.type}",
        )
    batch = channels_last(x if x.rank == count + 2 else expand_dims(x, 0), data_format)
    window = per_axis(size, count, "size")
    steps = per_axis(strides or size, count, "strides")
    spread = per_axis(dilation_rate, count, "dilation_rate")
    is_same = need_padding(padding) == "same"
    found = batch
    for axis in range(count):
        place = 1 + 2 * axis  # each axis before has become two
        found = _windows(found, place, window[axis], steps[axis], spread[axis], is_same)
    order = (0, *range(1, 2 * count, 2), *range(2, 2 * count + 1, 2), 2 * count + 1)
    turned = permuted(found, order)
    depth = product(turned.shape[count + 1 :])
    result = channels_back(reshape(turned, (*turned.shape[: count + 1], depth)), data_format)
    return result if x.rank == count + 2 else squeeze(result, 0)


def _windows(
    x: Tensor, axis: int, window: int, stride: int, dilation: int, is_same: bool
) -> Tensor:
    """The axis as two: places and windows."""
    span = (window - 1) * dilation + 1
    pads: tuple[Dim, Dim] = same_padding(x.shape[axis], span, stride) if is_same else (0, 0)
    x = _padded(x, axis, pads)
    count = window_size(x.shape[axis], window, stride, dilation, (0, 0))
    return gathered(x, window_places(count, window, stride, dilation), axis)


def _padded(x: Tensor, axis: int, pads: tuple[Dim, Dim]) -> Tensor:
    if pads == (0, 0):
        return x
    widths = tuple(pads if i == axis else (0, 0) for i in range(x.rank))
    return apply(PAD, x, widths=widths, mode="constant", value=0)


@op()
def unfold(
    x: TensorLike,
    kernel_size: Integers,
    dilation: Integers = 1,
    padding: Integers = 0,
    stride: Integers = 1,
) -> Tensor:
    """The windows of images [n, c, h, w] as columns: [n, c * window, places]."""
    images = as_tensor(x)
    if images.rank != 4:
        raise Fault(RANK_MISMATCH, f"needs images [n, c, h, w], got {images.type}")
    window, spread, pads, steps = _settings(kernel_size, dilation, padding, stride)
    for axis in range(2):
        images = _padded(images, 2 + 2 * axis, (pads[axis], pads[axis]))
        images = _windows(images, 2 + 2 * axis, window[axis], steps[axis], spread[axis], False)
    n, c, rows, height, columns, width = images.shape
    turned = permuted(images, (0, 1, 3, 5, 2, 4))
    return reshape(turned, (n, c * height * width, rows * columns))


@op()
def fold(
    x: TensorLike,
    output_size: Integers,
    kernel_size: Integers,
    dilation: Integers = 1,
    padding: Integers = 0,
    stride: Integers = 1,
) -> Tensor:
    """Windows in columns [n, c * window, places] added up to images: what `unfold` takes apart."""
    columns = as_tensor(x)
    sizes = per_axis(output_size, 2, "output_size")
    window, spread, pads, steps = _settings(kernel_size, dilation, padding, stride)
    if columns.rank != 3:
        raise Fault(RANK_MISMATCH, f"needs columns [n, c * window, places], got {columns.type}")
    spans = [(window[i] - 1) * spread[i] + 1 for i in range(2)]
    counts = [(sizes[i] + 2 * pads[i] - spans[i]) // steps[i] + 1 for i in range(2)]
    taps, places = window[0] * window[1], counts[0] * counts[1]
    n, depth, given = columns.shape
    if min(counts) < 1:
        raise Fault(EMPTY_OUTPUT, f"needs an output of at least {spans}, got {list(sizes)}")
    if merge_dims(given, places) is None or merge_dims(depth // taps * taps, depth) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a multiple of {taps} rows and {places} places, got {columns.type}",
        )
    apart = reshape(columns, (n, depth // taps, *window, *counts))
    front = permuted(apart, (4, 2, 5, 3, 0, 1))  # [rows, height, columns, width, n, c]
    zeros = filled(
        (*(sizes[i] + 2 * pads[i] for i in range(2)), n, depth // taps), 0, columns.dtype
    )
    added = apply(SCATTER_ADD, zeros, _places(counts, window, steps, spread), front)
    for axis in range(2):
        added = part(added, axis, pads[axis], sizes[axis])
    return permuted(added, (2, 3, 0, 1))


def _places(
    counts: list[int], window: tuple[int, ...], steps: tuple[int, ...], spread: tuple[int, ...]
) -> Tensor:
    """Row and column of each element of each window: [rows, height, columns, width, 2]."""
    shape = (counts[0], window[0], counts[1], window[1])
    down = window_places(counts[0], window[0], steps[0], spread[0])
    across = window_places(counts[1], window[1], steps[1], spread[1])
    row = broadcasted(reshape(down, (*down.shape, 1, 1)), shape)
    return stack([row, broadcasted(across, shape)], -1)


def _settings(
    kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[tuple[int, ...], ...]:
    return (
        per_axis(kernel_size, 2, "kernel_size"),
        per_axis(dilation, 2, "dilation"),
        per_axis(padding, 2, "padding", 0),
        per_axis(stride, 2, "stride"),
    )
