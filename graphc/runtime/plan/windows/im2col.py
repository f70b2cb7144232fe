"""Convolution by a matrix whose rows are windows, made for a block at a time (im2col)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.pieces import Panels, product
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import (
    Block,
    Strategy,
    as_matrix,
    blocks_of,
    is_packed,
)


class Im2col(Strategy):
    """Windows copied into rows, times the kernel as a matrix."""

    def __init__(self, geometry: Geometry, kernel: Place, cache: int) -> None:
        self.geometry = geometry
        self.depth = geometry.taps * geometry.channels
        self.kernel = kernel
        # What is fed does not say which block is the first, before which a kernel is copied.
        self.is_fed = kernel.is_known or is_packed(kernel)
        self.lasts = not self.is_fed
        self._panels = Panels(self._matrix(kernel.array())) if kernel.is_known else None
        row = prod(geometry.places[1:]) * (self.depth + kernel.shape[-1]) * kernel.dtype.itemsize
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache)
        self._size = kernel.dtype.itemsize

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows, its windows, and the kernel as a matrix."""
        block = self.blocks[0]
        windows = block.count * block.height * prod(self.geometry.places[1:]) * self.depth
        matrix = 0 if self._panels or is_packed(self.kernel) else prod(self.kernel.shape)
        halo = self.geometry.halo_size(block, self._size)
        return halo, windows * self._size, matrix * self._size

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """Copies, and one product."""
        calls, padded = self.geometry.halo(block, x, scratch[0])
        matrix, copies = self.geometry.rows_of_windows(padded, block.height, scratch[1])
        calls += copies
        if self._panels is not None:
            return [*calls, product(matrix, self._panels, result)]
        more, factor = as_matrix(self.kernel.array(), scratch[2])
        before = more if block is self.blocks[0] else []
        return [*before, *calls, product(matrix, self._matrix(factor), result)]

    def _matrix(self, kernel: Array) -> Array:
        return kernel.reshape(self.depth, -1)
