"""Biases of products of centered rows, and of others."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.ir.tensor import steps_of
from graphc.ops.linear_algebra import matmul
from graphc.ops.normalization import layer_normalization
from graphc.ops.reduction import mean
from graphc.passes.center import center
from graphc.passes.centered import centered
from graphc.passes.divide import divide
from graphc.passes.share import share
from graphc.runtime.execute import Compiled
from tests.passes.compared import assert_same_values, counts, leaf

X, KERNEL, BIAS = leaf(4, 10, 8), leaf(8, 16), leaf(16)
(MOVED,) = share([X - mean(X, -1, keepdims=True)])
(NORMAL,) = center(share([layer_normalization(X)]))
WEIGHTS = [KERNEL, BIAS]


@pytest.mark.parametrize("rows", [MOVED, NORMAL, MOVED * leaf(4, 10, 1), MOVED * leaf()])
@pytest.mark.parametrize("bias", [BIAS, BIAS[None, None]])
def test_the_smaller_tensor_is_added_to(rows, bias):
    before = [matmul(rows, KERNEL) + bias]
    inputs = [x for x in _leaves(before) if x not in WEIGHTS]
    after = centered(before, inputs)
    added = [step.types[0].shape for step in _steps(divide(after, inputs).results, "add")]
    assert (4, 10, 16) not in added
    assert added.count((4, 10, 8)) == 1
    assert_same_values([*inputs, *WEIGHTS], before, after, rtol=3e-6)


SQUARE, WIDE = leaf(8, 8), leaf(4, 10, 16)


@pytest.mark.parametrize(
    "results",
    [
        [matmul(X, KERNEL) + BIAS],
        [matmul(MOVED + 1, KERNEL) + BIAS],
        [matmul(MOVED * leaf(8), KERNEL) + BIAS],
        [matmul(X - mean(X, 1, keepdims=True), KERNEL) + BIAS],
        [matmul(X - mean(X + 1, -1, keepdims=True), KERNEL) + BIAS],
        [matmul(MOVED, SQUARE) + leaf(8)],  # no wider
        [matmul(MOVED, KERNEL) + WIDE],  # no bias
        [matmul(MOVED, KERNEL) + leaf(10, 1)],
        [matmul(MOVED, KERNEL) + BIAS, MOVED],  # x is wanted, too
        [(product := matmul(MOVED, KERNEL)) + BIAS, product],
    ],
)
def test_others_stay(results):
    before = share(results)
    assert counts(centered(before, [X, WIDE])) == counts(before)


def test_rows_far_from_zero_are_as_exact_as_before():
    before = [matmul(NORMAL, KERNEL) + BIAS]
    after = centered(before, [X])
    rng = np.random.default_rng(0)
    x = rng.normal(1000, 1, X.shape)
    kernel, bias = rng.normal(5, 1, KERNEL.shape), rng.normal(0, 1, BIAS.shape)
    moved = x - x.mean(-1, keepdims=True)
    exact = moved / np.sqrt((moved**2).mean(-1, keepdims=True) + 1e-3) @ kernel + bias
    given = [each.astype("float32") for each in (x, kernel, bias)]
    errors = [
        np.abs(Compiled([X, *WEIGHTS], each)(*given)[0] - exact).max() for each in (before, after)
    ]
    assert errors[1] <= 2 * errors[0]


def _steps(results, name):
    return [step for step in steps_of(results) if step.primitive.name == name]


def _leaves(results):
    found = [x for step in steps_of(results) for x in step.operands if x.step is None]
    return list(dict.fromkeys(found))
