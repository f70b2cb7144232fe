"""Layers that vary images in training, and hand them on otherwise."""

from __future__ import annotations

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
from graphc.layers.feature_preprocessing import Numbers
from graphc.layers.image_preprocessing import VALUE_RANGE, ImageLayer
from graphc.layers.regularization import SEED
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.convert import cast


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
        return cast(data, self.compute_dtype)


class Unconverted(Augmentation, abstract=True):
    """What hands on images in their own dtype."""

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, C] -> the same."""
        return data


class RandomBrightness(Augmentation):
    """Make images brighter or darker in training."""

    factor: Any = Arg(Optional(_SIGNED))
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)


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


class RandomColorJitter(Augmentation):
    """Vary brightness, contrast, saturation and hue in training."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    brightness_factor: Any = Arg(Optional(_SIGNED), default=None)
    contrast_factor: Any = Arg(Optional(_UNIT), default=None)
    saturation_factor: Any = Arg(Optional(_SIGNED), default=None)
    hue_factor: Any = Arg(Optional(_UNIT), default=None)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomContrast(Augmentation):
    """Vary contrast in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)


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


class RandomFlip(Augmentation):
    """Mirror images in training."""

    mode: str = Arg(
        OneOf(("horizontal", "vertical", "horizontal_and_vertical")),
        default="horizontal_and_vertical",
    )
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomGaussianBlur(Augmentation):
    """Blur images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    kernel_size: Any = Arg(OddSizes(), default=3)
    sigma: Any = Arg(_UNIT, default=1.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomGrayscale(Unconverted):
    """Take the colour out of a share of the images in training."""

    factor: float = Arg(Number(0, 1), default=0.5)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomHue(Augmentation):
    """Shift hues in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomInvert(Augmentation):
    """Invert the values of a share of the images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomPerspective(Augmentation):
    """Tilt images in training."""

    factor: Any = Arg(_UNIT, default=1.0)
    scale: float = Arg(Number(0, 1), default=1.0)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    fill_value: float = Arg(Number(), default=0.0)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomPosterization(Augmentation):
    """Drop bits of the values in training."""

    factor: Any = Arg(Factor(1, 8))
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomRotation(Augmentation):
    """Turn images in training, by a share of a full turn."""

    factor: Any = Arg(Optional(_SIGNED))
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomSaturation(Augmentation):
    """Vary saturation in training."""

    factor: Any = Arg(_SIGNED)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomSharpness(Augmentation):
    """Vary sharpness in training."""

    factor: Any = Arg(_UNIT)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomShear(Augmentation):
    """Slant images in training."""

    x_factor: Any = Arg(_SLANT, default=0.0)
    y_factor: Any = Arg(_SLANT, default=0.0)
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    fill_mode: str = Arg(_FILL, default="reflect")
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)


class RandomTranslation(Augmentation):
    """Shift images in training, by a share of their height and width."""

    height_factor: Any = Arg(Factor(-1, 1, is_strict=True))
    width_factor: Any = Arg(Factor(-1, 1, is_strict=True))
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class RandomZoom(Augmentation):
    """Zoom into images in training, or out with a positive factor."""

    height_factor: Any = Arg(Factor(-1, 1, is_strict=True, open_low=True))
    width_factor: Any = Arg(Optional(Factor(-1, 1, is_strict=True, open_low=True)), default=None)
    fill_mode: str = Arg(_FILL, default="reflect")
    interpolation: str = Arg(_INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class Solarization(Augmentation):
    """Invert the values above a threshold in training."""

    addition_factor: Any = Arg(_STRICT_UNIT, default=0.0)
    threshold_factor: Any = Arg(_STRICT_UNIT, default=0.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)


class Equalization(Unconverted):
    """Spread the values of each channel evenly in training."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    bins: int = Arg(Positive(), default=256)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


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
