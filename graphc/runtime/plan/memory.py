"""Where tensors are: bytes of a storage, seen with a shape and strides."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from graphc.ir.tensor import Step
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.constants import aligned

Shape = tuple[int, ...]


class Storage:
    """Bytes that one tensor fills, and that others may see or overwrite.

    `array` holds what is known before any call. The rest lies in an arena: `base` are its bytes,
    and `offset` says where among them, once that is decided.
    """

    __slots__ = ("array", "base", "offset", "size")

    def __init__(self, size: int, array: Array | None = None) -> None:
        self.size = size
        self.array = array
        self.base: Array | None = None
        self.offset = 0


class Place(Record):
    """A view of a storage, in bytes from its start."""

    storage: Storage
    dtype: np.dtype[Any]
    shape: Shape
    strides: Shape
    offset: int = 0

    __hash__ = object.__hash__

    @property
    def is_known(self) -> bool:
        """Whether its values are there before any call."""
        return self.storage.array is not None

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its storage, in C's order."""
        return (
            self.offset == 0
            and prod(self.shape) * self.dtype.itemsize == self.storage.size
            and _squeezed(self.shape, self.strides)
            == _squeezed(self.shape, packed(self.shape, self.dtype.itemsize))
        )

    def array(self) -> Array:
        """The view itself, on the storage's own array or in the arena."""
        base = self.storage.array
        if base is not None:
            return base
        return self._in_arena(self.offset, self.shape, self.strides)

    def block(self, leading: int, rows: tuple[int, int], held: int = 0) -> Array:
        """Some of the rows that the first axes count, with one axis for them.

        `held` is the row that the storage begins with, where it does not hold all.
        """
        found = self.rows(leading)
        assert found is not None
        count, stride = found
        start, stop = rows
        strides = (stride, *self.strides[leading:])
        base = self.storage.array
        if base is not None:
            shape = (count, *self.shape[leading:])
            return np.lib.stride_tricks.as_strided(base, shape, strides)[start:stop]
        offset = self.offset + (start - held) * stride
        return self._in_arena(offset, (stop - start, *self.shape[leading:]), strides)

    def outline(self, leading: int, rows: int) -> Array:
        """The shape and strides of so many rows: an array whose elements nobody may look at."""
        found = self.rows(leading)
        assert found is not None
        shape, strides = (rows, *self.shape[leading:]), (found[1], *self.strides[leading:])
        return np.lib.stride_tricks.as_strided(np.empty(1, self.dtype), shape, strides)

    def _in_arena(self, offset: int, shape: Shape, strides: Shape) -> Array:
        base = self.storage.base
        assert base is not None, "this storage has no bytes yet"
        return np.ndarray(shape, self.dtype, base.data, self.storage.offset + offset, strides)

    def rows(self, leading: int) -> tuple[int, int] | None:
        """The number of rows that the first axes count, and the bytes from one to the next.

        None where their strides are not those of one axis.
        """
        count, stride = 1, 0
        for size, step in zip(
            reversed(self.shape[:leading]), reversed(self.strides[:leading]), strict=True
        ):
            if size == 1:
                continue
            if count == 1:
                count, stride = size, step
            elif step == count * stride:
                count *= size
            else:
                return None
        return count, stride

    def keeps_rows(self, leading: int) -> bool:
        """Whether each row lies in the same row of the storage, divided into as many."""
        found = self.rows(leading)
        if found is None or self.is_known:
            return False
        count, stride = found
        if self.storage.size % count:
            return False
        row = self.storage.size // count
        pairs = list(zip(self.shape[leading:], self.strides[leading:], strict=True))
        low = self.offset + sum((n - 1) * s for n, s in pairs if s < 0)
        high = self.offset + sum((n - 1) * s for n, s in pairs if s > 0) + self.dtype.itemsize
        return (stride == row or count == 1) and low >= 0 and high <= row


def packed(shape: Shape, itemsize: int) -> Shape:
    """The strides of C's order."""
    strides = []
    for size in reversed(shape):
        strides.append(itemsize)
        itemsize *= size
    return tuple(reversed(strides))


def fresh(type: TensorType) -> Place:
    """A place of its own for a tensor whose sizes are numbers."""
    shape: Shape = tuple(map(int, type.shape))  # type: ignore[arg-type]
    dtype = numpy_dtype(type.dtype)
    storage = Storage(prod(shape) * dtype.itemsize)
    return Place(storage, dtype, shape, packed(shape, dtype.itemsize))


def known(array: Array) -> Place:
    """The place of an array that exists."""
    array = aligned(np.asarray(array))
    return Place(Storage(array.nbytes, array), array.dtype, array.shape, array.strides)


def held(array: Array) -> Place:
    """The place of an array that exists, whose values may be others at each call.

    Raises:
        ValueError: it is not in C's order.
    """
    if not array.flags.c_contiguous:
        raise ValueError("an array whose elements are not in order has no bytes to hold")
    storage = Storage(array.nbytes)
    storage.base = array.reshape(-1).view(np.uint8)
    return Place(storage, array.dtype, array.shape, array.strides)


_VIEWS = ("reshape", "transpose", "broadcast", "slice", "reverse", "stop_gradient", "bitcast")


def viewed(step: Step, place: Place) -> Place | None:
    """Where a step's result is, if it only sees its operand in another way.

    Every other element of a row is left to be copied: products of matrices want rows in one piece.
    """
    name = step.primitive.name
    if 0 in place.shape:
        return None
    if name not in _VIEWS and not (
        name == "cast" and step.types[0].dtype == step.operands[0].dtype
    ):
        return None
    if name == "slice" and any(stride != 1 for stride in step.attributes["strides"]):
        return None
    if name == "bitcast" and not place.is_whole:
        return None
    item = np.empty(1, place.dtype)  # no element of it is looked at, but its address is
    stand_in = np.lib.stride_tricks.as_strided(item, place.shape, place.strides)
    attributes = step.attributes
    if name == "reshape":
        try:
            seen = np.reshape(stand_in, attributes["shape"], copy=False)
        except ValueError:
            return None
    elif name == "bitcast":
        seen = stand_in.view(KERNELS["bitcast"](item, **attributes).dtype)
    else:
        seen = KERNELS[name](stand_in, **attributes)
    moved = _address(seen) - _address(item)
    return Place(place.storage, seen.dtype, seen.shape, seen.strides, place.offset + moved)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _squeezed(shape: Shape, strides: Shape) -> list[tuple[int, int]]:
    return [(n, s) for n, s in zip(shape, strides, strict=True) if n != 1]
