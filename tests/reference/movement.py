"""Reference kernels of the primitives that move data."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.ir.dims import UNKNOWN
from tests.reference.kernel import kernel, numpy_dtype


@kernel("reshape")
def reshape(x: Any, shape: tuple[Any, ...]) -> Any:
    return x.reshape([-1 if dim is UNKNOWN else dim for dim in shape])


@kernel("transpose")
def transpose(x: Any, permutation: tuple[int, ...]) -> Any:
    return x.transpose(permutation)


@kernel("broadcast")
def broadcast(x: Any, shape: tuple[Any, ...]) -> Any:
    first = len(shape) - x.ndim
    known = [x.shape[i - first] if dim is UNKNOWN else dim for i, dim in enumerate(shape)]
    return np.broadcast_to(x, known)


@kernel("pad")
def pad(x: Any, widths: Any, mode: str, value: float = 0) -> Any:
    return pad_or_crop(x, widths, mode, value)


def pad_or_crop(x: Any, widths: Any, mode: str, value: float = 0) -> Any:
    """Pad each axis before and after; a negative width takes away."""
    for axis, (before, after) in enumerate(widths):
        size = x.shape[axis]
        x = np.take(x, range(max(-before, 0), size + min(after, 0)), axis=axis)
    grown = [(max(before, 0), max(after, 0)) for before, after in widths]
    options = {"constant_values": np.asarray(value).astype(x.dtype)} if mode == "constant" else {}
    return np.pad(x, grown, mode, **options)


@kernel("slice")
def slice_(x: Any, starts: Any, sizes: Any, strides: Any) -> Any:
    for axis, (start, size, stride) in enumerate(zip(starts, sizes, strides, strict=True)):
        places = [start + i * stride for i in range(size)]
        assert all(0 <= place < x.shape[axis] for place in places), "a slice reads outside"
        x = np.take(x, np.array(places, int), axis=axis)
    return x


@kernel("concatenate")
def concatenate(*parts: Any, axis: int) -> Any:
    return np.concatenate(parts, axis)


@kernel("reverse")
def reverse(x: Any, axes: tuple[int, ...]) -> Any:
    return np.flip(x, axes)


@kernel("stop_gradient")
def stop_gradient(x: Any) -> Any:
    return x


@kernel("bitcast")
def bitcast(x: Any, dtype: str) -> Any:
    return x.view(numpy_dtype(dtype))


@kernel("iota")
def iota(shape: tuple[int, ...], axis: int, dtype: str) -> Any:
    along = [-1 if i == axis else 1 for i in range(len(shape))]
    return np.broadcast_to(np.arange(shape[axis]).reshape(along), shape).astype(numpy_dtype(dtype))


@kernel("constant")
def constant(value: Any, shape: tuple[int, ...], dtype: str) -> Any:
    with np.errstate(over="ignore"):  # what is too large is infinite
        return np.broadcast_to(np.array(value), shape).astype(numpy_dtype(dtype))


@kernel("dim_size")
def dim_size(dim: int, dtype: str) -> Any:
    return np.array(dim, numpy_dtype(dtype))
