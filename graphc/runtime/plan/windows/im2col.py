"""Convolution by a matrix whose rows are windows, made for a block at a time (im2col)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.pieces import Panels, product
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, blocks_of, shaped


class Im2col:
    """Windows copied into rows, times the kernel as a matrix."""

    def __init__(self, geometry: Geometry, kernel: Array, cache: int) -> None:
        self.geometry = geometry
        self.depth = geometry.taps * geometry.channels
        self.matrix = Panels(kernel.reshape(self.depth, kernel.shape[-1]))
        row = prod(geometry.places[1:]) * (self.depth + kernel.shape[-1]) * kernel.itemsize
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache)
        self._size = kernel.itemsize

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows, and its windows."""
        block = self.blocks[0]
        windows = block.count * block.height * prod(self.geometry.places[1:]) * self.depth
        return self.geometry.halo_size(block, self._size), windows * self._size

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """Copies, and one product."""
        calls, padded = self.geometry.halo(block, x, scratch[0])
        windows = self.geometry.windows(padded, block.height)
        is_turned = self.geometry.channels == 1
        if is_turned:
            # Rows of an image are longer than those of a window: a row for each tap is copied faster.
            places = len(self.geometry.places) + 1
            order = (*range(places, windows.ndim), *range(places))
            windows = windows.transpose(order)
        columns = shaped(scratch[1], windows.shape, x)
        matrix = columns.reshape(self.depth, -1).T if is_turned else columns.reshape(-1, self.depth)
        return [*calls, copy(columns, windows), product(matrix, self.matrix, result)]
