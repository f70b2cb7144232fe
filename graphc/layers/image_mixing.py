"""Layers that make images of two in training, and hand images on otherwise."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import Number
from graphc.ir.tensor import Tensor
from graphc.layers.augmentation import UNIT, Augmentation
from graphc.layers.image_variation import interval
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import where
from graphc.ops.convert import cast
from graphc.ops.elementary import sqrt
from graphc.ops.gathering import take
from graphc.ops.random import beta, shuffled


class MixUp(Augmentation):
    """Blend pairs of images in training (https://arxiv.org/abs/1710.09412)."""

    alpha: float = Arg(Number(), default=0.2)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    seed: int | None = Arg(SEED, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A share of each image, and the rest of another one."""
        others = take(x, shuffled(x.shape[0], nth_seed(self.seed, 0)), 0)
        share = cast(beta((x.shape[0], 1, 1, 1), self.alpha, nth_seed(self.seed, 1)), x.dtype)
        return x * share + others * (1 - share)


class CutMix(Augmentation):
    """Paste a part of one image into another in training (https://arxiv.org/abs/1905.04899)."""

    factor: Any = Arg(UNIT, default=1.0)
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A rectangle of each image from another one, of an area that is drawn too."""
        alpha = self.drawn_in((), 0, interval(self.factor, 0)) + 1e-6
        extent = sqrt(1 - beta((x.shape[0], 1, 1, 1), alpha, nth_seed(self.seed, 1)))
        is_pasted = self.is_in_rectangle(x, 2, (extent, extent))
        others = take(x, shuffled(x.shape[0], nth_seed(self.seed, 4)), 0)
        return where(is_pasted, others, x)
