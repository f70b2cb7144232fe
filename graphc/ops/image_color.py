"""`keras.ops.image`: colors of images."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import DTYPE_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import is_float
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, equal, greater, less, maximum, minimum, mod, where
from graphc.ops.convert import TensorLike, as_float, as_tensor, cast
from graphc.ops.image_size import image_axes
from graphc.ops.joining import split, stack
from graphc.ops.linear_algebra import tensordot
from graphc.ops.norms import MACHINE_EPSILON
from graphc.ops.rounding import clip
from graphc.ops.shaping import expand_dims, squeeze


@op("image.rgb_to_grayscale", class_name="RGBToGrayscale")
def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Images of one channel: how bright each color is to the eye (ITU-R BT.601)."""
    x = as_tensor(images)
    *_, channels = image_axes(x, data_format)
    if x.shape[channels] == 1:
        return x
    _need_channels(x, channels, "3 channels, or 1")
    gray = tensordot(
        as_float(x), as_tensor([0.2989, 0.587, 0.114], as_float(x).dtype), [[channels], [0]]
    )
    return cast(expand_dims(gray, channels), x.dtype)


@op("image.rgb_to_hsv", class_name="RGBToHSV")
def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value of red, green and blue, each from 0 to 1."""
    x, channels = _colors(images, data_format)
    x = where(less(absolute(x), MACHINE_EPSILON[x.dtype]), 0, x)
    red, green, blue = (squeeze(plane, channels) for plane in split(x, 3, channels))
    value = maximum(maximum(red, green), blue)
    spread = value - minimum(minimum(red, green), blue)
    is_colored = greater(spread, 0)
    saturation = where(greater(value, 0), spread / where(greater(value, 0), value, 1), 0)
    unit = 1 / (where(is_colored, spread, 1) * 6)
    hue = where(equal(value, green), unit * (blue - red) + 2 / 6, unit * (red - green) + 4 / 6)
    hue = where(equal(value, red), unit * (green - blue), hue)
    hue = where(is_colored, hue, 0) + cast(less(hue, 0), hue.dtype)
    return stack([hue, saturation, value], channels)


@op("image.hsv_to_rgb", class_name="HSVToRGB")
def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Red, green and blue of hue, saturation and value, each from 0 to 1."""
    x, channels = _colors(images, data_format)
    hue, saturation, value = (squeeze(plane, channels) for plane in split(x, 3, channels))
    sixth = mod(hue, 1) * 6
    shares = (
        absolute(sixth - 3) - 1,
        2 - absolute(sixth - 2),
        2 - absolute(sixth - 4),
    )
    white = 1 - saturation
    return stack([value * (white + saturation * clip(s, 0, 1)) for s in shares], channels)


def _colors(images: Any, data_format: str | None) -> tuple[Tensor, int]:
    x = as_tensor(images)
    *_, channels = image_axes(x, data_format)
    if not is_float(x.dtype):
        raise Fault(DTYPE_MISMATCH, f"needs fractions, got {x.type}", inputs=("images",))
    _need_channels(x, channels, "3 channels")
    return x, channels


def _need_channels(x: Tensor, axis: int, what: str) -> None:
    if isinstance(x.shape[axis], int) and x.shape[axis] != 3:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs {what}, got {x.type}",
            label=f"axis {axis} has {x.shape[axis]}",
            inputs=("images",),
        )
