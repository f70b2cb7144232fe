"""`keras.ops.image`: images resized, padded and cropped.

Images are [batch, height, width, channels] or without batch; [batch, channels, height, width]
with `channels_first`.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least, dim_max, dim_min
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import PAD
from graphc.ir.primitives.window import RESIZE
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.conversion import rounded_to
from graphc.ops.convert import ShapeLike, TensorLike, as_float, as_shape, as_tensor
from graphc.ops.convolution import are_channels_first
from graphc.ops.joining import part

RESIZE_INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")


def image_axes(x: Tensor, data_format: str | None) -> tuple[int, int, int]:
    """The axes of height, width and channels; a fault for what is not an image, or a batch."""
    if x.rank not in (3, 4):
        raise Fault(
            RANK_MISMATCH,
            f"needs an image of rank 3, or a batch of rank 4, got {x.type}",
            inputs=("images",),
        )
    if are_channels_first(data_format):
        return x.rank - 2, x.rank - 1, x.rank - 3
    return x.rank - 3, x.rank - 2, x.rank - 1


@op("image.resize")
def resize(
    images: TensorLike,
    size: ShapeLike,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Images of another height and width; first cropped or padded to its ratio, if asked."""
    x = as_tensor(images)
    height, width, _ = image_axes(x, data_format)
    target = _target(size)
    _check_resize(interpolation, fill_mode, crop_to_aspect_ratio, pad_to_aspect_ratio)
    wide = x if interpolation == "nearest" else as_float(x)
    if crop_to_aspect_ratio:
        wide = _cropped(wide, height, width, target)
    elif pad_to_aspect_ratio:
        wide = _padded(wide, height, width, target, fill_value)
    shape = tuple(
        target[0] if axis == height else target[1] if axis == width else dim
        for axis, dim in enumerate(wide.shape)
    )
    if shape != wide.shape:
        wide = apply(RESIZE, wide, shape=shape, interpolation=interpolation, antialias=antialias)
    return rounded_to(wide, x.dtype)


def _target(size: Any) -> Shape:
    target = as_shape(size)
    if len(target) != 2 or any(at_least(dim, 1) is False for dim in target):
        raise Fault(
            INVALID_VALUE,
            f"needs `size` to be a height and a width of at least 1, got {list(target)}",
            arguments=("size",),
        )
    return target


def _check_resize(interpolation: str, fill_mode: str, crops: bool, pads: bool) -> None:
    if interpolation not in RESIZE_INTERPOLATIONS:
        raise Fault(
            INVALID_VALUE,
            f"needs `interpolation` to be one of {', '.join(RESIZE_INTERPOLATIONS)}, "
            f'got "{interpolation}"',
            arguments=("interpolation",),
        )
    if fill_mode != "constant":
        raise Fault(
            INVALID_VALUE,
            f'needs `fill_mode` to be "constant", got "{fill_mode}"',
            arguments=("fill_mode",),
        )
    if crops and pads:
        raise Fault(
            CONFLICTING_ARGUMENTS,
            "takes one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`, got both",
            arguments=("crop_to_aspect_ratio", "pad_to_aspect_ratio"),
        )


def _cropped(x: Tensor, height: int, width: int, target: Shape) -> Tensor:
    """The middle of the images, as large as it can be in the ratio of the target."""
    tall, broad = x.shape[height], x.shape[width]
    kept_tall = dim_max(dim_min(tall, broad * target[0] // target[1]), 1)
    kept_broad = dim_max(dim_min(broad, tall * target[1] // target[0]), 1)
    x = part(x, height, (tall - kept_tall) // 2, kept_tall)
    return part(x, width, (broad - kept_broad) // 2, kept_broad)


def _padded(x: Tensor, height: int, width: int, target: Shape, fill_value: float) -> Tensor:
    """The images amid as much padding as gives them the ratio of the target."""
    tall, broad = x.shape[height], x.shape[width]
    above = (dim_max(tall, broad * target[0] // target[1]) - tall) // 2
    beside = (dim_max(broad, tall * target[1] // target[0]) - broad) // 2
    return _with_border(x, {height: (above, above), width: (beside, beside)}, fill_value)


def _with_border(x: Tensor, borders: dict[int, tuple[Dim, Dim]], value: float = 0) -> Tensor:
    widths = tuple(borders.get(axis, (0, 0)) for axis in range(x.rank))
    if all(pair == (0, 0) for pair in widths):
        return x
    return apply(PAD, x, widths=widths, mode="constant", value=value)


@op("image.pad_images")
def pad_images(
    images: TensorLike,
    top_padding: Dim | None = None,
    left_padding: Dim | None = None,
    bottom_padding: Dim | None = None,
    right_padding: Dim | None = None,
    target_height: Dim | None = None,
    target_width: Dim | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Images with zeros around them; of two paddings and a target size, two are given."""
    x = as_tensor(images)
    height, width, _ = image_axes(x, data_format)
    rows = _complete(
        x.shape[height], top_padding, bottom_padding, target_height, "top bottom height", "padding"
    )
    columns = _complete(
        x.shape[width], left_padding, right_padding, target_width, "left right width", "padding"
    )
    return _with_border(x, {height: rows, width: columns})


@op("image.crop_images")
def crop_images(
    images: TensorLike,
    top_cropping: Dim | None = None,
    left_cropping: Dim | None = None,
    bottom_cropping: Dim | None = None,
    right_cropping: Dim | None = None,
    target_height: Dim | None = None,
    target_width: Dim | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Images without their edges; of two croppings and a target size, two are given."""
    x = as_tensor(images)
    height, width, _ = image_axes(x, data_format)
    tall, broad = x.shape[height], x.shape[width]
    top, bottom = _complete(
        tall, top_cropping, bottom_cropping, target_height, "top bottom height", "cropping"
    )
    left, right = _complete(
        broad, left_cropping, right_cropping, target_width, "left right width", "cropping"
    )
    x = part(x, height, top, tall - top - bottom)
    return part(x, width, left, broad - left - right)


def _complete(
    size: Dim, before: Dim | None, after: Dim | None, target: Dim | None, words: str, kind: str
) -> tuple[Dim, Dim]:
    """How much goes before and after, the one that is not given computed from the target."""
    first, last, axis = words.split()
    names = (f"{first}_{kind}", f"{last}_{kind}", f"target_{axis}")
    if (before, after, target).count(None) != 1:
        raise Fault(
            CONFLICTING_ARGUMENTS,
            f"needs exactly two of `{names[0]}`, `{names[1]}` and `{names[2]}`",
            arguments=names,
        )
    if target is not None:
        change = target - size if kind == "padding" else size - target
        before = change - after if before is None and after is not None else before
        after = change - before if after is None and before is not None else after
    assert before is not None
    assert after is not None
    left = before if kind == "padding" else size - before - after
    for amount in (before, after, left):
        if at_least(amount, 0) is False:
            raise Fault(
                INVALID_VALUE,
                f"needs a {kind} that fits a {axis} of {size}, got {before} and {after}",
                arguments=names,
            )
    return before, after
