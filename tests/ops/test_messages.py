"""What functions say when they cannot go on: the subject's name goes before each."""

from __future__ import annotations

import pytest

from graphc.declare import OPS
from graphc.diagnostics import codes
from graphc.diagnostics.codes import Code
from graphc.diagnostics.fault import Fault
from tests.differential.op_harness import C, X, our_types

MESSAGES = [
    (C("matmul", X(2, 3), X(4, 5)), codes.SHAPE_MISMATCH,
     "needs the last dim of [2, 3] to equal the last but one dim of [4, 5], got 3 and 4"),
    (C("reshape", X(2, 3), (4, -1)), codes.SHAPE_MISMATCH,
     "needs a shape of as many elements as [2, 3], got [4, -1]"),
    (C("concatenate", [X(2, 3), X(4, 5)], axis=0), codes.SHAPE_MISMATCH,
     "needs parts that agree on every axis but 0, got [2, 3] and [4, 5]"),
    (C("split", X(4, 6), 4, axis=1), codes.SHAPE_MISMATCH,
     "needs a size along axis 1 that 4 divides, got [4, 6]"),
    (C("einsum", "ij,jk->ik", X(2, 3), X(4, 5)), codes.SHAPE_MISMATCH,
     "needs one size for the axes called `j`, got 3 in [2, 3] and 4 in [4, 5]"),
    (C("einsum", "ij,jk->ik", X(2, 3)), codes.INPUT_COUNT,
     'needs 2 tensors for "ij,jk->ik", got 1'),
    (C("sum", X(2, 3), axis=2), codes.AXIS_OUT_OF_RANGE,
     "needs `axis` between -2 and 1, got 2"),
    (C("conv", X(2, 7, 3), X(8, 3, 4)), codes.EMPTY_OUTPUT,
     "needs at least 8 along each axis its window slides over, got 7"),
    (C("take", X(4), X(2)), codes.DTYPE_MISMATCH,
     "needs indices that are whole numbers, got float32[2]"),
    (C("negative", X(3, dtype="bool")), codes.DTYPE_MISMATCH, "needs numbers, got bool[3]"),
    (C("where", X(3, dtype="bool")), codes.MISSING_ARGUMENT,
     "needs `x1` and `x2`: how many places hold is not known before it runs"),
    (C("unstack", X(None, 2)), codes.UNKNOWN_SIZE, "needs a known size along axis 0, got [?, 2]"),
    (C("rearrange", X(2, 6), "a (b c) -> a b c", b=4), codes.SHAPE_MISMATCH,
     "needs an axis that (b c) makes up, got 6"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "code", "message"), MESSAGES, ids=repr)
def test_message(case: C, code: Code, message: str) -> None:
    with pytest.raises(Fault) as caught:
        our_types(case)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_a_function_without_a_tensor_says_what_it_got():
    with pytest.raises(Fault, match="needs a tensor or a number, got a string"):
        OPS["relu"].function("relu")
