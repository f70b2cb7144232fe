"""Depthwise convolution: products of windows' rows with the kernel, summed in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.constants import kept
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, blocks_of, shaped


class Depthwise(Strategy):
    """Two spatial axes, one filter for each channel.

    All columns and channels of a row are one axis, along which the kernel is repeated: einsum's
    inner loop over it multiplies and adds at once.
    """

    def __init__(self, geometry: Geometry, kernel: Place, cache: int) -> None:
        self.geometry = geometry
        self.width = geometry.places[1]
        self.kernel = kernel
        self._repeated_shape = (*geometry.window, self.width, geometry.channels)
        self._known: Array | None = None
        if kernel.is_known:
            repeated = np.broadcast_to(kernel.array(), self._repeated_shape)
            self._known = kept(repeated.reshape(*geometry.window, -1))
        # Otherwise it is repeated before the first block, which what is fed does not know.
        self.is_fed, self.lasts = kernel.is_known, not kernel.is_known
        self._size = kernel.dtype.itemsize
        row = self._size * geometry.channels * geometry.padded[1] * (geometry.strides[0] + 1)
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache // 2)
        self._is_close = geometry.strides[1] == 1

    def _parted_shape(self, block: Block) -> tuple[int, ...]:
        rows = self.geometry.rows_below(block.height)
        return (block.count, rows, self.geometry.window[1], self.width, self.geometry.channels)

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows; with strides, those columns that each column of the kernel meets.

        Last the repeated kernel, unless it is known.
        """
        block = self.blocks[0]
        parted = 0 if self._is_close else prod(self._parted_shape(block)) * self._size
        repeated = 0 if self.kernel.is_known else prod(self._repeated_shape) * self._size
        return self.geometry.halo_size(block, self._size), parted, repeated

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
        kernel = self._known
        if kernel is None:
            repeated = shaped(scratch[2], self._repeated_shape, x)
            kernel = repeated.reshape(*self.geometry.window, -1)
            if block is self.blocks[0]:
                calls.append(copy(repeated, self.kernel.array()))
        out = result.reshape(block.count, block.height, -1)
        if block.count == 1:
            text = "einsum('rijx,ijx->rx', {}, {}, out={})"
            return [*calls, Call(text, (rows[0], kernel, out[0]))]
        return [*calls, Call("einsum('nrijx,ijx->nrx', {}, {}, out={})", (rows, kernel, out))]

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
