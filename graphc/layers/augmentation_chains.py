"""Layers that apply other augmentations in training, drawn anew for each batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Integer, NonNegative, Number, Positive
from graphc.ir.tensor import Tensor
from graphc.layers.augmentation import INTERPOLATION, STRICT_UNIT, Augmentation
from graphc.layers.color_augmentation import (
    Equalization,
    RandomBrightness,
    RandomColorDegeneration,
    RandomContrast,
    RandomPosterization,
    RandomSharpness,
    Solarization,
)
from graphc.layers.image_augmentation import RandomRotation, RandomShear, RandomTranslation
from graphc.layers.image_preprocessing import VALUE_RANGE, AutoContrast
from graphc.layers.image_variation import interval, within
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import equal, where
from graphc.ops.convert import cast
from graphc.ops.creation import zeros
from graphc.ops.loop import scan_steps
from graphc.ops.random import beta, dirichlet, uniform
from graphc.ops.rounding import floor

_KINDS = (
    RandomShear, RandomTranslation, RandomRotation, RandomPosterization, Solarization,
    AutoContrast, Equalization,
)  # fmt: skip
_COLORS = (RandomBrightness, RandomColorDegeneration, RandomContrast, RandomSharpness)
_PLACES = 16
"""More than the places in which one of them draws numbers."""


class Chains(Augmentation, abstract=True):
    """What applies other augmentations, as strong as its `factor` says."""

    def parts(self, kinds: Sequence[Any]) -> list[Any]:
        """A layer of each of the kinds, whose `vary` changes images."""
        own = vars(self)
        low, high = interval(own["factor"], 0)
        shared = {key: own[key] for key in ("value_range", "interpolation", "data_format")}
        factors = ("factor", "x_factor", "y_factor", "height_factor", "width_factor",
                   "addition_factor", "threshold_factor")  # fmt: skip
        made = []
        for place, kind in enumerate(kinds):
            values: dict[str, Any] = dict.fromkeys(factors, (low, high))
            if kind is RandomPosterization:
                values["factor"] = max(1, int(8 * high))
            values |= {**shared, "seed": nth_seed(own["seed"], (place + 1) * _PLACES)}
            made.append(kind.from_values(values))
        return made

    def choices(self, shape: tuple[int, ...], count: int) -> Tensor:
        """Which part each time, of so many."""
        return cast(floor(uniform(shape, nth_seed(vars(self)["seed"], 0)) * count), "int32")


def one_of(x: Tensor, parts: Sequence[Any], choice: Tensor) -> Tensor:
    """The images as the part of this number varies them; as they are, if there is none."""
    made = x
    for number, part in enumerate(parts):
        made = where(equal(choice, number), cast(part.vary(x), x.dtype), made)
    return made


class RandAugment(Chains):
    """Apply a few random augmentations in training (https://arxiv.org/abs/1909.13719)."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    num_ops: int = Arg(NonNegative(), default=2)
    factor: Any = Arg(STRICT_UNIT, default=0.5)
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """One augmentation after the other, each for all images.

        As in Keras, one that is chosen twice does the same twice: its numbers are drawn once.
        """
        if self.num_ops == 0:
            return x
        parts = self.parts([*_KINDS[:3], *_COLORS, *_KINDS[3:]])
        for part in parts:
            if isinstance(part, Augmentation):  # others draw nothing
                part.keep_drawn(x)
        choices = self.choices((self.num_ops,), len(parts))
        (made,), _ = scan_steps(
            lambda now, each: ((one_of(now[0], parts, each[0]),), ()), (x,), (choices,)
        )
        return made


class AugMix(Chains):
    """Mix chains of random augmentations in training (https://arxiv.org/abs/1912.02781)."""

    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    num_chains: int = Arg(Positive(), default=3)
    chain_depth: int = Arg(Integer(-1), default=3)
    factor: Any = Arg(STRICT_UNIT, default=0.3)
    alpha: float = Arg(Number(), default=1.0)
    all_ops: bool = Arg(Flag(), default=True)
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A share of the images, and shares of what chains of augmentations make of them."""
        shares = cast(dirichlet(self.num_chains, self.alpha, nth_seed(self.seed, 1)), x.dtype)
        kept = cast(beta((), self.alpha, nth_seed(self.seed, 2)), x.dtype)
        mixed = x  # the shares of chains in which nothing is done add up to 1
        if self.chain_depth > 0:
            mixed = self._mixed(x, shares)
        return within(x * kept + mixed * (1 - kept), self.value_range)

    def _mixed(self, x: Tensor, shares: Tensor) -> Tensor:
        """The sum of what each chain makes of the images, times its share."""
        parts = self.parts((*_KINDS, *_COLORS) if self.all_ops else _KINDS)
        # One number more than there are parts: sometimes nothing is done.
        choices = self.choices((self.num_chains, self.chain_depth), len(parts) + 1)

        def chain(total: Sequence[Tensor], each: Sequence[Tensor]) -> Any:
            (made,), _ = scan_steps(
                lambda now, choice: ((one_of(now[0], parts, choice[0]),), ()), (x,), (each[0],)
            )
            return (total[0] + made * each[1],), ()

        (mixed,), _ = scan_steps(chain, (zeros(x.shape, x.dtype),), (choices, shares))
        return mixed
