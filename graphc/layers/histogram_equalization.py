"""Contrast-limited adaptive histogram equalization (Zuiderveld, 1994, Graphics Gems IV)."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Number, Positive
from graphc.declare.scope import Scope
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.layers.image_preprocessing import VALUE_RANGE, ImageLayer, in_range
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.arithmetic import equal, maximum, minimum, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import iota
from graphc.ops.cumulative import cumsum
from graphc.ops.gathering import one_hot, take
from graphc.ops.joining import concatenate
from graphc.ops.padding import pad
from graphc.ops.reduction import min_, sum_
from graphc.ops.rounding import floor
from graphc.ops.shaping import permuted, to_shape
from graphc.record import Record

LEVELS = 256


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Spread the values around each pixel evenly, though not further than a limit."""

    value_range: tuple[float, float] = Arg(VALUE_RANGE, default=(0, 255))
    clip_limit: float = Arg(Number(), default=4.0)
    tile_grid_size: tuple[int, int] = Arg(Each(Positive(), count=2), default=(8, 8))
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def call(self, scope: Scope, data: Tensor) -> Tensor:
        """[B, H, W, C] -> the same."""
        x = permuted(data, (0, 2, 3, 1)) if self.is_channels_first else data
        images = in_range(cast(x, "float32"), self.value_range, (0, 255))
        equalized = in_range(self._equalized(images), (0, 255), self.value_range)
        result = cast(cast(equalized, x.dtype), self.compute_dtype)
        return permuted(result, (0, 3, 1, 2)) if self.is_channels_first else result

    def _equalized(self, images: Tensor) -> Tensor:
        batch, height, width, channels = images.shape
        rows, columns = self.tile_grid_size
        tiles = Tiles(batch, rows, -(-height // rows), columns, -(-width // columns), channels)
        spare = (tiles.rows * tiles.height - height, tiles.columns * tiles.width - width)
        padded = pad(images, ((0, 0), (0, spare[0]), (0, spare[1]), (0, 0)), "symmetric")
        shares = self._shares(tiles, _levels(padded))
        return tiles.blended(shares, _levels(padded))[:, :height, :width, :]

    def _shares(self, tiles: Tiles, levels: Tensor) -> Tensor:
        """Give the new value of each old one in each tile: [B, rows, columns, C, 256]."""
        counts = sum_(one_hot(tiles.apart(levels), LEVELS), axis=-2)
        area = as_tensor(tiles.height * tiles.width, "float32")
        if self.clip_limit > 0:
            clipped = minimum(counts, area * self.clip_limit / LEVELS)
            excess = sum_(counts - clipped, axis=-1, keepdims=True)
            counts = clipped + excess / LEVELS
        totals = cumsum(counts, axis=-1)
        least = min_(totals, axis=-1, keepdims=True)
        rest = area - least
        spread = (totals - least) * 255.0 / where(equal(rest, 0), 1.0, rest)
        return minimum(maximum(spread, 0.0), 255.0)


class Tiles(Record):
    """How images are divided: so many rows and columns of tiles of a height and width."""

    batch: Dim
    rows: int
    height: Dim
    columns: int
    width: Dim
    channels: Dim

    def apart(self, x: Tensor) -> Tensor:
        """[B, H, W, C] -> [B, rows, columns, C, pixels]."""
        split = to_shape(
            x, (self.batch, self.rows, self.height, self.columns, self.width, self.channels)
        )
        together = permuted(split, (0, 1, 3, 5, 2, 4))
        pixels = self.height * self.width
        return to_shape(together, (self.batch, self.rows, self.columns, self.channels, pixels))

    def blended(self, shares: Tensor, levels: Tensor) -> Tensor:
        """Look each pixel up in the four nearest tiles, and weigh what is found by distance."""
        for axis in (1, 2):
            shares = _with_edges_twice(shares, axis)
        above, below, down = _neighbours(self.rows, self.height, 1)
        left, right, across = _neighbours(self.columns, self.width, 2)
        stride = as_tensor(self.channels * LEVELS, "int32")
        row = stride * (self.columns + 2)
        places = (
            iota((self.batch, 1, 1, 1), 0) * row * (self.rows + 2)
            + iota((1, 1, 1, self.channels), 3) * LEVELS
            + levels
        )
        flat = to_shape(shares, (shares.shape[0] * self._entries,))

        def found(y: Tensor, x: Tensor) -> Tensor:
            return take(flat, places + y * row + x * stride)

        top = found(above, left) * (1.0 - across) + found(above, right) * across
        bottom = found(below, left) * (1.0 - across) + found(below, right) * across
        return top * (1.0 - down) + bottom * down

    @property
    def _entries(self) -> Dim:
        return (self.rows + 2) * (self.columns + 2) * self.channels * LEVELS


def _levels(images: Tensor) -> Tensor:
    return cast(minimum(maximum(images, 0.0), 255.0), "int32")


def _with_edges_twice(x: Tensor, axis: int) -> Tensor:
    """Repeat the first and the last tile along an axis, for pixels beyond their middles."""
    every = (slice(None),) * axis
    return concatenate([x[(*every, slice(0, 1))], x, x[(*every, slice(-1, None))]], axis=axis)


def _neighbours(count: int, size: Dim, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Give the tiles before and after each pixel along an axis, and how near the latter is."""
    shape: list[Dim] = [1, 1, 1, 1]
    shape[axis] = size * count
    length = as_tensor(size, "float32")
    place = (cast(iota(tuple(shape), axis), "float32") - length / 2.0) / length + 1.0
    before = floor(place)
    first, second = (
        cast(minimum(maximum(tile, 0.0), count + 1.0), "int32") for tile in (before, before + 1.0)
    )
    return first, second, place - before
