"""Kernels that move data: views wherever NumPy can give one."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels.table import Array, kernel

Widths = tuple[tuple[int, int], ...]


@kernel("reshape")
def reshape(x: Array, shape: tuple[int, ...]) -> Array:
    """The same elements, in the order of C."""
    return x.reshape(shape)


@kernel("transpose")
def transpose(x: Array, permutation: tuple[int, ...]) -> Array:
    """The axes in another order."""
    return x.transpose(permutation)


@kernel("broadcast")
def broadcast(x: Array, shape: tuple[int, ...]) -> Array:
    """The same elements again and again."""
    return np.broadcast_to(x, shape)


@kernel("pad")
def pad(x: Array, widths: Widths, mode: str, value: float = 0) -> Array:
    """More elements before and after each axis; fewer where a width is negative."""
    before = x
    x = x[tuple(_kept(size, *width) for size, width in zip(x.shape, widths, strict=True))]
    grown = [(max(low, 0), max(high, 0)) for low, high in widths]
    if not any(map(any, grown)):
        return x
    if mode != "constant":
        padded: Array = _any_mode(x, grown, mode=mode)
        return padded
    shape = tuple(size + sum(width) for size, width in zip(before.shape, widths, strict=True))
    result = np.full(shape, np.asarray(value).astype(x.dtype))
    # What is cut off after an axis may be all of it, and some of what is put before it.
    into = tuple(slice(b, b + n) for n, (b, _) in zip(x.shape, grown, strict=True))
    target = result[into]
    target[...] = x[tuple(map(slice, target.shape))]
    return result


_any_mode: Any = np.pad  # its types list the modes one by one


def _kept(size: int, before: int, after: int) -> slice:
    return slice(max(-before, 0), max(size + min(after, 0), 0))


@kernel("slice")
def slice_(
    x: Array, starts: tuple[int, ...], sizes: tuple[int, ...], strides: tuple[int, ...]
) -> Array:
    """So many elements from each axis, every so many."""
    cuts = []
    for start, size, stride in zip(starts, sizes, strides, strict=True):
        stop = start + size * stride
        cuts.append(slice(start, stop if stop >= 0 else None, stride) if size else slice(0))
    return x[tuple(cuts)]


@kernel("concatenate")
def concatenate(*parts: Array, axis: int) -> Array:
    """Parts one after the other."""
    return np.concatenate(parts, axis)


@kernel("reverse")
def reverse(x: Array, axes: tuple[int, ...]) -> Array:
    """The other way round."""
    return np.flip(x, axes)


@kernel("stop_gradient")
def stop_gradient(x: Array) -> Array:
    """The tensor itself."""
    return x


@kernel("bitcast")
def bitcast(x: Array, dtype: str) -> Array:
    """The same bits."""
    return np.ascontiguousarray(x).reshape(x.shape).view(numpy_dtype(dtype))


@kernel("iota")
def iota(shape: tuple[int, ...], axis: int, dtype: str) -> Array:
    """0, 1, 2, … along an axis."""
    along = [-1 if i == axis else 1 for i in range(len(shape))]
    numbers = np.arange(shape[axis]).astype(numpy_dtype(dtype))
    return np.broadcast_to(numbers.reshape(along), shape)


@kernel("constant")
def constant(value: Any, shape: tuple[int, ...], dtype: str) -> Array:
    """A number everywhere, or nested tuples of numbers."""
    with np.errstate(over="ignore"):  # what is too large is infinite
        return np.broadcast_to(np.array(value).astype(numpy_dtype(dtype)), shape)


@kernel("dim_size")
def dim_size(dim: int, dtype: str) -> Array:
    """A size as a number."""
    return np.array(dim, numpy_dtype(dtype))
