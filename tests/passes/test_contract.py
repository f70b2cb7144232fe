"""Sums of products, which are products of tensors."""

from __future__ import annotations

import pytest

from graphc.ops.reduction import mean, sum_
from graphc.passes.contract import LONGEST, contract
from tests.passes.compared import assert_same_values, counts, leaf

X, Y, ROW = leaf(3, 4, 50), leaf(3, 4, 50), leaf(50)


@pytest.mark.parametrize(
    "result",
    [
        sum_(X * X, -1),
        sum_(X * Y, 2, keepdims=True),
        mean((X - Y) * (X - Y), -1),
    ],
)
def test_products_of_rows_are_one_step(result):
    (after,) = contract([result])
    left = counts([after])
    assert (left["reduce_sum"], left["multiply"], left["dot_general"]) == (0, 0, 1)
    assert_same_values([X, Y], [result], [after], rtol=2e-6)


LONG, WHOLE = leaf(2, LONGEST + 1), leaf(3, 4, dtype="int32")


@pytest.mark.parametrize(
    "result",
    [
        sum_(X * X, 1),
        sum_(X * X, (1, 2)),
        sum_(X * ROW, -1),
        sum_(X + Y, -1),
        sum_(ROW * ROW, 0),
        sum_(LONG * LONG, -1),
        sum_(WHOLE * WHOLE, -1),
    ],
)
def test_others_stay(result):
    assert counts(contract([result])) == counts([result])


def test_a_product_that_others_need_too_is_made_anyway():
    product = X * Y
    results = [sum_(product, -1), product]
    assert counts(contract(results)) == counts(results)
