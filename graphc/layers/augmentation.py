"""The base of layers that vary images in training, and rules for how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from graphc.declare.rules import (
    REJECTED,
    Number,
    OneOf,
    Positive,
    Rule,
)
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.image_preprocessing import ImageLayer
from graphc.layers.image_variation import interval
from graphc.layers.regularization import nth_seed
from graphc.ops.arithmetic import logical_and
from graphc.ops.convert import cast
from graphc.ops.creation import arange
from graphc.ops.image_warp import affine_transform
from graphc.ops.random import uniform
from graphc.ops.shaping import reshape


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


UNIT = Factor(0, 1)
STRICT_UNIT = Factor(0, 1, is_strict=True)
SLANT = Slant(0, 1, is_strict=True)
SIGNED = Factor(-1, 1)
FILL = OneOf(("reflect", "wrap", "constant", "nearest"))
ELASTIC_FILL = OneOf(("constant", "nearest", "wrap", "mirror", "reflect"))
INTERPOLATION = OneOf(("nearest", "bilinear"))


class Augmentation(ImageLayer, abstract=True):
    """What hands on images except in training."""

    kept: ClassVar[dict[tuple[Shape, int], Tensor] | None] = None
    """Numbers that were drawn, by their shape and place, where there is to be no other draw."""

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
        share = None if self.kept is None else self.kept.get((shape, place))
        if share is None:
            share = uniform(shape, nth_seed(vars(self)["seed"], place))
            if self.kept is not None:
                self.kept[shape, place] = share
        return share * (limits[1] - limits[0]) + limits[0]

    def keep_drawn(self, x: Tensor) -> None:
        """Draw now what it takes to vary such images, for all the times that they will be."""
        vars(self)["kept"] = {}
        self.vary(x)

    def is_drawn(self, x: Tensor, place: int, factor: Any) -> Tensor:
        """Whether each image is changed: with a probability that is drawn too."""
        share = self.drawn(x, place, interval(factor, 0))
        return self.drawn(x, place + 1, (0, 1)) < share

    def is_in_rectangle(self, x: Tensor, place: int, shares: Sequence[Tensor]) -> Tensor:
        """Whether each pixel is in a rectangle somewhere in its image.

        `shares` are how much of the width and of the height it takes; where it begins is drawn in
        this place and the next.
        """
        inside = []
        for i, (axis, share) in enumerate(zip(reversed(self.image_axes), shares, strict=True)):
            length: Any = x.shape[axis]
            extent = share * length
            start = self.drawn(x, place + i, (0, 1)) * (length - extent)
            along = tuple(length if each == axis else 1 for each in range(4))
            places = reshape(cast(arange(length), "float32"), along)
            inside.append(logical_and(places >= start, places < start + extent))
        return logical_and(*inside)

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
