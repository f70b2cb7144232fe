"""Layers that bring images to a size, a contrast or a range of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need
from graphc.declare.rules import REJECTED, Flag, Number, OneOf, Optional, Positive, Rule, Text
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.tensor import Tensor
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT, grid
from graphc.ops.arithmetic import maximum, minimum, where
from graphc.ops.comparison import isnan
from graphc.ops.convert import cast
from graphc.ops.creation import arange
from graphc.ops.gathering import take
from graphc.ops.image_size import RESIZE_INTERPOLATIONS, resize
from graphc.ops.joining import part
from graphc.ops.random import uniform
from graphc.ops.reduction import max_, min_


class ValueRange(Rule):
    """The least and the largest value of a pixel: a list of two numbers, kept in order."""

    @property
    def sentence(self) -> str:
        return "a list of two numbers, the least and the largest value of a pixel"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            return REJECTED
        items = tuple(Number().accept(item) for item in value)
        return REJECTED if REJECTED in items else tuple(sorted(items))

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((0, 255), [0.0, 1.0])

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (255, [0, 1, 2])


VALUE_RANGE = ValueRange()


class ImageLayer(Layer, abstract=True):
    """A layer over a batch of images.

    Keras takes a single image too, which a graph never has; and boxes, labels and masks in a
    dict, for which `bounding_box_format` is.
    """

    category = "preprocessing"
    trains_by_default = True

    # Without annotations: to mypy, they come first, and before what has no default.
    data_format = Arg(DATA_FORMAT, default=None, kw_only=True)
    bounding_box_format = Arg(Optional(Text()), default=None, kw_only=True)

    @property
    def is_channels_first(self) -> bool:
        """Whether channels come before height and width."""
        return bool(self.data_format == "channels_first")

    @property
    def image_axes(self) -> tuple[int, int]:
        """The axes of height and width."""
        return (2, 3) if self.is_channels_first else (1, 2)

    def input_needs(self) -> Mapping[str, Need]:
        """The rank, with the axes named in the order of the layer's data format."""
        return {self.parameters[0]: grid(2, is_channels_first=self.is_channels_first)}


class Resizing(ImageLayer):
    """Bring images to a height and width."""

    height: int = Arg(Positive())
    width: int = Arg(Positive())
    interpolation: str = Arg(OneOf(RESIZE_INTERPOLATIONS), default="bilinear")
    crop_to_aspect_ratio: bool = Arg(Flag(), default=False)
    pad_to_aspect_ratio: bool = Arg(Flag(), default=False)
    fill_mode: str = Arg(OneOf(("constant",)), default="constant")
    fill_value: float = Arg(Number(), default=0.0)
    antialias: bool = Arg(Flag(), default=False)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def validate(self) -> None:
        """Check that images are cropped or padded, not both."""
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "takes one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`, got both",
                arguments=("crop_to_aspect_ratio", "pad_to_aspect_ratio"),
            )

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, any, any, C] -> [B, height, width, C]."""
        resized = resize(
            data,
            (self.height, self.width),
            interpolation=self.interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return cast(resized, self.compute_dtype)


class CenterCrop(ImageLayer):
    """Cut out the middle of images, or where they are smaller, resize what fits the ratio."""

    height: int = Arg(Positive())
    width: int = Arg(Positive())
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, any, any, C] -> [B, height, width, C]."""
        x = cast(data, self.compute_dtype)
        wanted = (self.height, self.width)
        spare = [x.shape[axis] - size for axis, size in zip(self.image_axes, wanted, strict=True)]
        if any(at_least(dim, 0) is False for dim in spare):
            return fitted(x, wanted, self.data_format)
        for axis, size, left in zip(self.image_axes, wanted, spare, strict=True):
            x = part(x, axis, left // 2, size)
        return x


class RandomCrop(ImageLayer):
    """Cut out a random part of images in training, and else resize what fits the ratio.

    Keras 3.15 documents the latter, and declares the shape; in fact it hands on the images.
    """

    height: int = Arg(Positive())
    width: int = Arg(Positive())
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    name = Arg(Optional(Text()), default=None)

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, any, any, C] -> [B, height, width, C]."""
        x = cast(data, self.compute_dtype)
        return (
            self._cut(x)
            if scope.training
            else fitted(x, (self.height, self.width), self.data_format)
        )

    def _cut(self, x: Tensor) -> Tensor:
        """A part that begins at random, the same for all images; what is too small is resized."""
        sizes: list[Any] = [x.shape[axis] for axis in self.image_axes]
        wanted = (self.height, self.width)
        if not all(isinstance(size, int) for size in sizes):
            return fitted(x, wanted, self.data_format)
        height, width = sizes
        cut = x
        fits = height > self.height and width > self.width
        middle = (
            max(min(height, int(width * self.height / self.width)), 1),
            max(min(width, int(height * self.width / self.height)), 1),
        )
        for place, (axis, size) in enumerate(zip(self.image_axes, wanted, strict=True)):
            if fits:
                starts = float(sizes[place] - size + 1)
                start = cast(uniform((), nth_seed(self.seed, place)) * starts, "int32")
                cut = take(cut, start + arange(size), axis)
            else:
                first = int((sizes[place] - middle[place]) / 2)
                cut = take(cut, arange(first, min(first + size, sizes[place])), axis)
        if all(cut.shape[axis] == size for axis, size in zip(self.image_axes, wanted, strict=True)):
            return cut
        return cast(resize(cut, wanted, data_format=self.data_format), x.dtype)


def fitted(x: Tensor, size: tuple[int, int], data_format: str | None) -> Tensor:
    """Resize the largest part of images, in their middle, that has the ratio of a size."""
    resized = resize(x, size, crop_to_aspect_ratio=True, data_format=data_format)
    return cast(resized, x.dtype)


class AutoContrast(ImageLayer):
    """Stretch the values of each image's channels to the whole range."""

    value_range: tuple[float, float] = Arg(VALUE_RANGE, default=(0, 255))

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, C]: the extremes are along axes 1 and 2, in either data format."""
        return self.vary(cast(data, self.compute_dtype))

    def vary(self, x: Tensor) -> Tensor:
        """Stretched, in training and otherwise."""
        images = in_range(x, self.value_range, (0, 255))
        low = min_(images, axis=(1, 2), keepdims=True)
        high = max_(images, axis=(1, 2), keepdims=True)
        factor = 255.0 / (high - low)
        stretched = minimum(maximum(images * factor - low * factor, 0.0), 255.0)
        result = in_range(stretched, (0, 255), self.value_range)
        return where(isnan(result), x, result)


def in_range(x: Tensor, source: tuple[float, float], target: tuple[float, float]) -> Tensor:
    """Map values from one range to another."""
    if source == target:
        return x
    shares = (x - source[0]) / (source[1] - source[0])
    return shares * (target[1] - target[0]) + target[0]
