"""`keras.ops`: convolutions.

Inputs are [batch, *spatial, channels], or [batch, channels, *spatial] with `channels_first`.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import (
    INVALID_VALUE,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
    UNKNOWN_SIZE,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import CONV
from graphc.ir.tensor import Tensor
from graphc.ops.convert import Integers, TensorLike, as_tensor
from graphc.ops.padding import same_padding
from graphc.ops.repetition import flip
from graphc.ops.shaping import moveaxis, reshape, swapaxes


@op()
def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: Integers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Integers = 1,
) -> Tensor:
    """Convolve with a kernel [*window, channels // groups, filters]."""
    x, kernel = _operands(inputs, kernel, data_format)
    channels, taken = x.shape[-1], kernel.shape[-2]
    groups = 1
    if isinstance(channels, int) and isinstance(taken, int):
        if taken == 0 or channels % taken:
            raise _bad_channels(x, kernel, taken)
        groups = channels // taken
    return channels_back(_slide(x, kernel, strides, padding, dilation_rate, groups), data_format)


@op()
def depthwise_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: Integers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Integers = 1,
) -> Tensor:
    """Convolve each channel by itself with a kernel [*window, channels, multiplier]."""
    x, kernel = _operands(inputs, kernel, data_format)
    *window, channels, multiplier = kernel.shape
    if not isinstance(channels, int) or x.shape[-1] not in (channels, UNKNOWN):
        raise _bad_channels(x, kernel, channels)
    flat = reshape(kernel, (*window, 1, channels * multiplier))
    return channels_back(_slide(x, flat, strides, padding, dilation_rate, channels), data_format)


@op()
def separable_conv(
    inputs: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: Integers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Integers = 1,
) -> Tensor:
    """Convolve each channel by itself, then mix the channels at each place."""
    x = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(x, pointwise_kernel, data_format=data_format)


@op()
def conv_transpose(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: Integers = 1,
    padding: str = "valid",
    output_padding: Integers | None = None,
    data_format: str | None = None,
    dilation_rate: Integers = 1,
) -> Tensor:
    """Spread each input over a window by a kernel [*window, filters, channels].

    This is the gradient of a convolution by its input: the input is dilated by the strides, and
    the kernel flipped.
    """
    x, kernel = as_tensor(inputs), as_tensor(kernel)
    x = channels_last(x, data_format)
    _need_ranks(x, kernel)
    if isinstance(x.shape[-1], int) and x.shape[-1] != kernel.shape[-1]:
        raise _bad_channels(x, kernel, kernel.shape[-1])
    count = x.rank - 2
    steps = per_axis(strides, count, "strides")
    spread = per_axis(dilation_rate, count, "dilation_rate")
    extra = (
        (None,) * count
        if output_padding is None
        else per_axis(output_padding, count, "output_padding", 0)
    )
    need_padding(padding)
    flipped = swapaxes(flip(kernel, tuple(range(count))), -1, -2)
    result = apply(
        CONV,
        x,
        flipped,
        strides=(1,) * count,
        padding=tuple(
            _transposed_padding(_span(kernel, spread, i), steps[i], padding, extra[i])
            for i in range(count)
        ),
        dilation=spread,
        input_dilation=steps,
        groups=1,
    )
    return channels_back(result, data_format)


def _operands(
    inputs: TensorLike, kernel: TensorLike, data_format: str | None
) -> tuple[Tensor, Tensor]:
    """The input with channels last, and the kernel."""
    weights = as_tensor(kernel)
    x = channels_last(as_tensor(inputs, weights.dtype), data_format)
    _need_ranks(x, weights)
    return x, weights


def _transposed_padding(span: int, stride: int, padding: str, extra: int | None) -> tuple[int, int]:
    """How the dilated input is padded, so that the output has Keras' size.

    That is `(size - 1) * stride + span + extra` for "valid" and `size * stride` for "same",
    where `extra` is not given.
    """
    if padding.lower() == "valid":
        return span - 1, span - 1 + (max(span, stride) - span if extra is None else extra)
    total = stride + span - 2 if extra is None else span + span % 2 - 2 + extra
    before = min(total // 2 + total % 2, span - 1)
    return before, total - before


def _slide(
    x: Tensor, kernel: Tensor, strides: Any, padding: str, dilation_rate: Any, groups: int
) -> Tensor:
    count = x.rank - 2
    filters = kernel.shape[-1]
    if isinstance(filters, int) and filters % groups:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a number of filters that its {groups} groups divide, got {filters}",
        )
    steps = per_axis(strides, count, "strides")
    spread = per_axis(dilation_rate, count, "dilation_rate")
    is_same = need_padding(padding) == "same"
    pads: tuple[tuple[Dim, Dim], ...] = tuple(
        same_padding(x.shape[i + 1], _span(kernel, spread, i), steps[i]) if is_same else (0, 0)
        for i in range(count)
    )
    return apply(
        CONV,
        x,
        kernel,
        strides=steps,
        padding=pads,
        dilation=spread,
        input_dilation=(1,) * count,
        groups=groups,
    )


def _span(kernel: Tensor, dilation: tuple[int, ...], axis: int) -> int:
    window = kernel.shape[axis]
    if not isinstance(window, int):
        raise Fault(UNKNOWN_SIZE, f"needs a kernel of known sizes, got {kernel.type}")
    return (window - 1) * dilation[axis] + 1


def need_padding(padding: str) -> str:
    """The padding in small letters; a fault where it is none that windows know."""
    if padding.lower() not in ("valid", "same"):
        raise Fault(
            INVALID_VALUE,
            f'needs `padding` to be "valid" or "same", got "{padding}"',
            arguments=("padding",),
        )
    return padding.lower()


def per_axis(value: Any, count: int, name: str, at_least: int = 1) -> tuple[int, ...]:
    """A number for each spatial axis, of which one may stand for all."""
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,) * count
    if len(numbers) != count or any(number < at_least for number in numbers):
        kind = "positive whole number" if at_least else "whole number that is not negative"
        raise Fault(
            INVALID_VALUE,
            f"needs `{name}` to be a {kind}, or {count} of them, got {value}",
            arguments=(name,),
        )
    return numbers


def are_channels_first(data_format: str | None) -> bool:
    """Whether a format has channels before the spatial axes; a fault where it is none."""
    if data_format not in (None, "channels_last", "channels_first"):
        raise Fault(
            INVALID_VALUE,
            f'needs `data_format` to be "channels_last" or "channels_first", got "{data_format}"',
            arguments=("data_format",),
        )
    return data_format == "channels_first"


def channels_last(x: Tensor, data_format: str | None) -> Tensor:
    """The tensor with its channels at the end."""
    return moveaxis(x, 1, -1) if are_channels_first(data_format) and x.rank > 2 else x


def channels_back(x: Tensor, data_format: str | None) -> Tensor:
    """The tensor with its channels where the format has them."""
    return moveaxis(x, -1, 1) if data_format == "channels_first" else x


def _need_ranks(x: Tensor, kernel: Tensor) -> None:
    if x.rank < 3 or x.rank != kernel.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs a batch, axes to slide over and channels, and a kernel of the same rank, "
            f"got {x.type} and {kernel.type}",
            inputs=("inputs", "kernel"),
        )


def _bad_channels(x: Tensor, kernel: Tensor, channels: Dim) -> Fault:
    return Fault(
        SHAPE_MISMATCH,
        f"needs {channels} channels for the kernel {kernel.type}, got {x.type}",
        label=f"{x.shape[-1]} channels do not fit {channels}",
        inputs=("inputs",),
    )
