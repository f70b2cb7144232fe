"""Reference kernels of reductions, of cumulative primitives, and of sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.reference.kernel import kernel, widened

REDUCTIONS: dict[str, Callable[..., Any]] = {
    "reduce_sum": np.sum,
    "reduce_prod": np.prod,
    "reduce_max": np.max,
    "reduce_min": np.min,
    "reduce_and": np.all,
    "reduce_or": np.any,
}

CUMULATIVE: dict[str, Callable[..., Any]] = {
    "cumsum": np.add.accumulate,
    "cumprod": np.multiply.accumulate,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
    "cumlogsumexp": np.logaddexp.accumulate,
}


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, axes: tuple[int, ...]) -> Any:
        return np.asarray(function(widened(x), axis=axes)).astype(x.dtype)

    return run


def _cumulative(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, axis: int, reverse: bool = False) -> Any:
        wide = np.flip(widened(x), axis) if reverse else widened(x)
        result = function(wide, axis=axis)
        return (np.flip(result, axis) if reverse else result).astype(x.dtype)

    return run


for name, function in REDUCTIONS.items():
    kernel(name)(_reduction(function))
for name, function in CUMULATIVE.items():
    kernel(name)(_cumulative(function))


@kernel("argmax")
def argmax(x: Any, axis: int) -> Any:
    return np.argmax(widened(x), axis).astype(np.int32)


@kernel("argmin")
def argmin(x: Any, axis: int) -> Any:
    return np.argmin(widened(x), axis).astype(np.int32)


@kernel("sort")
def sort(x: Any, axis: int) -> Any:
    order = np.argsort(widened(x), axis, kind="stable")
    return np.take_along_axis(x, order, axis), order.astype(np.int32)
