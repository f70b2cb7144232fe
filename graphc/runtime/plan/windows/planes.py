"""Convolution with few channels out: every pixel times every tap first, then sums of shifted planes.

Where few numbers are made of many, copies of windows take most of the time, and BLAS is slow
with a few columns. The other way round each pixel is read once, and what is moved are results.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as places_of
from math import prod

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.pieces import product
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, blocks_of, shaped


class Planes(Strategy):
    """A plane of results for each tap and channel, of which windows add up one element each."""

    def __init__(self, geometry: Geometry, kernel: Array, cache: int) -> None:
        self.geometry = geometry
        self.out = kernel.shape[-1]
        count = geometry.taps * self.out
        # A row for each tap and channel of the result.
        self.matrix = np.moveaxis(kernel, -1, -2).reshape(count, geometry.channels)
        self._size = kernel.itemsize
        row = prod(geometry.padded[1:]) * (geometry.channels + count + self.out) * self._size
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache)

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows, the planes, and sums of some of them."""
        block = self.blocks[0]
        halo = prod(self.geometry.halo_shape(block)) * self._size
        pixels = halo // self.geometry.channels
        return halo, pixels * len(self.matrix), pixels * self.out

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """One product, and a sum for each tap."""
        geometry = self.geometry
        calls, padded = geometry.halo(block, x, scratch[0])
        try:
            pixels = np.reshape(padded, (-1, geometry.channels), copy=False)
        except ValueError:
            whole = shaped(scratch[0], padded.shape, x)
            calls.append(copy(whole, padded))
            pixels = whole.reshape(-1, geometry.channels)
        planes = shaped(scratch[1], (len(self.matrix), len(pixels)), x)
        calls.append(product(self.matrix, pixels.T, planes))
        shifted = self._shifted(planes.reshape(-1, self.out, *padded.shape[:-1]), block.height)
        target = np.moveaxis(result.reshape(*shifted[0].shape[1:], self.out), -1, 0)
        sums = target if self.out == 1 else shaped(scratch[2], target.shape, x)
        total = shifted[0]
        for number, plane in enumerate(shifted[1:], start=2):
            into = target if number == len(shifted) else sums
            calls.append(Call("add({}, {}, out={})", (total, plane, into)))
            total = into
        return calls

    def _shifted(self, planes: Array, height: int) -> list[Array]:
        """For each tap what the windows see of its planes: [out, images, rows, *other places]."""
        sizes = (height, *self.geometry.places[1:])
        views = []
        for tap, taps in zip(planes, places_of(*map(range, self.geometry.window)), strict=True):
            starts = (i * d for i, d in zip(taps, self.geometry.dilation, strict=True))
            cut = (slice(at, at + size) for at, size in zip(starts, sizes, strict=True))
            views.append(tap[(slice(None), slice(None), *cut)])
        return views
