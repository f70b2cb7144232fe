"""Softmax with its largest looked for where it is needed."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.ops.attention import dot_product_attention
from graphc.ops.elementary import exp
from graphc.ops.reduction import max_, sum_
from graphc.ops.softmax import softmax as op
from graphc.passes.share import share
from graphc.passes.softmax import FEWEST, softmax
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels import KERNELS
from tests.passes.compared import assert_same_values, counts, leaf

LONG = FEWEST // 32
X = leaf(2, 32, LONG)
QUERY, KEY = leaf(2, 64, 3, 8), leaf(2, 64, 3, 8)


def test_the_largest_is_not_looked_for():
    before = share([op(X)])
    after = softmax(before)
    assert counts(before)["reduce_max"] == 1
    assert counts(after) == {"bounded_exp": 1, "reduce_sum": 1, "reshape": 1, "divide": 1}
    assert_same_values([X], before, after, rtol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        op(leaf(2, 31, LONG)[:1]),  # too few
        op(X, axis=1),
        op(leaf(2, 32, LONG, dtype="float16")),
        exp(X - max_(X, -1, keepdims=True)) / sum_(exp(X), -1, keepdims=True),
        exp(X - max_(X, 1, keepdims=True)) / sum_(exp(X - max_(X, 1, keepdims=True)), -1, keepdims=True),
        exp(X) / sum_(exp(X), -1, keepdims=True),
    ],
)  # fmt: skip
def test_what_is_another_function_stays(other):
    before = share([other])
    assert counts(softmax(before)) == counts(before)


def test_powers_that_others_need_stay_what_they_are():
    powers = exp(X - max_(X, -1, keepdims=True))
    before = share([powers / sum_(powers, -1, keepdims=True), powers])
    assert counts(softmax(before)) == counts(before)


def test_attention_is_the_same_with_its_mask():
    leaves = [QUERY, KEY, leaf(2, 64, 3, 5)]
    for is_causal in (False, True):
        before = share([dot_product_attention(*leaves, is_causal=is_causal)])
        after = softmax(before)
        assert counts(after)["bounded_exp"] == 1
        assert_same_values(leaves, before, after, rtol=2e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_row_overflows_or_is_lost(dtype):
    """Rows of all sizes, some of them masked in part, in several pieces."""
    x = leaf(700, 200, dtype=dtype)
    rows = np.random.default_rng(0).normal(0, 3, x.shape)
    rows += np.linspace(-1e4, 1e4, len(rows))[:, None]
    rows[::7, ::2] = -1e9
    rows[5, 9:] = -np.inf
    (shares,) = Compiled([x], softmax(share([op(x)])))(rows.astype(dtype))
    moved = np.exp(rows - rows.max(-1, keepdims=True))
    # Rounding to float32 moves numbers of 1e4 by 5e-4.
    rtol = 3e-3 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(shares, moved / moved.sum(-1, keepdims=True), rtol, 1e-30)


@pytest.mark.parametrize("lost", [None, 417])
def test_what_a_mask_leaves_of_rows_is_shared(lost):
    """Of a row that is masked as a whole all get equal shares, as in Keras."""
    x = leaf(700, 200)
    rows = np.random.default_rng(0).normal(0, 3, x.shape)
    rows[np.arange(700)[:, None] % 200 < np.arange(200)] -= 1e9
    if lost is not None:
        rows[lost] = -1e9
    (shares,) = Compiled([x], softmax(share([op(x)])))(rows.astype("float32"))
    moved = np.exp(rows - rows.max(-1, keepdims=True))
    np.testing.assert_allclose(shares, moved / moved.sum(-1, keepdims=True), 2e-6, 1e-12)


def test_not_a_number_stays_in_its_row():
    rows = np.zeros((40, 8), np.float32)
    rows[3, 4] = np.nan
    rows[4, 4] = np.inf
    with np.errstate(invalid="ignore"):
        found = KERNELS["bounded_exp"](rows)
    assert np.isnan(found[3]).all()
    assert np.isfinite(np.delete(found, [3, 4], 0)).all()
