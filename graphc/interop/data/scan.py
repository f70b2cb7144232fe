"""What values an array holds, found a few megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphc.record import Record
from graphc.runtime.kernels.table import Array

_CHUNK_BYTES = 1 << 23


class Values(Record):
    """The least and the greatest; NaN where one is, and the row of the first that is not finite."""

    low: float
    high: float
    is_whole: bool
    not_finite: int | None


def values_of(array: Any) -> Values:
    """Look at every value of an array that is not empty."""
    low, high, is_whole, row = np.inf, -np.inf, True, 0
    for chunk in chunks(array):
        if chunk.dtype.kind not in "biu":
            finite = np.isfinite(chunk)
            if not finite.all():
                first = int(np.argmin(finite.reshape(len(chunk), -1).all(axis=1)))
                return Values(np.nan, np.nan, is_whole=False, not_finite=row + first)
            is_whole = is_whole and bool((np.trunc(chunk) == chunk).all())
        low, high = min(low, float(chunk.min())), max(high, float(chunk.max()))
        row += len(chunk)
    return Values(low, high, is_whole, not_finite=None)


def chunks(array: Any) -> Iterator[Array]:
    """The rows of an array, so many at a time as are a few megabytes."""
    if array.size == 0:
        return
    row_bytes = max(1, array.dtype.itemsize * int(np.prod(array.shape[1:], dtype=np.int64)))
    size = max(1, _CHUNK_BYTES // row_bytes)
    for start in range(0, len(array), size):
        yield np.asarray(array[start : start + size])
