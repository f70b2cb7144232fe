"""Python's operators on symbolic tensors, by the `keras.ops` functions that they stand for."""

from __future__ import annotations

from typing import Any

from graphc.ir.tensor import OPERATORS, Tensor
from graphc.ops import arithmetic


# Of these the modules take 10 ms: a fifth of what a small program of tensors takes.
def _matmul(x1: Any, x2: Any) -> Tensor:
    from graphc.ops.linear_algebra import matmul

    return matmul(x1, x2)


def _get_item(x: Tensor, key: Any) -> Tensor:
    from graphc.ops.indexing import get_item

    return get_item(x, key)


OPERATORS.update(
    add=arithmetic.add,
    subtract=arithmetic.subtract,
    multiply=arithmetic.multiply,
    true_divide=arithmetic.true_divide,
    floor_divide=arithmetic.floor_divide,
    mod=arithmetic.mod,
    power=arithmetic.power,
    matmul=_matmul,
    logical_and=arithmetic.logical_and,
    logical_or=arithmetic.logical_or,
    logical_not=arithmetic.logical_not,
    less=arithmetic.less,
    less_equal=arithmetic.less_equal,
    greater=arithmetic.greater,
    greater_equal=arithmetic.greater_equal,
    negative=arithmetic.negative,
    get_item=_get_item,
)
