"""Arrays that programs read and never write.

Each begins at a cache line: products read matrices that begin inside a line up to a sixth more
slowly. Programs of one model, for inputs of other shapes, have mostly the same ones; equal arrays
are one as long as some program has it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary
from zlib import crc32

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.arena import ALIGNMENT

_KEPT: WeakValueDictionary[tuple[Any, ...], Array] = WeakValueDictionary()
"""The memory of what programs have, by what is in it."""


def aligned(array: Array) -> Array:
    """The same values in C's order, from the start of a cache line: copied where they are not.

    What repeats itself in memory stays as small as it is.
    """
    is_repeated = any(
        step == 0 and size > 1 for size, step in zip(array.shape, array.strides, strict=True)
    )
    is_good = array.flags.c_contiguous and array.ctypes.data % ALIGNMENT == 0
    return array if is_repeated or is_good else kept(array)


def kept(array: Array) -> Array:
    """A copy of an array, aligned, that all programs share."""
    if array.nbytes < ALIGNMENT:
        return array
    given = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    place = (array.shape, array.dtype, crc32(given.data))
    whole = _KEPT.get(place)
    if whole is None or not np.array_equal(_aligned_part(whole, given.size), given):
        whole = _whole(given.size)
        _aligned_part(whole, given.size)[...] = given
        _KEPT[place] = whole
    return _aligned_part(whole, given.size).view(array.dtype).reshape(array.shape)


def own(array: Array) -> Array:
    """A copy of an array, aligned, that nobody else has."""
    made: Array = room(array.nbytes).view(array.dtype).reshape(array.shape)
    made[...] = array
    return made


def room(size: int) -> Array:
    """So many bytes from the start of a cache line."""
    return _aligned_part(_whole(size), size)


def _whole(size: int) -> Array:
    return np.empty(size + ALIGNMENT, np.uint8)


def _aligned_part(whole: Array, size: int) -> Array:
    start = -whole.ctypes.data % ALIGNMENT
    return whole[start : start + size]
