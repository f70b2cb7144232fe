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
from graphc.ops.arithmetic import logical_and, where
from graphc.ops.convert import cast
from graphc.ops.creation import arange
from graphc.ops.elementary import sqrt
from graphc.ops.gathering import take
from graphc.ops.random import beta, shuffled
from graphc.ops.shaping import reshape


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
        is_pasted: Tensor | None = None
        for place, axis in enumerate(reversed(self.image_axes)):
            length: Any = x.shape[axis]
            size = extent * length
            start = self.drawn(x, 2 + place, (0, 1)) * (length - size)
            along = tuple(length if each == axis else 1 for each in range(4))
            places = reshape(cast(arange(length), "float32"), along)
            here = logical_and(places >= start, places < start + size)
            is_pasted = here if is_pasted is None else logical_and(is_pasted, here)
        assert is_pasted is not None
        others = take(x, shuffled(x.shape[0], nth_seed(self.seed, 4)), 0)
        return where(is_pasted, others, x)
