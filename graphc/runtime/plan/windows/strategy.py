"""What a way to slide windows decides: blocks, and what is called on each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.memory import Place

if TYPE_CHECKING:
    from graphc.runtime.plan.windows.geometry import Geometry


class Block(Record):
    """Rows of the first spatial axis of the result, of some images: all rows, where of several."""

    images: tuple[int, int]
    rows: tuple[int, int]
    start: int = 0
    """The row that the images at hand begin with, where they are not whole."""

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.rows[1] - self.rows[0]

    @property
    def count(self) -> int:
        """The number of images."""
        return self.images[1] - self.images[0]


class Strategy(ABC):
    """A way to do one step."""

    geometry: Geometry
    blocks: Sequence[Block]
    """In the order of the result's rows."""
    is_fed = True
    """Whether the images may come a few rows at a time."""
    is_whole = False
    """Whether the result is there only after all blocks, each of which gets all of it."""
    lasts = False
    """Whether what is in the scratch after one block is there for the next."""

    @property
    @abstractmethod
    def scratch(self) -> Sequence[int]:
        """Bytes of room that each call needs for itself."""

    @abstractmethod
    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """The calls for one block.

        `x` are images, [N, *spatial, C], whole or as much as the block needs; `result` is the
        block's part of the result, a row for each place [rows, out]; `scratch` are bytes.
        """


def blocks_of(images: int, rows: int, bytes_per_row: int, cache: int) -> list[Block]:
    """Several images in a block where they are small, and else some rows of one."""
    together = cache // max(bytes_per_row * rows, 1)
    if together:
        size = -(-images // -(-images // together))
        return [Block((n, min(n + size, images)), (0, rows)) for n in range(0, images, size)]
    size = max(cache // bytes_per_row, 1)
    size = -(-rows // -(-rows // size))
    return [
        Block((n, n + 1), (start, min(start + size, rows)))
        for n in range(images)
        for start in range(0, rows, size)
    ]


def is_packed(x: Place) -> bool:
    """Whether the channels of all places follow each other, so that they are a matrix's rows."""
    inner = x.dtype.itemsize
    for size, step in zip(reversed(x.shape), reversed(x.strides), strict=True):
        if size > 1 and step != inner:
            return False
        inner *= size
    return True


def as_matrix(x: Array, room: Array) -> tuple[list[Call], Array]:
    """A row of channels for each place, and what copies them where they are not such rows."""
    shape = (-1, x.shape[-1])
    if x.flags.c_contiguous:
        return [], x.reshape(shape)
    rows = shaped(room, x.shape, x)
    return [copy(rows, x)], rows.reshape(shape)


def shaped(room: Array, shape: Sequence[int], like: Array) -> Array:
    """An array in a piece of scratch."""
    size = like.itemsize
    for each in shape:
        size *= each
    return room[:size].view(like.dtype).reshape(shape)
