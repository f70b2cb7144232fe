"""Numbers cut off on both sides."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from graphc.ops.activation import relu6
from graphc.ops.arithmetic import maximum, minimum
from graphc.ops.hard_activation import hard_sigmoid, hard_tanh
from graphc.passes.clamp import clamp
from graphc.runtime.kernels import KERNELS
from graphc.runtime.plan.program import Planned
from tests.passes.compared import assert_same_values, counts, leaf

X, Y = leaf(3, 5), leaf(5)


@pytest.mark.parametrize(
    "result",
    [
        relu6(X),
        minimum(3, maximum(-1, X)),
        maximum(minimum(X, 3), -1),
        maximum(minimum(X, 2), 2),
        maximum(minimum(leaf(3, 5, dtype="float64"), inf), -1),
    ],
)
def test_two_bounds_are_one_step(result):
    (after,) = clamp([result])
    assert counts([after]) == {"clamp": 1}
    (x,) = after.step.operands
    assert_same_values([x], [result], [after])


@pytest.mark.parametrize("function", [hard_sigmoid, hard_tanh])
def test_so_are_those_of_hard_activations(function):
    (after,) = clamp([function(X)])
    assert counts([after])["clamp"] == 1
    assert_same_values([X], [function(X)], [after])


@pytest.mark.parametrize(
    "result",
    [
        maximum(X, 0),
        minimum(maximum(X, 6), 0),  # always 0
        maximum(minimum(X, 0), 6),  # always 6
        minimum(maximum(X, Y), 6),
        minimum(minimum(X, 1), 6),
        minimum(maximum(X, nan), 6),
        minimum(maximum(leaf(3, dtype="int32"), 0), 6),
        relu6(leaf(3, dtype="float16")),
    ],
)
def test_others_stay(result):
    assert counts(clamp([result])) == counts([result])


def test_nan_stays_and_bounds_have_the_dtype_of_what_they_bound():
    array = np.array([nan, -inf, inf, 0.7, 0.2], np.float32)
    expected = np.array([nan, 0.3, 0.6, 0.6, 0.3], np.float32)
    np.testing.assert_array_equal(KERNELS["clamp"](array, low=0.3, high=0.6), expected)
    (result,) = clamp([minimum(maximum(Y, 0.3), 0.6)])
    program = Planned([Y], {}, [result])
    assert "clip(" in program.source
    np.testing.assert_array_equal(program(array)[0], expected)
