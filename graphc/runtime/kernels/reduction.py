"""Kernels that take axes away, or run along one."""

from __future__ import annotations

import numpy as np

from graphc.runtime.kernels.table import KERNELS, Array, Run, kernel, widened


def _reduction(ufunc: np.ufunc) -> Run:
    def run(x: Array, axes: tuple[int, ...]) -> Array:
        # Without a dtype NumPy adds up small integers in wider ones.
        wide = widened(x)
        return np.asarray(ufunc.reduce(wide, axis=axes, dtype=wide.dtype)).astype(x.dtype)

    return run


REDUCTIONS: dict[str, np.ufunc] = {
    "reduce_sum": np.add,
    "reduce_prod": np.multiply,
    "reduce_max": np.maximum,
    "reduce_min": np.minimum,
    "reduce_and": np.logical_and,
    "reduce_or": np.logical_or,
}
KERNELS.update({name: _reduction(ufunc) for name, ufunc in REDUCTIONS.items()})


def _cumulative(ufunc: np.ufunc) -> Run:
    def run(x: Array, axis: int, reverse: bool = False) -> Array:
        wide = np.flip(widened(x), axis) if reverse else widened(x)
        result = ufunc.accumulate(wide, axis=axis, dtype=wide.dtype)
        return (np.flip(result, axis) if reverse else result).astype(x.dtype, copy=False)

    return run


CUMULATIVE: dict[str, np.ufunc] = {
    "cumsum": np.add,
    "cumprod": np.multiply,
    "cummax": np.maximum,
    "cummin": np.minimum,
    "cumlogsumexp": np.logaddexp,
}
KERNELS.update({name: _cumulative(ufunc) for name, ufunc in CUMULATIVE.items()})


@kernel("argmax")
def argmax(x: Array, axis: int) -> Array:
    """Where the largest stands, the first of them."""
    return np.asarray(np.argmax(widened(x), axis)).astype(np.int32)


@kernel("argmin")
def argmin(x: Array, axis: int) -> Array:
    """Where the smallest stands, the first of them."""
    return np.asarray(np.argmin(widened(x), axis)).astype(np.int32)


@kernel("sort")
def sort(x: Array, axis: int) -> tuple[Array, Array]:
    """Smallest first, and where each came from."""
    order = np.argsort(widened(x), axis, kind="stable")
    return np.take_along_axis(x, order, axis), order.astype(np.int32)
