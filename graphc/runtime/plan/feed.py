"""Rows made just before windows slide over them: all of what is between is never there at once.

Where a group fills nothing but the images that the next one slides windows over, they take turns.
A block of windows waits for no more than the rows under it, and those that the next block needs
again are moved to the front of the room.
"""

from __future__ import annotations

from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.memory import Place, Storage
from graphc.runtime.plan.windows.strategy import Block


class Feed(Record):
    """How one group fills images block by block, as the windows of the next one need them."""

    images: Place
    home: Storage
    """Where they are: as many rows of all images as one block of windows is over."""
    held: tuple[tuple[int, int], ...]
    """The rows that are there, for each block of windows."""
    unit: int
    """The filling group's rows in one of these."""
    parts: tuple[tuple[tuple[int, int], ...], ...]
    """The filling group's blocks, for each block of windows."""

    __hash__ = object.__hash__

    @property
    def size(self) -> int:
        """Bytes that there is room for."""
        rows = self.images.shape[0] * self.images.shape[1]
        return max(stop - start for start, stop in self.held) * (self.home.size // rows)

    @property
    def starts(self) -> tuple[int, ...]:
        """The filling group's row that the room begins with, for each of its blocks."""
        pairs = zip(self.held, self.parts, strict=True)
        return tuple(start * self.unit for (start, _), parts in pairs for _ in parts)

    def moves(self, index: int) -> list[Call]:
        """What brings the rows that are needed again to the front."""
        if index == 0:
            return []
        (before, end), (start, _) = self.held[index - 1 : index + 1]
        if start == before or start >= end:
            return []
        front, there = (self.images.block(2, (start, end), held) for held in (start, before))
        return [copy(front, there)]

    def window(self, index: int, block: Block) -> tuple[Array, Block]:
        """The images of a block of windows, as much of them as there is, and the block in them."""
        start, stop = self.held[index]
        height = self.images.shape[1]
        rows = self.images.block(2, (start, stop), start)
        first = start - block.images[0] * height
        there = rows.reshape(block.count, -1, *self.images.shape[2:])
        return there, Block((0, block.count), block.rows, first)
