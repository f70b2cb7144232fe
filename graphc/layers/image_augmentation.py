"""Layers that vary images in training, and hand them on otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import (
    REJECTED,
    Flag,
    Integer,
    NonNegative,
    Number,
    OneOf,
    Optional,
    Positive,
    Rule,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.feature_preprocessing import Numbers
from graphc.layers.image_preprocessing import VALUE_RANGE, ImageLayer, in_range
from graphc.layers.image_variation import columns, interval, turn, within
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import equal, less_equal, logical_and, where
from graphc.ops.bitwise import left_shift, right_shift
from graphc.ops.convert import as_tensor, cast
from graphc.ops.convolution import depthwise_conv
from graphc.ops.creation import arange, full
from graphc.ops.cumulative import cumsum
from graphc.ops.elementary import sqrt
from graphc.ops.gathering import take
from graphc.ops.image_color import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from graphc.ops.image_filter import gaussian_blur
from graphc.ops.image_warp import affine_transform, perspective_transform
from graphc.ops.joining import concatenate, split
from graphc.ops.normalization import EPSILON
from graphc.ops.random import normal, uniform
from graphc.ops.reduction import argmax, mean, sum_
from graphc.ops.repetition import flip
from graphc.ops.rounding import clip, floor, round_
from graphc.ops.shaping import broadcast_to, reshape, swapaxes
from graphc.ops.statistics import bincount


class Factor(Rule):
    """A number from `low` to `high`, or a list of two: how strong the effect is.

    Keras lets a list reach beyond the limits where it overlaps them, unless `is_strict`.
    """

    low: float
    high: float
    is_strict: bool = False
    open_low: bool = False

    @property
    def sentence(self) -> str:
        limits = f"{'above' if self.open_low else 'from'} {self.low:g} to {self.high:g}"
        return f"a number {limits}, or a list of two"

    def accept(self, value: Any) -> Any:
        one = Number(self.low, self.high, open_low=self.open_low)
        if not isinstance(value, (list, tuple)):
            return one.accept(value)
        item = one if self.is_strict else Number()
        pair = tuple(item.accept(each) for each in value)
        if len(pair) != 2 or REJECTED in pair:
            return REJECTED
        return pair if pair[0] <= self.high and pair[1] >= self.low else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return (self.high, [self.low + (self.high - self.low) / 2, self.high])

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (self.high + 0.5, self.low - 0.5, [self.low], "much")


class Slant(Factor):
    """The factor of a shear: a number f is saved as [-f, f], which is no list that may be given."""

    def accept_saved(self, value: Any) -> Any:
        is_number = isinstance(value, (list, tuple)) and len(value) == 2 and value[0] == -value[1]
        return self.accept(value[1]) if is_number else REJECTED


class OddSizes(Rule):
    """An odd number, or a list of two."""

    @property
    def sentence(self) -> str:
        return "an odd number, or a list of two"

    def accept(self, value: Any) -> Any:
        items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        fits = all(Positive().accept(item) == item and item % 2 for item in items)
        is_pair = len(items) == 2 or not isinstance(value, (list, tuple))
        return (items if len(items) == 2 else value) if fits and is_pair else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return (3, [3, 5])

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (4, [3, 4], [3])


_UNIT = Factor(0, 1)
_STRICT_UNIT = Factor(0, 1, is_strict=True)
_SLANT = Slant(0, 1, is_strict=True)
_SIGNED = Factor(-1, 1)
_FILL = OneOf(("reflect", "wrap", "constant", "nearest"))
_ELASTIC_FILL = OneOf(("constant", "nearest", "wrap", "mirror", "reflect"))
_INTERPOLATION = OneOf(("nearest", "bilinear"))


class Augmentation(ImageLayer, abstract=True):
    """What hands on images except in training."""

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, C] -> the same."""
        x = cast(data, self.compute_dtype)
        return cast(self.vary(x), x.dtype) if scope.training else x

    def vary(self, x: Tensor) -> Tensor:
        """What training makes of the images."""
        return x

    def drawn(self, x: Tensor, place: int, limits: Sequence[float], rank: int = 4) -> Tensor:
        """A number between limits for each image, drawn anew in each place."""
        return self.drawn_in((x.shape[0], *(1,) * (rank - 1)), place, limits)

    def drawn_in(self, shape: Shape, place: int, limits: Sequence[float]) -> Tensor:
        """Numbers between limits, drawn anew in each place."""
        share = uniform(shape, nth_seed(vars(self)["seed"], place))
        return share * (limits[1] - limits[0]) + limits[0]

    def is_drawn(self, x: Tensor, place: int, factor: Any) -> Tensor:
        """Whether each image is changed: with a probability that is drawn too."""
        share = self.drawn(x, place, interval(factor, 0))
        return self.drawn(x, place + 1, (0, 1)) < share

    def channel_axis(self, x: Tensor) -> int:
        """The axis of colours."""
        return 1 if self.is_channels_first else x.rank - 1

    def size(self, x: Tensor) -> tuple[Any, Any]:
        """Height and width."""
        height, width = (x.shape[axis] for axis in self.image_axes)
        return height, width

    def read(self, x: Tensor, transform: Tensor) -> Tensor:
        """Images read at transformed places."""
        options = vars(self)
        return affine_transform(
            x, transform, options["interpolation"], options["fill_mode"], options["fill_value"],
            self.data_format,
        )  # fmt: skip


