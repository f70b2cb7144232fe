"""Kernels that reduce sliding windows: one axis after the other, one tap after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.kernels.movement import pad
from graphc.runtime.kernels.table import Array, kernel, widened

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


@kernel("reduce_window_sum")
def reduce_window_sum(x: Array, window: Sizes, strides: Sizes, padding: Padding) -> Array:
    """Sums of windows; padding counts as 0."""
    return _reduced(np.add, 0, x, window, strides, padding)


@kernel("reduce_window_max")
def reduce_window_max(x: Array, window: Sizes, strides: Sizes, padding: Padding) -> Array:
    """Maxima of windows; padding counts as the smallest value."""
    return _reduced(np.maximum, smallest(x.dtype), x, window, strides, padding)


def smallest(dtype: np.dtype[Any]) -> float:
    """What is below every other value of a dtype."""
    if dtype.kind == "b":
        return False
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def _reduced(
    ufunc: np.ufunc, fill: float, x: Array, window: Sizes, strides: Sizes, padding: Padding
) -> Array:
    result = pad(widened(x), padding, "constant", fill)
    for axis, (size, stride) in enumerate(zip(window, strides, strict=True)):
        if (size, stride) == (1, 1):
            continue
        places = (result.shape[axis] - size) // stride + 1
        before = (slice(None),) * axis
        taps = [
            result[(*before, slice(tap, tap + (places - 1) * stride + 1, stride))]
            for tap in range(size)
        ]
        total = taps[0].copy()
        for tap in taps[1:]:
            ufunc(total, tap, out=total)
        result = total
    return result.astype(x.dtype, copy=False)
