"""Depthwise convolution: products of windows' rows with the kernel, summed in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.constants import kept
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, blocks_of, shaped


class Depthwise(Strategy):
    """Two spatial axes, one filter for each channel.

    All columns and channels of a row are one axis, along which the kernel is repeated: einsum's
    inner loop over it multiplies and adds at once.
    """

    def __init__(self, geometry: Geometry, kernel: Array, cache: int) -> None:
        self.geometry = geometry
        self.width = geometry.places[1]
        height, across = geometry.window
        repeated = np.broadcast_to(
            kernel.reshape(height, across, 1, -1), (height, across, self.width, geometry.channels)
        )
        self.kernel = kept(repeated.reshape(height, across, -1))
        self._size = kernel.itemsize
        row = self._size * geometry.channels * geometry.padded[1] * (geometry.strides[0] + 1)
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache // 2)
        self._is_close = geometry.strides[1] == 1

    def _parted_shape(self, block: Block) -> tuple[int, ...]:
        rows = self.geometry.rows_below(block.height)
        return (block.count, rows, self.geometry.window[1], self.width, self.geometry.channels)

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows; with strides, those columns that each column of the kernel meets."""
        block = self.blocks[0]
        parted = 0 if self._is_close else prod(self._parted_shape(block)) * self._size
        return self.geometry.halo_size(block, self._size), parted

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """Copies, and one sum of products."""
        calls, padded = self.geometry.halo(block, x, scratch[0])
        rows = self._rows(block, padded)
        if not self._is_close:
            parted = shaped(scratch[1], self._parted_shape(block), x)
            step, far = self.geometry.strides[1], self.geometry.dilation[1]
            last = (self.width - 1) * step + 1
            calls += [
                copy(parted[:, :, tap], padded[:, :, tap * far : tap * far + last : step])
                for tap in range(self.geometry.window[1])
            ]
            rows = self._rows(block, parted)
        out = result.reshape(block.count, block.height, -1)
        text = "einsum('nrijx,ijx->nrx', {}, {}, out={})"
        if block.count == 1:
            return [
                *calls,
                Call("einsum('rijx,ijx->rx', {}, {}, out={})", (rows[0], self.kernel, out[0])),
            ]
        return [*calls, Call(text, (rows, self.kernel, out))]

    def _rows(self, block: Block, padded: Array) -> Array:
        """A view [images, rows, height, width, columns and channels]."""
        geometry = self.geometry
        image, row, column = padded.strides[:3]
        height, across = geometry.window
        # Of parted rows the third axis are the columns of the kernel, and no dilation is left.
        apart = column if padded.ndim == 5 else column * geometry.dilation[1]
        return np.lib.stride_tricks.as_strided(
            padded,
            (block.count, block.height, height, across, self.width * geometry.channels),
            (image, row * geometry.strides[0], row * geometry.dilation[0], apart, padded.itemsize),
        )