class Unconverted(Augmentation, abstract=True):
    """What hands on images in their own dtype."""

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, C] -> the same."""
        return cast(self.vary(data), data.dtype) if scope.training else data


class RandomBrightness(Augmentation):
    """Make images brighter or darker in training."""

    factor: Any = Arg(Optional(_SIGNED))
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """All values of an image shifted by the same."""
        if self.factor is None:
            return x
        low, high = self.value_range
        shift = self.drawn(x, 0, interval(self.factor)) * (high - low)
        return within(x + cast(shift, x.dtype), self.value_range)


class RandomColorDegeneration(Augmentation):
    """Take away colour in training."""

    factor: Any = Arg(_SIGNED)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, 3] -> the same."""
        channels = data.shape[1 if self.is_channels_first else 3]
        if isinstance(channels, int) and channels != 3:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs images of 3 channels, got {data.type}",
                label=f"{channels} is not 3",
                inputs=("data",),
            )
        return super().call(scope, data)

    def vary(self, x: Tensor) -> Tensor:
        """A part of the way to shades of gray."""
        share = cast(self.drawn(x, 0, interval(self.factor)), x.dtype)
        gray = rgb_to_grayscale(x, self.data_format)
        return within(x + share * (gray - x), self.value_range)


class RandomColorJitter(Augmentation):
    """Vary brightness, contrast, saturation and hue in training."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    brightness_factor: Any = Arg(Optional(_SIGNED), default=None)
    contrast_factor: Any = Arg(Optional(_UNIT), default=None)
    saturation_factor: Any = Arg(Optional(_SIGNED), default=None)
    hue_factor: Any = Arg(Optional(_UNIT), default=None)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """One after the other, those that have a factor."""
        waiting: dict[type[Augmentation], Any] = {
            RandomBrightness: self.brightness_factor,
            RandomContrast: self.contrast_factor,
            RandomSaturation: self.saturation_factor,
            RandomHue: self.hue_factor,
        }
        given = [(cls, factor) for cls, factor in waiting.items() if factor is not None]
        for place, (cls, factor) in enumerate(given):
            values = {"factor": factor, "value_range": self.value_range}
            values |= {"seed": nth_seed(self.seed, place), "data_format": self.data_format}
            x = cast(cls.from_values(values).vary(x), x.dtype)
        return x


class RandomContrast(Augmentation):
    """Vary contrast in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Distances from the mean of each channel multiplied."""
        low, high = interval(self.factor, 0)
        factor = cast(self.drawn(x, 0, (1 - low, 1 + high)), x.dtype)
        middle = mean(x, self.image_axes, keepdims=True)
        return within((x - middle) * factor + middle, self.value_range)


class RandomElasticTransform(Augmentation):
    """Warp images in training (Simard et al., 2003)."""

    factor: Any = Arg(_UNIT, default=1.0)
    scale: Any = Arg(_UNIT, default=1.0)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    fill_mode: str = Arg(_ELASTIC_FILL, default="reflect")
    fill_value: float = Arg(Number(), default=0.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomErasing(Augmentation):
    """Blot out a rectangle in training (https://arxiv.org/abs/1708.04896)."""

    factor: Any = Arg(_UNIT, default=1.0)
    scale: Any = Arg(_UNIT, default=(0.02, 0.33))
    fill_value: Any = Arg(Optional(Numbers()), default=None)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A rectangle of each image filled, or none."""
        size = sqrt(self.drawn_in((x.shape[0], 2), 0, interval(self.scale, 0)))
        is_inside: Tensor | None = None
        for place, axis in enumerate(reversed(self.image_axes)):
            length: Any = x.shape[axis]
            extent = reshape(size[:, place], (-1, 1, 1, 1)) * length
            start = self.drawn(x, 1 + place, (0, 1)) * (length - extent)
            along = tuple(length if each == axis else 1 for each in range(4))
            places = reshape(cast(arange(length), "float32"), along)
            here = logical_and(places >= start, places < start + extent)
            is_inside = here if is_inside is None else logical_and(is_inside, here)
        assert is_inside is not None
        is_erased = logical_and(self.is_drawn(x, 3, self.factor), is_inside)
        return where(is_erased, within(self._filling(x), self.value_range), x)

    def _filling(self, x: Tensor) -> Tensor:
        if self.fill_value is None:
            drawn = normal(x.shape, nth_seed(self.seed, 5))
            noise: Tensor = cast(drawn, x.dtype) * self.value_range[1]
            return noise
        return as_tensor(self.fill_value, x.dtype)


class RandomFlip(Augmentation):
    """Mirror images in training."""

    mode: str = Arg(
        OneOf(("horizontal", "vertical", "horizontal_and_vertical")),
        default="horizontal_and_vertical",
    )
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Mirrored in all directions of the mode, or not at all."""
        is_flipped = less_equal(self.drawn(x, 0, (0, 1)), 0.5)
        vertical, horizontal = self.image_axes
        for name, axis in (("horizontal", horizontal), ("vertical", vertical)):
            if name in self.mode:
                x = where(is_flipped, flip(x, axis), x)
        return x


class RandomGaussianBlur(Augmentation):
    """Blur images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    kernel_size: Any = Arg(OddSizes(), default=3)
    sigma: Any = Arg(_UNIT, default=1.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Some images blurred, all by the same."""
        breadth = self.drawn_in((2,), 2, interval(self.sigma, 0)) + 1e-6
        blurred = gaussian_blur(x, self.kernel_size, breadth, self.data_format)
        made = where(self.is_drawn(x, 0, self.factor), blurred, x)
        return within(made, self.value_range)


class RandomGrayscale(Unconverted):
    """Take the colour out of a share of the images in training."""

    factor: float = Arg(Number(0, 1), default=0.5)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Shades of gray for some images."""
        is_gray = self.drawn(x, 0, (0, 1)) < self.factor
        return where(is_gray, rgb_to_grayscale(x, self.data_format), x)


class RandomHue(Augmentation):
    """Shift hues in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Hues further round, in one of the two directions."""
        side = where(self.drawn(x, 0, (0, 1)) > 0.5, -1.0, 1.0)
        shift = cast(side * self.drawn(x, 1, interval(self.factor, 0)) * 0.5, x.dtype)
        axis = self.channel_axis(x)
        hsv = rgb_to_hsv(in_range(x, self.value_range, (0, 1)), self.data_format)
        hue, *rest = split(hsv, 3, axis)
        hue = hue + shift
        hue = where(hue > 1, hue - 1, hue)
        hue = where(hue < 0, hue + 1, hue)
        rgb = hsv_to_rgb(concatenate([hue, *rest], axis), self.data_format)
        return in_range(clip(rgb, 0, 1), (0, 1), self.value_range)


class RandomInvert(Augmentation):
    """Invert the values of a share of the images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """The upper limit minus the values, for a share of the images that is drawn too."""
        return where(self.is_drawn(x, 0, self.factor), self.value_range[1] - x, x)


class RandomPerspective(Augmentation):
    """Tilt images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    scale: float = Arg(Number(0, 1), default=1.0)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    fill_value: float = Arg(Number(), default=0.0)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Some images with their corners moved."""
        bottom, right = (size - 1 for size in self.size(x))
        corners = as_tensor([[0, 0], [right, 0], [0, bottom], [right, bottom]], "float32")
        reach = 0.5 * self.scale
        moved = corners + corners * self.drawn_in((x.shape[0], 4, 2), 2, (-reach, reach))
        made = perspective_transform(
            x, corners + moved * 0, moved, self.interpolation, self.fill_value, self.data_format
        )
        return where(self.is_drawn(x, 0, self.factor), made, x)


class RandomPosterization(Augmentation):
    """Drop bits of the values in training."""

    factor: Any = Arg(Factor(1, 8))
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """The highest bits of each value, as many as are drawn."""
        low, high = (int(limit) for limit in interval(self.factor, 1))
        bits = full((x.shape[0], 1, 1, 1), low, "uint8")
        if low != high:
            bits = cast(floor(self.drawn(x, 0, (low, high))), "uint8")
        dropped = cast(8 - cast(bits, "int32"), "uint8")
        whole = cast(in_range(x, self.value_range, (0, 255)), "uint8")
        kept = left_shift(right_shift(whole, dropped), dropped)
        return in_range(cast(kept, x.dtype), (0, 255), self.value_range)


class RandomRotation(Augmentation):
    """Turn images in training, by a share of a full turn."""

    factor: Any = Arg(Optional(_SIGNED))
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Turned round the center."""
        low, high = interval(self.factor)
        degrees = self.drawn(x, 0, (low * 360, high * 360), rank=2)
        return self.read(x, turn(degrees, *self.size(x)))


class RandomSaturation(Augmentation):
    """Vary saturation in training."""

    factor: Any = Arg(_SIGNED)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Saturations multiplied: by 0 to infinity for factors from 0 to 1."""
        drawn = self.drawn(x, 0, interval(self.factor))
        factor = cast(drawn / (1 - drawn + EPSILON), x.dtype)
        axis = self.channel_axis(x)
        hue, saturation, value = split(rgb_to_hsv(x, self.data_format), 3, axis)
        saturation = within(saturation * factor, self.value_range)
        return hsv_to_rgb(concatenate([hue, saturation, value], axis), self.data_format)


class RandomSharpness(Augmentation):
    """Vary sharpness in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A part of the way from a smoothed image, or beyond."""
        factor = cast(self.drawn(x, 0, interval(self.factor, 0)) * 2, x.dtype)
        images = swapaxes(x, 1, 3) if self.is_channels_first else x
        a, b = 1 / 13, 5 / 13
        kernel = reshape(as_tensor([[a, a, a], [a, b, a], [a, a, a]], x.dtype), (3, 3, 1, 1))
        kernel = broadcast_to(kernel, (3, 3, images.shape[3], 1))
        smooth = depthwise_conv(images, kernel, padding="same", data_format="channels_last")
        made = within(images + (1 - factor) * (smooth - images), self.value_range)
        return swapaxes(made, 1, 3) if self.is_channels_first else made


class RandomShear(Augmentation):
    """Slant images in training."""

    x_factor: Any = Arg(_SLANT, default=0.0)
    y_factor: Any = Arg(_SLANT, default=0.0)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    fill_mode: str = Arg(_FILL, default="reflect")
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Rows moved by how far down they are, columns by how far to the right."""
        side = where(self.drawn(x, 0, (0, 1), rank=2) > 0.5, -1.0, 1.0)
        down = side * self.drawn(x, 1, interval(self.y_factor), rank=2)
        right = side * self.drawn(x, 2, interval(self.x_factor), rank=2)
        return self.read(x, columns(1, right, 0, down, 1, 0))


class RandomTranslation(Augmentation):
    """Shift images in training, by a share of their height and width."""

    height_factor: Any = Arg(Factor(-1, 1, is_strict=True))
    width_factor: Any = Arg(Factor(-1, 1, is_strict=True))
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Moved down and to the right."""
        height, width = self.size(x)
        down = self.drawn(x, 0, interval(self.height_factor), rank=2) * height
        right = self.drawn(x, 1, interval(self.width_factor), rank=2) * width
        return self.read(x, columns(1, 0, -right, 0, 1, -down))


class RandomZoom(Augmentation):
    """Zoom into images in training, or out with a positive factor."""

    height_factor: Any = Arg(Factor(-1, 1, is_strict=True, open_low=True))
    width_factor: Any = Arg(Optional(Factor(-1, 1, is_strict=True, open_low=True)), default=None)
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Made smaller or larger round the center."""
        low, high = interval(self.height_factor)
        tall = self.drawn(x, 0, (1 + low, 1 + high), rank=2)
        wide = tall
        if self.width_factor is not None:
            low, high = interval(self.width_factor)
            wide = self.drawn(x, 1, (1 + low, 1 + high), rank=2)
        y_center, x_center = ((cast(as_tensor(n), "float32") - 1) / 2 for n in self.size(x))
        return self.read(x, columns(wide, 0, x_center * (1 - wide), 0, tall, y_center * (1 - tall)))


class Solarization(Augmentation):
    """Invert the values above a threshold in training."""

    addition_factor: Any = Arg(_STRICT_UNIT, default=0.0)
    threshold_factor: Any = Arg(_STRICT_UNIT, default=0.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Something added, and what is above the threshold inverted."""
        limits = [interval(factor, 0) for factor in (self.addition_factor, self.threshold_factor)]
        added, threshold = (
            cast(self.drawn(x, place, (low, high * 255)), x.dtype)
            for place, (low, high) in enumerate(limits)
        )
        made = clip(in_range(x, self.value_range, (0, 255)) + added, 0, 255)
        made = where(made < threshold, made, 255 - made)
        return in_range(made, (0, 255), self.value_range)


class Equalization(Unconverted):
    """Spread the values of each channel evenly in training."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    bins: int = Arg(Positive(), default=256)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Each channel by the shares of all images' values that are smaller."""
        axis = self.channel_axis(x)
        values = in_range(cast(x, self.compute_dtype), self.value_range, (0, 255))
        channels = split(values, x.shape[axis], axis)
        made = concatenate([self._equalized(channel) for channel in channels], axis)
        return in_range(made, (0, 255), self.value_range)

    def _equalized(self, x: Tensor) -> Tensor:
        """Values of one channel from 0 to 255, spread over all of that."""
        places = clip(cast(x * (self.bins - 1) / 255, "int32"), 0, self.bins - 1)
        counts = bincount(reshape(places, -1), minlength=self.bins)
        below = cumsum(counts)
        first = take(below, argmax(cast(below > 0, "int32")))
        spread = below[-1] - first
        table = (below - first) * 255 / where(equal(spread, 0), 1, spread)
        made = take(clip(round_(table), 0, 255), places)
        is_one = sum_(cast(counts > 0, "int32")) <= 1
        return where(is_one, x, cast(made, x.dtype))


class MixUp(Augmentation):
    """Blend pairs of images in training (https://arxiv.org/abs/1710.09412)."""

    alpha: float = Arg(Number(), default=0.2)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class CutMix(Augmentation):
    """Paste a part of one image into another in training (https://arxiv.org/abs/1905.04899)."""

    factor: Any = Arg(_UNIT, default=1.0)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandAugment(Augmentation):
    """Apply a few random augmentations in training (https://arxiv.org/abs/1909.13719)."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    num_ops: int = Arg(NonNegative(), default=2)
    factor: Any = Arg(_STRICT_UNIT, default=0.5)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class AugMix(Augmentation):
    """Mix chains of random augmentations in training (https://arxiv.org/abs/1912.02781)."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    num_chains: int = Arg(Positive(), default=3)
    chain_depth: int = Arg(Integer(-1), default=3)
    factor: Any = Arg(_STRICT_UNIT, default=0.3)
    alpha: float = Arg(Number(), default=1.0)
    all_ops: bool = Arg(Flag(), default=True)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class MaxNumBoundingBoxes(Augmentation):
    """Bring the number of bounding boxes to `max_number`; images stay as they are."""

    max_number: int = Arg(Integer())
    fill_value: int = Arg(Integer(), default=-1)
