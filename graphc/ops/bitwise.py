"""`keras.ops`: whole numbers as rows of bits."""

from __future__ import annotations

import operator

from graphc.declare.op import op
from graphc.diagnostics.codes import DTYPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import is_integer
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import Primitive
from graphc.ir.tensor import Tensor
from graphc.ops import limits
from graphc.ops.convert import TensorLike, counted, together


def _bits(row: Primitive, *values: TensorLike) -> Tensor:
    operands = together(*values)
    for operand in operands:
        if not is_integer(operand.dtype) and operand.dtype != "bool":
            raise Fault(DTYPE_MISMATCH, f"needs whole numbers, got {operand.type.full_text}")
    return apply(row, *operands)


@op(static=operator.and_)
def bitwise_and(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are in both."""
    return _bits(rows.AND, x, y)


@op(static=operator.or_)
def bitwise_or(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are in either."""
    return _bits(rows.OR, x, y)


@op(static=operator.xor)
def bitwise_xor(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are in one of them alone."""
    return _bits(rows.XOR, x, y)


@op(static=operator.invert)
def bitwise_invert(x: TensorLike) -> Tensor:
    """Each bit turned round."""
    return _bits(rows.NOT, x)


@op(static=operator.invert)
def bitwise_not(x: TensorLike) -> Tensor:
    """Each bit turned round."""
    return bitwise_invert(x)


@op(static=limits.left_shift)
def bitwise_left_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits of x moved up by y places."""
    return _bits(rows.SHIFT_LEFT, *counted(x, y))


@op(static=limits.left_shift)
def left_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits of x moved up by y places."""
    return bitwise_left_shift(x, y)


@op(static=operator.rshift)
def bitwise_right_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits of x moved down by y places."""
    return _bits(rows.SHIFT_RIGHT, *counted(x, y))


@op(static=operator.rshift)
def right_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits of x moved down by y places."""
    return bitwise_right_shift(x, y)
