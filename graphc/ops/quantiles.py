"""`keras.ops`: medians and other quantiles, with and without what is not a number."""

from __future__ import annotations

import math
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.shapes import normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import less_equal, logical_not, maximum, minimum, where
from graphc.ops.comparison import isnan
from graphc.ops.convert import Axes, TensorLike, as_float, as_tensor, cast
from graphc.ops.gathering import take_along_axis
from graphc.ops.reduction import any_, sum_
from graphc.ops.shaping import broadcasted, expand_dims, moveaxis, reshape, to_shape
from graphc.ops.sorting import sort

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


@op()
def quantile(
    x: TensorLike,
    q: TensorLike,
    axis: Axes | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The number below which a share q of the elements along axes lies; of several q, each."""
    x = as_float(x)
    flat = _flattened(x, axis)
    size = as_tensor(flat.shape[-1], "int32")
    found = _at(sort(flat), size, q, method)
    found = where(any_(isnan(flat), -1, keepdims=True), math.nan, found)
    return _shaped(found, x, axis, q, keepdims)


@op()
def nanquantile(
    x: TensorLike,
    q: TensorLike,
    axis: Axes | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The quantile of those elements that are numbers."""
    x = as_float(x)
    flat = _flattened(x, axis)
    count = sum_(cast(logical_not(isnan(flat)), "int32"), -1)
    found = _at(sort(flat), count, q, method)  # what is not a number goes to the end
    return _shaped(found, x, axis, q, keepdims)


@op()
def percentile(
    x: TensorLike,
    q: TensorLike,
    axis: Axes | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The number below which q of a hundred elements along axes lie; of several q, each."""
    return quantile(x, _hundredth(q), axis, method, keepdims)


@op()
def nanpercentile(
    x: TensorLike,
    q: TensorLike,
    axis: Axes | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The percentile of those elements that are numbers."""
    return nanquantile(x, _hundredth(q), axis, method, keepdims)


@op()
def median(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The middle of the elements along axes, or of the two in the middle the mean."""
    return quantile(x, 0.5, axis, "midpoint", keepdims)


@op()
def nanmedian(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The median of those elements that are numbers."""
    return nanquantile(x, 0.5, axis, "midpoint", keepdims)


def _hundredth(q: TensorLike) -> Tensor:
    return as_float(q) / 100


def _flattened(x: Tensor, axis: Axes | None) -> Tensor:
    """The axes to go over as one, behind the others."""
    axes = normalize_axes(axis, x.rank)
    moved = moveaxis(x, axes, tuple(range(x.rank - len(axes), x.rank)))
    return reshape(moved, (*moved.shape[: x.rank - len(axes)], -1))


def _at(ordered: Tensor, count: Tensor, q: Any, method: str) -> Tensor:
    """What stands at each share q of so many elements in order: shape [..., number of q]."""
    if method not in METHODS:
        raise Fault(
            INVALID_VALUE,
            f'needs `method` to be one of {", ".join(METHODS)}, got "{method}"',
            arguments=("method",),
        )
    shares = as_tensor(q, ordered.dtype)
    if shares.rank > 1:
        raise Fault(RANK_MISMATCH, f"needs `q` to be a number or a vector, got {shares.type}")
    last = expand_dims(cast(count, ordered.dtype), -1) - 1
    place = reshape(shares, -1) * last
    low, high = apply(rows.FLOOR, place), apply(rows.CEIL, place)
    weight = place - low
    first, second = (_read(ordered, minimum(maximum(t, 0), last)) for t in (low, high))
    if method == "linear":
        return first * (1 - weight) + second * weight
    if method == "lower":
        return first
    if method == "higher":
        return second
    if method == "nearest":
        return where(less_equal(weight, 0.5), first, second)
    return (first + second) * 0.5


def _read(ordered: Tensor, places: Tensor) -> Tensor:
    indices = cast(maximum(places, 0), "int32")
    shape = (*ordered.shape[:-1], indices.shape[-1])
    return take_along_axis(ordered, broadcasted(indices, shape), -1)


def _shaped(found: Tensor, x: Tensor, axis: Axes | None, q: Any, keepdims: bool) -> Tensor:
    """The quantiles, behind them the shape that a reduction has; without them for one q."""
    axes = normalize_axes(axis, x.rank)
    kept = tuple(dim for i, dim in enumerate(x.shape) if i not in axes)
    if keepdims:
        kept = tuple(1 if i in axes else dim for i, dim in enumerate(x.shape))
    is_one = not isinstance(q, (tuple, list)) and (not isinstance(q, Tensor) or q.rank == 0)
    front = moveaxis(found, -1, 0)
    return to_shape(front, kept if is_one else (front.shape[0], *kept))
