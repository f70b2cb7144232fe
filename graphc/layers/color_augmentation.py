"""Layers that vary what colours images have in training, and hand them on otherwise."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import (
    Number,
    Optional,
    Positive,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.augmentation import (
    SIGNED,
    STRICT_UNIT,
    UNIT,
    Augmentation,
    Factor,
    OddSizes,
    Unconverted,
)
from graphc.layers.image_preprocessing import VALUE_RANGE, in_range
from graphc.layers.image_variation import interval, within
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import equal, where
from graphc.ops.bitwise import left_shift, right_shift
from graphc.ops.convert import as_tensor, cast
from graphc.ops.convolution import depthwise_conv
from graphc.ops.creation import full
from graphc.ops.cumulative import cumsum
from graphc.ops.gathering import take
from graphc.ops.image_color import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from graphc.ops.image_filter import gaussian_blur
from graphc.ops.joining import concatenate, split
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import argmax, mean, sum_
from graphc.ops.rounding import clip, floor, round_
from graphc.ops.shaping import broadcast_to, reshape, swapaxes
from graphc.ops.statistics import bincount


class RandomBrightness(Augmentation):
    """Make images brighter or darker in training."""

    factor: Any = Arg(Optional(SIGNED))
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

    factor: Any = Arg(SIGNED)
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


class RandomContrast(Augmentation):
    """Vary contrast in training."""

    factor: Any = Arg(UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Distances from the mean of each channel multiplied."""
        low, high = interval(self.factor, 0)
        factor = cast(self.drawn(x, 0, (1 - low, 1 + high)), x.dtype)
        middle = mean(x, self.image_axes, keepdims=True)
        return within((x - middle) * factor + middle, self.value_range)


class RandomGaussianBlur(Augmentation):
    """Blur images in training."""

    factor: Any = Arg(UNIT, default=1.0)
    kernel_size: Any = Arg(OddSizes(), default=3)
    sigma: Any = Arg(UNIT, default=1.0)
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

    factor: Any = Arg(UNIT)
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

    factor: Any = Arg(UNIT, default=1.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """The upper limit minus the values, for a share of the images that is drawn too."""
        return where(self.is_drawn(x, 0, self.factor), self.value_range[1] - x, x)


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


class RandomSaturation(Augmentation):
    """Vary saturation in training."""

    factor: Any = Arg(SIGNED)
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

    factor: Any = Arg(UNIT)
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


class Solarization(Augmentation):
    """Invert the values above a threshold in training."""

    addition_factor: Any = Arg(STRICT_UNIT, default=0.0)
    threshold_factor: Any = Arg(STRICT_UNIT, default=0.0)
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


class RandomColorJitter(Augmentation):
    """Vary brightness, contrast, saturation and hue in training."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    brightness_factor: Any = Arg(Optional(SIGNED), default=None)
    contrast_factor: Any = Arg(Optional(UNIT), default=None)
    saturation_factor: Any = Arg(Optional(SIGNED), default=None)
    hue_factor: Any = Arg(Optional(UNIT), default=None)
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
