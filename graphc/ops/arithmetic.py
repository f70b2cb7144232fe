"""`keras.ops`: arithmetic, comparison and logic, element by element."""

from __future__ import annotations

import operator
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import MISSING_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import COMPLEX, promote, to_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import Primitive
from graphc.ir.tensor import Tensor
from graphc.ops import limits
from graphc.ops.convert import (
    TensorLike,
    as_tensor,
    cast,
    counted,
    dtype_of,
    require_numbers,
    together,
)


def _binary(row: Primitive, x1: Any, x2: Any) -> Tensor:
    return apply(row, *together(x1, x2))


def _logical(row: Primitive, x1: Any, x2: Any) -> Tensor:
    return apply(row, as_tensor(x1, "bool"), as_tensor(x2, "bool"))


@op(static=operator.add)
def add(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 + x2."""
    return _binary(rows.ADD, x1, x2)


@op(static=operator.sub)
def subtract(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 - x2."""
    x, y = together(x1, x2)
    require_numbers(x, y)
    return apply(rows.SUBTRACT, x, y)


@op(static=limits.bounded(operator.mul))
def multiply(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 * x2."""
    return _binary(rows.MULTIPLY, x1, x2)


@op(static=operator.truediv)
def true_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 / x2, in fractions."""
    dtype = to_float(promote(dtype_of(x1), dtype_of(x2)))
    return apply(rows.DIVIDE, as_tensor(x1, dtype), as_tensor(x2, dtype))


@op(static=operator.truediv)
def divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 / x2, in fractions."""
    return true_divide(x1, x2)


@op(static=operator.floordiv)
def floor_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The largest whole number not above x1 / x2."""
    return apply(rows.FLOOR_DIVIDE, *counted(x1, x2))


@op(static=operator.mod)
def mod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """What floor division leaves, with the sign of x2."""
    return apply(rows.REMAINDER, *counted(x1, x2))


@op(static=limits.power)
def power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 to the power x2."""
    return apply(rows.POWER, *counted(x1, x2))


@op(static=operator.neg)
def negative(x: TensorLike) -> Tensor:
    """-x."""
    x = as_tensor(x)
    require_numbers(x)
    return apply(rows.NEGATE, x)


@op("abs", static=abs)
def absolute(x: TensorLike) -> Tensor:
    """The size of x without its sign."""
    x = as_tensor(x)
    return _modulus(x) if x.dtype in COMPLEX else apply(rows.ABS, x)


def _modulus(x: Tensor) -> Tensor:
    """How far complex numbers are from 0."""
    dtype = "float64" if x.dtype == "complex128" else "float32"
    first, second = cast(x, dtype), cast(multiply(x, -1j), dtype)
    squares = add(multiply(first, first), multiply(second, second))
    return apply(rows.SQRT, squares)


@op(static=max)
def maximum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The larger of x1 and x2."""
    return _binary(rows.MAXIMUM, x1, x2)


@op(static=min)
def minimum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The smaller of x1 and x2."""
    return _binary(rows.MINIMUM, x1, x2)


@op(static=operator.eq)
def equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 == x2."""
    return _binary(rows.EQ, x1, x2)


@op(static=operator.ne)
def not_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 != x2."""
    return _binary(rows.NE, x1, x2)


@op(static=operator.lt)
def less(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 < x2."""
    return _binary(rows.LT, x1, x2)


@op(static=operator.le)
def less_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 <= x2."""
    return _binary(rows.LE, x1, x2)


@op(static=operator.gt)
def greater(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 > x2."""
    return _binary(rows.GT, x1, x2)


@op(static=operator.ge)
def greater_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 >= x2."""
    return _binary(rows.GE, x1, x2)


@op()
def logical_and(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether both are true."""
    return _logical(rows.AND, x1, x2)


@op()
def logical_or(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether either is true."""
    return _logical(rows.OR, x1, x2)


@op()
def logical_xor(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether one is true and the other is not."""
    return _logical(rows.XOR, x1, x2)


@op(static=operator.not_)
def logical_not(x: TensorLike) -> Tensor:
    """Whether x is false."""
    return apply(rows.NOT, as_tensor(x, "bool"))


@op()
def where(
    condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None
) -> Tensor:
    """x1 where the condition holds, else x2."""
    if x1 is None or x2 is None:
        raise Fault(
            MISSING_ARGUMENT,
            "needs `x1` and `x2`: how many places hold is not known before it runs",
        )
    return apply(rows.SELECT, as_tensor(condition, "bool"), *together(x1, x2))
