"""Tensor functions on plain numbers give plain numbers, the ones that Keras computes."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.declare import OPS
from graphc.declare.op import Op
from tests.differential.harness import keras

NUMBERS = {
    **{op.name: op for op in OPS.values() if op.static is not None},
}
WHOLE = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"}
WHOLE |= {"bitwise_not", "bitwise_invert", "left_shift", "right_shift", "gcd", "lcm"}
ABOVE_1 = {"arccosh"}
BELOW_1 = {"arcsin", "arccos", "arctanh"}


def values_for(op: Op) -> tuple[float, ...]:
    value = 1.75 if op.name in ABOVE_1 else 0.25 if op.name in BELOW_1 else 2.5
    if op.name in WHOLE:
        value = 6
    second = 4 if op.name in WHOLE else 1.5
    required = [a for a in op.arguments.values() if a.is_required]
    return (value, second)[: len(required)]


@pytest.mark.parametrize("op", NUMBERS.values(), ids=list(NUMBERS))
def test_as_keras(op: Op) -> None:
    values = values_for(op)
    expected = np.asarray(getattr(keras.ops, op.name)(*values))
    assert op.static is not None
    np.testing.assert_allclose(op.static(*values), expected, rtol=1e-6)


def test_many_functions_take_numbers():
    assert len(NUMBERS) > 60


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("sqrt", 64, 8), ("floor", 2.7, 2), ("ceil", 2.1, 3), ("log2", 8, 3), ("round", 2.5, 2)],
)
def test_sizes_come_out_whole(name: str, value: float, expected: float) -> None:
    static = OPS[name].static
    assert static is not None
    assert static(value) == expected
