"""Windows over padded images: sizes, the padded copy of a block's rows, and a view of its windows."""

from __future__ import annotations

from math import prod

import numpy as np

from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy, fill
from graphc.runtime.plan.windows.strategy import Block, shaped

Sizes = tuple[int, ...]


class Geometry(Record):
    """Over the spatial axes. `spread` puts zeros between the elements of the images."""

    images: int
    sizes: Sizes
    channels: int
    window: Sizes
    strides: Sizes
    padding: tuple[tuple[int, int], ...]
    dilation: Sizes
    spread: Sizes
    is_packed: bool
    """Whether the channels of a row's columns follow each other in the images as they are."""

    @property
    def padded(self) -> Sizes:
        """The sizes with what is around and between."""
        return tuple(
            (n - 1) * spread + 1 + sum(around)
            for n, spread, around in zip(self.sizes, self.spread, self.padding, strict=True)
        )

    @property
    def places(self) -> Sizes:
        """How many windows there are along each axis."""
        return tuple(
            (n - d * (k - 1) - 1) // s + 1
            for n, d, k, s in zip(
                self.padded, self.dilation, self.window, self.strides, strict=True
            )
        )

    @property
    def taps(self) -> int:
        """Elements of a window, of one channel."""
        return prod(self.window)

    @property
    def is_bare(self) -> bool:
        """Whether windows are over the images as they are."""
        is_plain = all(step == 1 for step in self.spread) and not any(map(any, self.padding))
        return self.is_packed and is_plain

    def rows_below(self, rows: int) -> int:
        """The rows of padded images under so many rows of windows."""
        return (rows - 1) * self.strides[0] + self.dilation[0] * (self.window[0] - 1) + 1

    def halo_shape(self, block: Block, extra: Sizes = ()) -> Sizes:
        """The padded copy of a block: some images, the rows below, other axes whole."""
        rows = self.rows_below(block.height)
        wide = self.padded[1:]
        wide = tuple(n + more for n, more in zip(wide, extra, strict=True)) if extra else wide
        return (block.count, rows, *wide, self.channels)

    def halo_size(self, block: Block, itemsize: int) -> int:
        """Bytes of that copy: none where there is no need for one."""
        return 0 if self.is_bare else prod(self.halo_shape(block)) * itemsize

    def halo(
        self, block: Block, x: Array, room: Array, value: float = 0
    ) -> tuple[list[Call], Array]:
        """The rows that a block's windows are over, padded, and the calls that make them so."""
        first, last = self._rows(block)
        images = x[slice(*block.images)]
        if self.is_bare:
            return [], images[:, first - block.start : last - block.start]
        target = shaped(room, self.halo_shape(block), x)
        return self.put(images, target, (first, last), value, start=block.start)

    def under(self, block: Block) -> tuple[int, int]:
        """The rows of its images that a block's windows are over."""
        low, high = self._inside(0, *self._rows(block))
        return min(low, self.sizes[0]), min(high, self.sizes[0])

    def _rows(self, block: Block) -> tuple[int, int]:
        """The rows of padded images that a block's windows are over."""
        first = block.rows[0] * self.strides[0]
        return first, first + self.rows_below(block.height)

    def _inside(self, axis: int, start: int, stop: int) -> tuple[int, int]:
        """The elements of images that lie between two places of padded ones."""
        size, spread, before = self.sizes[axis], self.spread[axis], self.padding[axis][0]
        low = -(-(max(start, before) - before) // spread)
        return low, max(low, (min(stop - before, (size - 1) * spread + 1) - 1) // spread + 1)

    def put(
        self,
        images: Array,
        target: Array,
        rows: tuple[int, int],
        value: float = 0,
        *,
        start: int = 0,
    ) -> tuple[list[Call], Array]:
        """Put some rows of padded images into a target, which may be larger than they are.

        `start` is the row that the images at hand begin with.
        """
        is_spread = any(step != 1 for step in self.spread)
        calls = [fill(target, value)] if is_spread else []
        source, into = [slice(None)], [slice(None)]
        for axis, (spread, (before, _)) in enumerate(zip(self.spread, self.padding, strict=True)):
            first, last = rows if axis == 0 else (0, self.padded[axis])
            low, high = self._inside(axis, first, last)
            moved = start if axis == 0 else 0
            source.append(slice(low - moved, high - moved))
            begin = low * spread + before - first
            end = begin + (high - low - 1) * spread + 1 if high > low else begin
            if not is_spread:
                borders = (slice(0, begin), slice(end, target.shape[axis + 1]))
                calls += [
                    fill(target[(*into, border)], value)
                    for border in borders
                    if border.start < border.stop
                ]
            into.append(slice(begin, end, spread))
        return [*calls, copy(target[tuple(into)], images[tuple(source)])], target

    def rows_of_windows(self, padded: Array, height: int, room: Array) -> tuple[Array, list[Call]]:
        """A matrix with a row for each window, copied into some room, and the call that does it."""
        windows = self.windows(padded, height)
        depth = self.taps * self.channels
        if self.channels > 1:
            columns = shaped(room, windows.shape, padded)
            return columns.reshape(-1, depth), [copy(columns, windows)]
        # Rows of an image are longer than those of a window: one for each tap is copied faster.
        places = len(self.places) + 1
        turned = windows.transpose(*range(places, windows.ndim), *range(places))
        columns = shaped(room, turned.shape, padded)
        return columns.reshape(depth, -1).T, [copy(columns, turned)]

    def windows(self, padded: Array, height: int) -> Array:
        """A view of all windows: [images, rows, *other places, *window, channels]."""
        n, *steps, c = padded.strides
        shape = (len(padded), height, *self.places[1:], *self.window, self.channels)
        strides = (
            n,
            *(step * stride for step, stride in zip(steps, self.strides, strict=True)),
            *(step * d for step, d in zip(steps, self.dilation, strict=True)),
            c,
        )
        return np.lib.stride_tricks.as_strided(padded, shape, strides)
