"""`keras.ops`: what kind of number each element is, and whether two are about the same."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.ir.dtypes import is_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import (
    absolute,
    divide,
    equal,
    less,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    where,
)
from graphc.ops.convert import TensorLike, TensorOrLists, as_float, as_tensor, together
from graphc.ops.creation import full_like, ones_like, zeros_like
from graphc.ops.reduction import all_, any_
from graphc.ops.shaping import expand_dims, reshape


def _has_fractions(x: Tensor) -> bool:
    return is_float(x.dtype) or x.dtype.startswith("complex")


@op(static=math.isnan)
def isnan(x: TensorLike) -> Tensor:
    """Whether x is not a number."""
    x = as_tensor(x)
    return not_equal(x, x) if _has_fractions(x) else zeros_like(x, "bool")


@op(static=math.isinf)
def isinf(x: TensorLike) -> Tensor:
    """Whether x is infinite, of either sign."""
    x = as_tensor(x)
    return equal(absolute(x), math.inf) if is_float(x.dtype) else zeros_like(x, "bool")


@op(static=math.isfinite)
def isfinite(x: TensorLike) -> Tensor:
    """Whether x is neither infinite nor not a number."""
    x = as_tensor(x)
    return apply(rows.IS_FINITE, x) if _has_fractions(x) else ones_like(x, "bool")


@op()
def isposinf(x: TensorLike) -> Tensor:
    """Whether x is infinite and positive."""
    return _is_infinity(as_tensor(x), math.inf)


@op()
def isneginf(x: TensorLike) -> Tensor:
    """Whether x is infinite and negative."""
    return _is_infinity(as_tensor(x), -math.inf)


def _is_infinity(x: Tensor, infinity: float) -> Tensor:
    return equal(x, infinity) if is_float(x.dtype) else zeros_like(x, "bool")


@op()
def signbit(x: TensorLike) -> Tensor:
    """Whether x has a minus sign; -0.0 has."""
    x = as_tensor(x)
    if not is_float(x.dtype):
        return less(x, 0)
    return where(equal(x, 0), less(divide(1, x), 0), less(x, 0))


@op()
def nan_to_num(
    x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """x with other numbers for what is none and for infinities: by default the largest there are."""
    x = as_tensor(x)
    if not is_float(x.dtype):
        return x
    largest = LARGEST[x.dtype]
    x = where(isnan(x), full_like(x, nan), x)
    x = where(isposinf(x), full_like(x, largest if posinf is None else posinf), x)
    return where(isneginf(x), full_like(x, -largest if neginf is None else neginf), x)


LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "float64": 1.7976931348623157e308,
}
"""The largest finite number of each float dtype."""


@op()
def isclose(
    x1: TensorLike,
    x2: TensorLike,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    """Whether |x1 - x2| <= atol + rtol * |x2|; infinities are close to their like."""
    x, y = together(x1, x2)
    if not is_float(x.dtype):
        x, y = as_float(x), as_float(y)
    is_near = absolute(x - y) <= absolute(y) * rtol + atol
    close = where(logical_and(isfinite(x), isfinite(y)), is_near, equal(x, y))
    return logical_or(close, logical_and(isnan(x), isnan(y))) if equal_nan else close


@op(class_name="AllClose")
def allclose(
    x1: TensorLike,
    x2: TensorLike,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    """Whether all elements are close: see `isclose`."""
    return all_(isclose(x1, x2, rtol, atol, equal_nan))


@op(class_name="IsIn")
def isin(
    x1: TensorLike, x2: TensorOrLists, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Whether each element of x1 is one of x2, or with `invert` none."""
    del assume_unique  # a promise that lets NumPy go faster
    x, others = together(x1, x2)
    is_same = equal(expand_dims(x, x.rank), reshape(others, (1,) * x.rank + (-1,)))
    found = any_(is_same, -1)
    return logical_not(found) if invert else found
