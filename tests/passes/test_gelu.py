"""Gelu as models spell it, and what only looks like it."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest

from graphc.ir.tensor import Tensor
from graphc.ops.activation import gelu as op
from graphc.ops.activation import tanh
from graphc.ops.elementary import erf
from graphc.passes.gelu import gelu
from graphc.runtime.kernels import KERNELS
from tests.passes.compared import assert_same_values, counts, leaf

X, Y = leaf(3, 50), leaf(3, 50)


def by_tanh(inner: Tensor) -> Tensor:
    return X * 0.5 * (tanh(inner * sqrt(2 / pi)) + 1)


@pytest.mark.parametrize(
    ("spelled", "left"),
    [
        (op(X, approximate=False), "gelu"),
        (0.5 * X * (1 + erf(X / sqrt(2))), "gelu"),
        ((erf(X * sqrt(0.5)) + 1) * (X * 0.5), "gelu"),
        (X * ((1 + erf(X / sqrt(2))) / 2), "gelu"),
        (op(X, approximate=True), "gelu_tanh"),
        (by_tanh(X + 0.044715 * (X * X * X)), "gelu_tanh"),
        (by_tanh(X * X * X * 0.044715 + X), "gelu_tanh"),
        (by_tanh(X * (1 + 0.044715 * X * X)), "gelu_tanh"),
    ],
)
def test_each_spelling_is_one_step(spelled, left):
    (made,) = gelu([spelled])
    assert counts([made]) == {left: 1}
    assert_same_values([X], [spelled], [made], rtol=2e-7)


@pytest.mark.parametrize(
    "other",
    [
        0.5 * X * (1 + erf(X)),
        0.5 * X * (2 + erf(X / sqrt(2))),
        0.4 * X * (1 + erf(X / sqrt(2))),
        0.5 * X * (1 + erf(Y / sqrt(2))),
        0.5 * Y * (1 + erf(X / sqrt(2))),
        0.5 * X * X * (1 + erf(X / sqrt(2))),
        0.5 * X * (1 - erf(X / sqrt(2))),
        by_tanh(X + 0.05 * (X * X * X)),
        by_tanh(X + 0.044715 * (X * X)),
        by_tanh(X * (1 + 0.044715 * X)),
        X * 0.5 * (tanh(X + 0.044715 * (X * X * X)) + 1),
    ],
)
def test_what_is_another_function_stays(other):
    (made,) = gelu([other])
    assert counts([made]) == counts([other])


def test_a_step_that_others_need_too_stays_beside_it():
    gate = erf(X / sqrt(2))
    before = [0.5 * X * (1 + gate), gate]
    after = gelu(before)
    assert counts(after)["gelu"] == counts(after)["erf"] == 1
    assert_same_values([X], before, after, rtol=2e-7)


@pytest.mark.parametrize("name", ["gelu", "gelu_tanh"])
def test_far_from_zero_it_is_zero_or_what_it_is_given(name):
    x = np.array([-3e38, -1e10, -50, -0.0, 0, 50, 1e10, 3e38, np.inf, np.nan], np.float32)
    expected = np.array([0, 0, 0, 0, 0, 50, 1e10, 3e38, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(KERNELS[name](x), expected)


@pytest.mark.parametrize("name", ["gelu", "gelu_tanh"])
def test_it_is_as_exact_as_its_dtype(name):
    x = np.linspace(-12, 12, 100_003)  # of no handy length, in several pieces
    exact = KERNELS[name](x)
    np.testing.assert_allclose(KERNELS[name](x.astype("float32")), exact, rtol=3e-7, atol=3e-7)
    np.testing.assert_allclose(KERNELS[name](x.astype("float16")), exact, rtol=2e-3, atol=2e-2)
