"""`keras.ops`: whole numbers near others, signs and limits, element by element."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.diagnostics.codes import DTYPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import is_integer
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops import limits
from graphc.ops.arithmetic import (
    absolute,
    divide,
    equal,
    greater,
    less,
    maximum,
    minimum,
    mod,
    where,
)
from graphc.ops.comparison import isnan
from graphc.ops.convert import (
    TensorLike,
    as_float,
    as_tensor,
    cast,
    counted,
    require_numbers,
    together,
)
from graphc.ops.elementary import floats


@op(static=math.floor)
def floor(x: TensorLike) -> Tensor:
    """The largest whole number not above x."""
    return apply(rows.FLOOR, as_float(x))


@op(static=math.ceil)
def ceil(x: TensorLike) -> Tensor:
    """The smallest whole number not below x."""
    return apply(rows.CEIL, as_float(x))


@op(static=math.trunc)
def trunc(x: TensorLike) -> Tensor:
    """The whole number next to x towards 0."""
    x = as_tensor(x)
    if is_integer(x.dtype) or x.dtype == "bool":
        return x
    return where(less(x, 0), ceil(x), floor(x))


@op(static=limits.rounded)
def round_(x: TensorLike, decimals: int = 0) -> Tensor:
    """The number of so many decimals nearest to x; of two equally near, the even one."""
    x = as_tensor(x)
    require_numbers(x)
    if is_integer(x.dtype):
        return x if decimals >= 0 else cast(_rounded(cast(x, "float32"), decimals), x.dtype)
    return _rounded(x, decimals)


_MOST_DECIMALS = 300  # no float has a digit that far from its point


def _rounded(x: Tensor, decimals: int) -> Tensor:
    if decimals == 0:
        return apply(rows.ROUND_NEAREST_EVEN, x)
    if abs(decimals) > _MOST_DECIMALS:
        return x if decimals > 0 else x * 0
    # A factor below 1 is not exact, so that its inverse is divided by, or multiplied with.
    factor = float(10 ** abs(decimals))
    scaled = x * factor if decimals > 0 else x / factor
    whole = apply(rows.ROUND_NEAREST_EVEN, scaled)
    return whole / factor if decimals > 0 else whole * factor


@op(static=lambda x: (x > 0) - (x < 0))
def sign(x: TensorLike) -> Tensor:
    """-1 where x is negative, 1 where it is positive, else 0."""
    x = as_tensor(x)
    require_numbers(x)
    return apply(rows.SIGN, x)


@op(static=math.fabs)
def fabs(x: TensorLike) -> Tensor:
    """The size of x without its sign, as a fraction."""
    return absolute(as_float(x))


@op()
def heaviside(x1: TensorLike, x2: TensorLike) -> Tensor:
    """0 where x1 is negative, 1 where it is positive, and x2 where it is 0."""
    x, y = floats(x1, x2)
    return where(isnan(x), x, where(less(x, 0), 0, where(greater(x, 0), 1, y)))


@op()
def clip(x: TensorLike, x_min: TensorLike | None, x_max: TensorLike | None) -> Tensor:
    """x, but at least x_min and at most x_max."""
    x = as_tensor(x)
    x = cast(x, "int32") if x.dtype == "bool" else x
    x = x if x_min is None else maximum(x, x_min)
    return x if x_max is None else minimum(x, x_max)


@op(static=max)
def fmax(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The larger of x1 and x2, and the other where one is not a number."""
    x, y = together(x1, x2)
    return where(isnan(x), y, where(isnan(y), x, maximum(x, y)))


@op(static=min)
def fmin(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The smaller of x1 and x2, and the other where one is not a number."""
    x, y = together(x1, x2)
    return where(isnan(x), y, where(isnan(y), x, minimum(x, y)))


@op(static=math.fmod)
def fmod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """What division towards 0 leaves, with the sign of x1."""
    x, y = counted(x1, x2)
    left = mod(absolute(x), absolute(y))
    return where(less(x, 0), -left, left)


@op()
def divide_no_nan(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 / x2, and 0 where x2 is 0."""
    x, y = floats(x1, x2)
    is_zero = equal(y, 0)
    return where(is_zero, 0, divide(x, where(is_zero, 1, y)))


@op(static=math.nextafter)
def nextafter(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The number next to x1 towards x2, of those that the dtype has."""
    return apply(rows.NEXTAFTER, *floats(x1, x2))


def need_whole(*values: Tensor) -> None:
    """Raise `Fault` where numbers are fractions."""
    for value in values:
        if not is_integer(value.dtype):
            raise Fault(DTYPE_MISMATCH, f"needs whole numbers, got {value.type.full_text}")
