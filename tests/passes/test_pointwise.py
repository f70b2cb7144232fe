"""Convolutions that look at one element at a time."""

from __future__ import annotations

import pytest

from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import CONV
from graphc.passes.pointwise import pointwise
from tests.passes.compared import assert_same_values, counts, leaf


def conv(window, strides, padding, groups=1, spread=1):
    rank = len(window)
    x, weights = leaf(2, *(5, 6, 7)[:rank], 4), leaf(*window, 4 // groups, 6)
    attributes = {
        "strides": strides, "padding": (padding,) * rank, "dilation": (1,) * rank,
        "input_dilation": (spread,) * rank, "groups": groups,
    }  # fmt: skip
    return [x, weights], apply(CONV, x, weights, **attributes)


@pytest.mark.parametrize(
    ("window", "strides", "left"),
    [
        ((1,), (1,), {}),
        ((1, 1), (1, 1), {}),
        ((1, 1), (2, 2), {"slice": 1}),
        ((1, 1, 1), (1, 3, 2), {"slice": 1}),
    ],
)
def test_one_is_a_product(window, strides, left):
    leaves, result = conv(window, strides, (0, 0))
    (made,) = pointwise([result])
    assert counts([made]) == {"dot_general": 1, "reshape": 1, **left}
    assert_same_values(leaves, [result], [made], rtol=1e-6)


@pytest.mark.parametrize(
    "case",
    [
        conv((1, 2), (1, 1), (0, 0)),
        conv((1, 1), (1, 1), (0, 1)),
        conv((1, 1), (1, 1), (0, 0), groups=2),
        conv((1, 1), (1, 1), (0, 0), spread=2),
    ],
)
def test_others_stay(case):
    leaves, result = case
    (made,) = pointwise([result])
    assert counts([made]) == {"conv": 1}
    assert_same_values(leaves, [result], [made])
