"""`keras.ops`: reductions that leave out what is not a number."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.ir.dtypes import is_float, promote, to_float
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import logical_not, where
from graphc.ops.comparison import isnan
from graphc.ops.convert import Axes, DTypeName, TensorLike, as_tensor, cast
from graphc.ops.cumulative import cumprod, cumsum
from graphc.ops.elementary import sqrt
from graphc.ops.reduction import all_, argmax, argmin, max_, min_, prod, sum_


def _filled(x: TensorLike, value: float) -> Tensor:
    x = as_tensor(x)
    return where(isnan(x), as_tensor(value, x.dtype), x) if is_float(x.dtype) else x


def _share(x: Tensor, axis: Axes | None, keepdims: bool) -> Tensor:
    """How many numbers there are along axes."""
    return sum_(cast(logical_not(isnan(x)), x.dtype), axis, keepdims)


@op()
def nansum(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The sum of the numbers along axes."""
    return sum_(_filled(x, 0), axis, keepdims)


@op()
def nanprod(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The product of the numbers along axes."""
    return prod(_filled(x, 1), axis, keepdims)


@op()
def nanmean(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The mean of the numbers along axes."""
    x = as_tensor(x)
    dtype = to_float(x.dtype)
    wide = cast(x, promote(dtype, "float32"))
    return cast(nansum(wide, axis, keepdims) / _share(wide, axis, keepdims), dtype)


@op()
def nanvar(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The variance of the numbers along axes."""
    x = as_tensor(x)
    dtype = to_float(x.dtype)
    wide = cast(x, promote(dtype, "float32"))
    centered = wide - nanmean(wide, axis, keepdims=True)
    squares = nansum(centered * centered, axis, keepdims)
    return cast(squares / _share(wide, axis, keepdims), dtype)


@op()
def nanstd(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The standard deviation of the numbers along axes."""
    x = as_tensor(x)
    dtype = to_float(x.dtype)
    wide = cast(x, promote(dtype, "float32"))
    return cast(sqrt(nanvar(wide, axis, keepdims)), dtype)


@op()
def nanmax(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The largest of the numbers along axes."""
    return _extreme(as_tensor(x), axis, keepdims, -math.inf)


@op()
def nanmin(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The smallest of the numbers along axes."""
    return _extreme(as_tensor(x), axis, keepdims, math.inf)


def _extreme(x: Tensor, axis: Axes | None, keepdims: bool, farthest: float) -> Tensor:
    find = max_ if farthest < 0 else min_
    if not is_float(x.dtype):
        return find(x, axis, keepdims)
    found = find(_filled(x, farthest), axis, keepdims)
    return where(all_(isnan(x), axis, keepdims), math.nan, found)


@op()
def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest of the numbers is, or -1 where there are none."""
    return _place(as_tensor(x), axis, keepdims, -math.inf)


@op()
def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest of the numbers is, or -1 where there are none."""
    return _place(as_tensor(x), axis, keepdims, math.inf)


def _place(x: Tensor, axis: int | None, keepdims: bool, farthest: float) -> Tensor:
    find = argmax if farthest < 0 else argmin
    if not is_float(x.dtype):
        return find(x, axis, keepdims)
    found = find(_filled(x, farthest), axis, keepdims)
    return where(all_(isnan(x), axis, keepdims), as_tensor(-1, found.dtype), found)


@op()
def nancumsum(x: TensorLike, axis: int | None = None, dtype: DTypeName | None = None) -> Tensor:
    """The sum so far of the numbers along an axis, or of all."""
    return cumsum(_filled(x, 0), axis, dtype)


@op()
def nancumprod(x: TensorLike, axis: int | None = None, dtype: DTypeName | None = None) -> Tensor:
    """The product so far of the numbers along an axis, or of all."""
    return cumprod(_filled(x, 1), axis, dtype)
