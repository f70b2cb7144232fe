"""Gelu between products with weights, and where there are no weights to scale."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
import pytest

from graphc.ir.primitives.elementwise import GELU_SCALES
from graphc.ops.activation import gelu as op
from graphc.ops.linear_algebra import matmul
from graphc.passes.divide import divide
from graphc.passes.gelu import gelu
from graphc.passes.pipeline import optimize
from graphc.passes.scaled_gelu import scaled_gelu
from graphc.passes.share import share
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.gelu import EXACT
from tests.passes.compared import assert_same_values, counts, leaf

X, WIDE, TURNED = leaf(2, 30, 6), leaf(6, 9), leaf(9, 6)
BIAS, OUT = leaf(9), leaf(6)
WEIGHTS = [WIDE, TURNED, BIAS, OUT]


def activated(x, approximate=False):
    (made,) = gelu(share([op(x, approximate=approximate)]))
    return made


@pytest.mark.parametrize("approximate", [False, True])
@pytest.mark.parametrize(
    ("inner", "outer", "added"), [(BIAS, OUT, 2), (None, OUT, 1), (BIAS, None, 1)]
)
def test_weights_are_scaled_once_for_all_calls(approximate, inner, outer, added):
    x = matmul(X, WIDE) if inner is None else matmul(X, WIDE) + inner
    y = matmul(activated(x, approximate), TURNED)
    before = [y if outer is None else y + outer]
    after = optimize(before, [X])
    name = "scaled_gelu_tanh" if approximate else "scaled_gelu"
    left = counts(divide(after, [X]).results)
    assert left == {"dot_general": 2, name: 1} | ({"add": added} if added else {})
    assert_same_values([X, *WEIGHTS], before, after, rtol=2e-6)


PRODUCT = matmul(X, WIDE)
ACTIVATED, OTHER = activated(PRODUCT), leaf(6, 9)


@pytest.mark.parametrize(
    "results",
    [
        [matmul(activated(X), WIDE) + BIAS],  # no product in front
        [ACTIVATED],  # none behind
        [matmul(ACTIVATED, TURNED) + OUT, ACTIVATED],
        [matmul(ACTIVATED, TURNED) + OUT, *ACTIVATED.step.operands],
        [matmul(activated(PRODUCT * PRODUCT), TURNED)],
        [matmul(activated(PRODUCT + X[..., :1]), TURNED)],
        [matmul(activated(matmul(X, OTHER)), TURNED)],
    ],
)
def test_others_stay(results):
    assert counts(scaled_gelu(results, [X, OTHER])) == counts(results)


@pytest.mark.parametrize("name", GELU_SCALES)
def test_far_from_zero_it_is_zero_or_twice_what_it_is_given(name):
    x = np.array([-1e38, -1e10, -50, -0.0, 0, 50, 1e10, 1e38, np.inf, np.nan], np.float32)
    expected = np.array([0, 0, 0, 0, 0, 100, 2e10, 2e38, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(KERNELS[name](x), expected)


@pytest.mark.parametrize("name", GELU_SCALES)
def test_it_is_as_exact_as_its_dtype(name):
    number = GELU_SCALES[name]
    x = np.linspace(-12, 12, 100_003) * number  # of no handy length, in several pieces
    exact = KERNELS[name](x)
    np.testing.assert_array_equal(
        exact, KERNELS[name.removeprefix("scaled_")](x / number) * 2 * number
    )
    scaled = KERNELS[name](x.astype("float32"))
    np.testing.assert_allclose(scaled, exact, rtol=3e-7, atol=3e-7 * 2 * number)


def test_the_highest_power_needs_no_factor():
    number = GELU_SCALES["scaled_gelu"]
    assert EXACT[-1] / (2 * number ** (2 * len(EXACT) - 1)) == pytest.approx(1, rel=1e-7)


@pytest.mark.parametrize(("low", "high"), [(-2.5, -1.9), (-6, -3), (-8, -5), (-13, -9), (-4, 4)])
def test_gelu_is_exact_where_all_is_far_below_0(low, high):
    x = np.random.default_rng(0).uniform(low, high, 50_000).astype(np.float32)
    exact = np.array([each * erfc(-each / sqrt(2)) / 2 for each in x.tolist()])
    scale = np.float32(GELU_SCALES["scaled_gelu"])
    plain, scaled = KERNELS["gelu"](x), KERNELS["scaled_gelu"](x * scale) / (2 * scale)
    for made in (plain, scaled):
        assert made.dtype == np.float32
        # Numbers of float32 are known to 6e-8, and powers of their squares to that much less.
        assert np.abs(made - exact).max() < 5e-6 * np.abs(exact).max()
