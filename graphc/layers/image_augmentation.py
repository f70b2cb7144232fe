"""Layers that vary where things stand in images in training, and hand images on otherwise."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import (
    Integer,
    Number,
    Numbers,
    OneOf,
    Optional,
)
from graphc.ir.tensor import Tensor
from graphc.layers.augmentation import (
    ELASTIC_FILL,
    FILL,
    INTERPOLATION,
    SIGNED,
    SLANT,
    UNIT,
    Augmentation,
    Factor,
)
from graphc.layers.image_preprocessing import VALUE_RANGE
from graphc.layers.image_variation import columns, interval, turn, within
from graphc.layers.regularization import SEED, nth_seed
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import less_equal, logical_and, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.elementary import sqrt
from graphc.ops.image_filter import gaussian, smoothed
from graphc.ops.image_warp import displaced, perspective_transform
from graphc.ops.random import normal
from graphc.ops.repetition import flip
from graphc.ops.rounding import floor
from graphc.ops.shaping import reshape


class RandomElasticTransform(Augmentation):
    """Warp images in training (Simard et al., 2003)."""

    factor: Any = Arg(UNIT, default=1.0)
    scale: Any = Arg(UNIT, default=1.0)
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
    fill_mode: str = Arg(ELASTIC_FILL, default="reflect")
    fill_value: float = Arg(Number(), default=0.0)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Some images warped, all as strongly; none where sizes are open, as in no run."""
        height, width = self.size(x)
        (low, high), (_, often) = interval(self.scale, 0), interval(self.factor, 0)
        if 0 in (high, often) or not isinstance(height, int) or not isinstance(width, int):
            return x
        strength = self.drawn_in((), 2, (low, high))
        breadth = strength * (0.05 * min(height, width))
        longest = int(6 * 0.05 * min(height, width) * high) | 1
        bell = gaussian(longest, breadth, "float32", reach=floor(floor(breadth * 6) / 2))
        noise = normal((x.shape[0], height, width, 1), nth_seed(self.seed, 3)) * breadth
        moved = smoothed(noise, bell, bell)[..., 0] * (strength * (0.1 * max(height, width)))
        made = displaced(
            x, moved, self.interpolation, self.fill_mode, self.fill_value, self.data_format
        )
        return within(where(self.is_drawn(x, 0, self.factor), made, x), self.value_range)


class RandomErasing(Augmentation):
    """Blot out a rectangle in training (https://arxiv.org/abs/1708.04896)."""

    factor: Any = Arg(UNIT, default=1.0)
    scale: Any = Arg(UNIT, default=(0.02, 0.33))
    fill_value: Any = Arg(Optional(Numbers(arrays=True)), default=None)
    value_range: Any = Arg(VALUE_RANGE, default=(0, 255))
    seed: int | None = Arg(SEED, default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """A rectangle of each image filled, or none."""
        size = sqrt(self.drawn_in((x.shape[0], 2), 0, interval(self.scale, 0)))
        shares = [reshape(size[:, place], (-1, 1, 1, 1)) for place in range(2)]
        is_inside = self.is_in_rectangle(x, 1, shares)
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


class RandomPerspective(Augmentation):
    """Tilt images in training."""

    factor: Any = Arg(UNIT, default=1.0)
    scale: float = Arg(Number(0, 1), default=1.0)
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
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


class RandomRotation(Augmentation):
    """Turn images in training, by a share of a full turn."""

    factor: Any = Arg(Optional(SIGNED))
    fill_mode: str = Arg(FILL, default="reflect")
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
    seed: int | None = Arg(SEED, default=None)
    fill_value: float = Arg(Number(), default=0.0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def vary(self, x: Tensor) -> Tensor:
        """Turned round the center."""
        low, high = interval(0 if self.factor is None else self.factor)
        degrees = self.drawn(x, 0, (low * 360, high * 360), rank=2)
        return self.read(x, turn(degrees, *self.size(x)))


class RandomShear(Augmentation):
    """Slant images in training."""

    x_factor: Any = Arg(SLANT, default=0.0)
    y_factor: Any = Arg(SLANT, default=0.0)
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
    fill_mode: str = Arg(FILL, default="reflect")
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
    fill_mode: str = Arg(FILL, default="reflect")
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
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
    fill_mode: str = Arg(FILL, default="reflect")
    interpolation: str = Arg(INTERPOLATION, default="bilinear")
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


class MaxNumBoundingBoxes(Augmentation):
    """Bring the number of bounding boxes to `max_number`; images stay as they are."""

    max_number: int = Arg(Integer())
    fill_value: int = Arg(Integer(), default=-1)
