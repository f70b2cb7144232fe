"""Python's operators on symbolic tensors, by the `keras.ops` functions that they stand for."""

from __future__ import annotations

from graphc.ir.tensor import OPERATORS
from graphc.ops import arithmetic
from graphc.ops.indexing import get_item
from graphc.ops.linear_algebra import matmul

OPERATORS.update(
    add=arithmetic.add,
    subtract=arithmetic.subtract,
    multiply=arithmetic.multiply,
    true_divide=arithmetic.true_divide,
    floor_divide=arithmetic.floor_divide,
    mod=arithmetic.mod,
    power=arithmetic.power,
    matmul=matmul,
    logical_and=arithmetic.logical_and,
    logical_or=arithmetic.logical_or,
    logical_not=arithmetic.logical_not,
    less=arithmetic.less,
    less_equal=arithmetic.less_equal,
    greater=arithmetic.greater,
    greater_equal=arithmetic.greater_equal,
    negative=arithmetic.negative,
    get_item=get_item,
)
