"""3x3 convolution by fewer multiplications, on tiles (Winograd).

Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016.
A tile of m x m results comes from (m + 2) x (m + 2) elements. The transforms of both axes are one
product with a Kronecker matrix, and in between there is one product of matrices for each element
of a tile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.constants import kept
from graphc.runtime.plan.pieces import Panels, product
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, blocks_of, shaped
from graphc.runtime.plan.windows.toom_cook import transforms


class Winograd(Strategy):
    """Tiles of `m` x `m` results. Strides, dilations and spreads are 1."""

    def __init__(self, geometry: Geometry, kernel: Array, m: int, cache: int) -> None:
        self.geometry = geometry
        self.m = m
        self.tile = m + 2
        dtype = kernel.dtype
        into, of_kernel, back = transforms(m)
        self.out = kernel.shape[-1]
        moved = np.einsum("ai,ijco,bj->abco", of_kernel, kernel.astype(np.float64), of_kernel)
        moved = moved.reshape(self.tile**2, geometry.channels, self.out)
        self.kernel = kept(moved.astype(dtype))
        self.panels = Panels(self.kernel)
        self.into = np.kron(into, into).astype(dtype)
        self.back = np.kron(back, back).astype(dtype)
        self._size = kernel.itemsize
        height, width = geometry.places
        self.across = -(-width // m)
        row = self.across * self.tile**2 * (2 * geometry.channels + self.out) * self._size
        tiles = blocks_of(
            geometry.images, -(-height // m), row, max(4 * cache, 2 * self.kernel.nbytes)
        )
        self.blocks = [
            Block(block.images, (block.rows[0] * m, min(block.rows[1] * m, height)))
            for block in tiles
        ]

    def _tiles(self, block: Block) -> tuple[int, int]:
        """Rows of tiles, and all tiles of a block."""
        down = -(-block.height // self.m)
        return down, block.count * down * self.across

    def _padded_shape(self, block: Block) -> tuple[int, int, int, int]:
        down, _ = self._tiles(block)
        return (
            block.count,
            down * self.m + 2,
            self.across * self.m + 2,
            self.geometry.channels,
        )

    @property
    def scratch(self) -> Sequence[int]:
        """Padded rows and products; tiles and results; transformed tiles."""
        block = self.blocks[0]
        _, count = self._tiles(block)
        n, rows, columns, channels = self._padded_shape(block)
        square = self.tile**2 * count
        padded = n * rows * columns * channels
        sizes = (
            max(padded, square * self.out),
            max(square * channels, 2 * self.m**2 * count * self.out),
            square * channels,
        )
        return [size * self._size for size in sizes]

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """Tiles, their transforms, the products, and back."""
        m, tile, channels, out = self.m, self.tile, self.geometry.channels, self.out
        down, count = self._tiles(block)
        padded = shaped(scratch[0], self._padded_shape(block), x)
        first = block.rows[0]
        # Rows and columns of tiles over the edge are zero like the padding.
        calls, _ = self.geometry.put(
            x[slice(*block.images)],
            padded,
            (first, first + padded.shape[1]),
            start=block.start,
        )
        image, row, column, item = padded.strides
        view = np.lib.stride_tricks.as_strided(
            padded,
            (tile, tile, block.count, down, self.across, channels),
            (row, column, image, row * m, column * m, item),
        )
        tiles = shaped(scratch[1], view.shape, x)
        moved = shaped(scratch[2], (tile**2, count * channels), x)
        products = shaped(scratch[0], (tile**2, count, out), x)
        results = shaped(scratch[1], (m**2, count * out), x)
        calls += [
            copy(tiles, view),
            product(self.into, tiles.reshape(tile**2, -1), moved),
            product(moved.reshape(tile**2, count, channels), self.panels, products),
            product(self.back, products.reshape(tile**2, -1), results),
        ]
        squares = results.reshape(m, m, block.count, down, self.across, out)
        squares = squares.transpose(2, 3, 0, 4, 1, 5)
        width = self.geometry.places[1]
        target = result.reshape(block.count, block.height, width, out)
        if (block.height, width) == (down * m, self.across * m):
            return [*calls, copy(target.reshape(squares.shape), squares)]
        room = scratch[1][results.nbytes :]
        whole = shaped(room, squares.shape, x)
        cut = whole.reshape(block.count, down * m, self.across * m, out)
        return [*calls, copy(whole, squares), copy(target, cut[:, : block.height, :width])]
