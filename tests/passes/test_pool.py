"""Activations and biases behind max pooling."""

from __future__ import annotations

import pytest

from graphc.ops.activation import relu6, sigmoid, tanh
from graphc.ops.arithmetic import add, maximum, minimum, multiply, subtract
from graphc.ops.pooling import average_pool, max_pool
from graphc.passes.clamp import clamp
from graphc.passes.pool import pool
from tests.passes.compared import assert_same_values, counts, leaf

X, BIAS, PLANE = leaf(2, 6, 7, 3), leaf(3), leaf(6, 7, 3)
COLUMN = leaf(6, 1, 3)


def order(result):
    """The primitives on the way to a result, the last first."""
    found = []
    while result.step is not None and result.step.operands:
        found.append(result.step.primitive.name)
        result = max(result.step.operands, key=lambda x: (x.step is not None, x.rank))
    return found


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (maximum(X, 0), ["maximum"]),
        (minimum(2, X), ["minimum"]),
        (tanh(X), ["tanh"]),
        (sigmoid(X), ["logistic"]),
        (add(X, BIAS), ["add"]),
        (subtract(X, BIAS), ["sub"]),
        (maximum(add(BIAS, X), 0), ["maximum", "add"]),
        (tanh(add(subtract(X, 1), BIAS)), ["tanh", "add", "sub"]),
    ],
)
def test_what_rises_goes_behind(before, expected, padding):
    result = max_pool(before, 2, padding=padding)
    (after,) = pool([result])
    names = [name.replace("subtract", "sub") for name in order(after)]
    assert names == [*expected, "reduce_window_max"]
    assert counts([after]) == counts([result])
    assert_same_values([X, BIAS], [result], [after])


def test_so_do_numbers_that_are_cut_off_on_both_sides():
    (before,) = clamp([max_pool(relu6(X), 3, 2)])
    (after,) = pool([before])
    assert order(after) == ["clamp", "reduce_window_max"]
    assert_same_values([X], [before], [after])


def test_what_is_the_same_along_the_window_alone():
    """A column of biases is another for each row, which windows of one row keep apart."""
    for size, strides, goes_behind in (
        ((1, 2), (1, 2), True),
        ((1, 2), 2, False),  # of every second row
        ((2, 1), (2, 1), False),
        (2, 2, False),
    ):
        result = max_pool(add(X, COLUMN), size, strides)
        (after,) = pool([result])
        assert (order(after)[0] == "add") == goes_behind
        assert_same_values([X, COLUMN], [result], [after])


@pytest.mark.parametrize(
    "result",
    [
        max_pool(maximum(X, 0), 3, 1),  # no fewer elements
        max_pool(add(X, PLANE), 2),  # another addend for each element
        max_pool(multiply(X, BIAS), 2),  # falls where a factor is negative
        max_pool(subtract(BIAS, X), 2),
        average_pool(maximum(X, 0), 2),
        max_pool(add(leaf(2, 6, 7, 3, dtype="int32"), 1), 2),  # wraps around
    ],
)
def test_others_stay(result):
    (after,) = pool([result])
    assert order(after) == order(result)


def test_what_is_used_elsewhere_too_stays():
    active = maximum(X, 0)
    result = max_pool(active, 2)
    after = pool([result, active])
    assert [order(each) for each in after] == [order(result), order(active)]
