"""`keras.ops`: powers, exponentials, logarithms and their relatives, element by element."""

from __future__ import annotations

import math
from operator import mul

from graphc.declare.op import op
from graphc.ir.dtypes import promote, to_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops import limits
from graphc.ops.arithmetic import absolute, divide, equal, logical_or, maximum, minimum, where
from graphc.ops.comparison import isnan
from graphc.ops.convert import TensorLike, as_float, as_tensor, dtype_of, require_integer


def floats(*values: TensorLike) -> list[Tensor]:
    """Tensors and numbers in the float dtype that they promote to."""
    dtype = to_float(promote(*(dtype_of(value) for value in values)))
    return [as_tensor(value, dtype) for value in values]


@op(static=math.sqrt)
def sqrt(x: TensorLike) -> Tensor:
    """The square root of x."""
    return apply(rows.SQRT, as_float(x))


@op(static=lambda x: 1 / math.sqrt(x))
def rsqrt(x: TensorLike) -> Tensor:
    """1 / sqrt(x)."""
    return apply(rows.RSQRT, as_float(x))


@op(static=math.cbrt)
def cbrt(x: TensorLike) -> Tensor:
    """The cube root of x, negative where x is."""
    x = as_float(x)
    return apply(rows.SIGN, x) * absolute(x) ** (1 / 3)


@op(static=lambda x: limits.bounded(mul)(x, x))
def square(x: TensorLike) -> Tensor:
    """x times x."""
    x = as_tensor(x)
    x = as_tensor(x, "int32") if x.dtype == "bool" else x
    return x * x


@op(static=lambda x: 1 / x)
def reciprocal(x: TensorLike) -> Tensor:
    """1 / x."""
    return divide(1, x)


@op(static=math.hypot)
def hypot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """sqrt(x1² + x2²), without overflow between."""
    x, y = floats(x1, x2)
    large, small = maximum(absolute(x), absolute(y)), minimum(absolute(x), absolute(y))
    has_no_share = logical_or(equal(large, 0), equal(large, math.inf))
    share = small / where(has_no_share, 1, large)
    return large * sqrt(share * share + 1)


@op(static=math.exp)
def exp(x: TensorLike) -> Tensor:
    """e to the power x."""
    return apply(rows.EXP, as_float(x))


@op(static=math.exp2)
def exp2(x: TensorLike) -> Tensor:
    """2 to the power x."""
    x = as_float(x)
    return apply(rows.POWER, as_tensor(2, x.dtype), x)


@op(static=math.expm1)
def expm1(x: TensorLike) -> Tensor:
    """exp(x) - 1, exact near 0."""
    return apply(rows.EXPM1, as_float(x))


@op(static=math.log)
def log(x: TensorLike) -> Tensor:
    """The natural logarithm of x."""
    return apply(rows.LOG, as_float(x))


@op(static=math.log1p)
def log1p(x: TensorLike) -> Tensor:
    """log(1 + x), exact near 0."""
    return apply(rows.LOG1P, as_float(x))


@op(static=math.log2)
def log2(x: TensorLike) -> Tensor:
    """The logarithm of x to base 2."""
    return log(x) * (1 / math.log(2))


@op(static=math.log10)
def log10(x: TensorLike) -> Tensor:
    """The logarithm of x to base 10."""
    return log(x) * (1 / math.log(10))


@op()
def logaddexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """log(exp(x1) + exp(x2)), without overflow."""
    x, y = floats(x1, x2)
    distance = x - y  # not a number for infinities of one sign, whose sum is right
    return where(isnan(distance), x + y, _larger(x, y) + log1p(exp(_fall(distance))))


def _larger(x: Tensor, y: Tensor) -> Tensor:
    """The maximum: where both are equal, all of its slope goes to y."""
    return where(x > y, x, y)


def _fall(distance: Tensor) -> Tensor:
    """-|distance|, with a slope of 1 at 0: there it makes up for that of the maximum."""
    return where(distance > 0, -distance, distance)


@op()
def logaddexp2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """log2(2**x1 + 2**x2), without overflow."""
    x, y = floats(x1, x2)
    distance = x - y
    more = log1p(exp2(_fall(distance))) * (1 / math.log(2))
    return where(isnan(distance), x + y, _larger(x, y) + more)


@op()
def ldexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 * 2**x2, for whole numbers x2."""
    x, power = as_float(x1), as_tensor(x2)
    require_integer(power, "exponents")
    return x * exp2(as_tensor(power, x.dtype))


@op(static=math.erf)
def erf(x: TensorLike) -> Tensor:
    """The error function of x: 2 / sqrt(π) times the integral of exp(-t²) from 0 to x."""
    return apply(rows.ERF, as_float(x))


@op(static=math.erfc)
def erfc(x: TensorLike) -> Tensor:
    """1 - erf(x)."""
    return 1 - erf(x)


@op()
def erfinv(x: TensorLike) -> Tensor:
    """The number whose error function is x."""
    return apply(rows.ERF_INV, as_float(x))


@op()
def i0(x: TensorLike) -> Tensor:
    """The modified Bessel function of the first kind, of order 0."""
    return apply(rows.BESSEL_I0, as_float(x))
