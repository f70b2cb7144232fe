"""`keras.ops`: trigonometric and hyperbolic functions, element by element."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, where
from graphc.ops.convert import TensorLike, as_float
from graphc.ops.elementary import floats


@op(static=math.sin)
def sin(x: TensorLike) -> Tensor:
    """The sine of x."""
    return apply(rows.SIN, as_float(x))


@op(static=math.cos)
def cos(x: TensorLike) -> Tensor:
    """The cosine of x."""
    return apply(rows.COS, as_float(x))


@op(static=math.tan)
def tan(x: TensorLike) -> Tensor:
    """The tangent of x."""
    return apply(rows.TAN, as_float(x))


@op(static=math.asin)
def arcsin(x: TensorLike) -> Tensor:
    """The angle whose sine is x."""
    return apply(rows.ASIN, as_float(x))


@op(static=math.acos)
def arccos(x: TensorLike) -> Tensor:
    """The angle whose cosine is x."""
    return apply(rows.ACOS, as_float(x))


@op(static=math.atan)
def arctan(x: TensorLike) -> Tensor:
    """The angle whose tangent is x."""
    return apply(rows.ATAN, as_float(x))


@op(static=math.atan2)
def arctan2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The angle at which the point (x2, x1) is seen from the origin."""
    return apply(rows.ATAN2, *floats(x1, x2))


@op(static=math.sinh)
def sinh(x: TensorLike) -> Tensor:
    """The hyperbolic sine of x."""
    return apply(rows.SINH, as_float(x))


@op(static=math.cosh)
def cosh(x: TensorLike) -> Tensor:
    """The hyperbolic cosine of x."""
    return apply(rows.COSH, as_float(x))


@op(static=math.asinh)
def arcsinh(x: TensorLike) -> Tensor:
    """The number whose hyperbolic sine is x."""
    return apply(rows.ASINH, as_float(x))


@op(static=math.acosh)
def arccosh(x: TensorLike) -> Tensor:
    """The number whose hyperbolic cosine is x."""
    return apply(rows.ACOSH, as_float(x))


@op(static=math.atanh)
def arctanh(x: TensorLike) -> Tensor:
    """The number whose hyperbolic tangent is x."""
    return apply(rows.ATANH, as_float(x))


@op(static=math.radians)
def deg2rad(x: TensorLike) -> Tensor:
    """An angle in degrees, in radians."""
    return as_float(x) * (math.pi / 180)


@op(static=math.degrees)
def rad2deg(x: TensorLike) -> Tensor:
    """An angle in radians, in degrees."""
    return as_float(x) * (180 / math.pi)


@op()
def sinc(x: TensorLike) -> Tensor:
    """sin(πx) / (πx), and 1 at 0."""
    angle = as_float(x) * math.pi
    is_zero = equal(angle, 0)
    safe = where(is_zero, 1, angle)
    return where(is_zero, 1, sin(safe) / safe)
