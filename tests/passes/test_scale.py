"""Products of tensors, scaled before they are made or behind it."""

from __future__ import annotations

from math import prod

import pytest

from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import steps_of
from graphc.ops.attention import dot_product_attention
from graphc.ops.einsum import einsum
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import sum_
from graphc.passes.scale import scale
from tests.passes.compared import assert_same_values, counts, leaf


def scaled_elements(results) -> int:
    """Elements that are multiplied or divided."""
    found = [s for s in steps_of(results) if s.primitive in (rows.MULTIPLY, rows.DIVIDE)]
    return sum(prod(step.types[0].shape) for step in found)


TALL, WIDE, ROWS = leaf(2, 30, 4), leaf(2, 4, 30), leaf(2, 30, 1)
SQUARE, SUMS = leaf(2, 30, 30), leaf(2, 30, 1)


@pytest.mark.parametrize(
    ("leaves", "result", "left"),
    [
        ([TALL, WIDE], matmul(TALL, WIDE) * 0.125, 2 * 30 * 4),
        ([TALL, WIDE], 0.3 * matmul(TALL, WIDE), 2 * 30 * 4),
        ([TALL, WIDE], matmul(TALL, WIDE) / 8, 2 * 30 * 4),
        ([SQUARE, TALL, SUMS], matmul(SQUARE / SUMS, TALL), 2 * 30 * 4),
        ([SQUARE, TALL, SUMS], matmul(SQUARE * SUMS, TALL), 2 * 30 * 4),
        ([SQUARE, TALL, SUMS], matmul(SUMS * SQUARE, TALL), 2 * 30 * 4),
        ([SQUARE, TALL, SUMS], einsum("bij,bjk->bik", SQUARE / SUMS, TALL), 2 * 30 * 4),
    ],
)
def test_the_smaller_tensor_is_scaled(leaves, result, left):
    after = scale([result])
    assert scaled_elements(after) == left < scaled_elements([result])
    assert_same_values(leaves, [result], after, rtol=2e-6, low=0.5)


def test_attention_scales_neither_scores_nor_shares():
    query, key, value = leaf(2, 30, 3, 4), leaf(2, 30, 3, 4), leaf(2, 30, 3, 5)
    before = [dot_product_attention(query, key, value)]
    after = scale(before)
    assert scaled_elements(before) == 2 * (2 * 3 * 30 * 30)
    assert scaled_elements(after) == 2 * 30 * 3 * 4 + 2 * 30 * 3 * 5
    assert_same_values([query, key, value], before, after, rtol=2e-6)


SMALL = matmul(WIDE, TALL)
"""Smaller than what it is made of."""
WHOLE = leaf(2, 30, 4, dtype="int32"), leaf(2, 4, 30, dtype="int32")


@pytest.mark.parametrize(
    "results",
    [
        [SMALL * 0.5],
        [matmul(TALL, WIDE) * SUMS],
        [0.5 / matmul(TALL, WIDE)],
        [matmul(SUMS / (SQUARE + 1), TALL)],
        [matmul(SQUARE / leaf(2, 1, 30), TALL)],
        [matmul(WIDE / sum_(WIDE, -1, keepdims=True), leaf(2, 30, 90))],
        [matmul(*WHOLE) * 2],
    ],
)
def test_others_stay(results):
    assert [str(s.types) for s in steps_of(scale(results))] == [
        str(s.types) for s in steps_of(results)
    ]


def test_what_others_need_too_is_scaled_for_them_anyway():
    shares, product = SQUARE / SUMS, matmul(TALL, WIDE)
    results = [matmul(shares, TALL), shares, product * 0.5, product]
    assert counts(scale(results)) == counts(results)
    assert scaled_elements(scale(results)) == scaled_elements(results)
