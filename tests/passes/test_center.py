"""Normalizations by moments of their own, and those that are left as they are."""

from __future__ import annotations

import pytest

import graphc
from graphc.ir.types import TensorType
from graphc.ops.normalization import batch_normalization, layer_normalization
from graphc.passes.center import center
from graphc.passes.share import share
from graphc.runtime.lower import lower
from tests.passes.compared import assert_same_values, counts, leaf

X, GAMMA, BETA, MEAN, VARIANCE = leaf(3, 4, 6), leaf(6), leaf(6), leaf(6), leaf(6)


@pytest.mark.parametrize(
    ("gamma", "beta", "added"),
    [
        (GAMMA, BETA, {"add": 1, "multiply": 1}),
        (GAMMA, None, {"multiply": 1, "add": 1}),
        (None, BETA, {"multiply": 1, "add": 1}),
        (None, None, {"multiply": 1, "add": 1}),
    ],
)
def test_what_is_centered_is_scaled(gamma, beta, added):
    (before,) = share([layer_normalization(X, gamma, beta)])
    (after,) = center([before])
    assert counts([before]) - counts([after]) == {"negate": 1, **added}
    assert counts([after])["subtract"] == 1
    leaves = [x for x in (X, gamma, beta) if x is not None]
    assert_same_values(leaves, [before], [after], rtol=2e-6)


def test_a_factor_for_rows_and_one_for_columns_are_never_as_large_as_both():
    (before,) = share([layer_normalization(X, GAMMA, BETA)])
    (after,) = center([before])
    scaled, beta = after.step.operands
    inner, gamma = scaled.step.operands
    assert (beta, gamma) == (BETA, GAMMA)
    assert {x.shape for x in inner.step.operands} == {(3, 4, 6), (3, 4, 1)}


def test_groups_keep_their_small_factor():
    text = "model m {\n input x: [4, 4, 6]\n output x -> GroupNormalization(2)\n}"
    lowered = lower(graphc.parse(text).model_graph, {"x": TensorType((2, 4, 4, 6), "float32")})
    before = share(list(lowered.outputs.values()))
    after = center(before)
    assert counts(after)["negate"] == 0
    leaves = [*lowered.inputs.values(), *(tensor for _, tensor in lowered.weights)]
    assert_same_values(leaves, before, after, rtol=2e-6)


@pytest.mark.parametrize(
    "other",
    [
        batch_normalization(X, MEAN, VARIANCE, 2, BETA, GAMMA),  # not centered by itself
        (X - MEAN) * GAMMA + (X * BETA + MEAN * GAMMA),
        (X - MEAN) * GAMMA + (X * BETA + -MEAN * GAMMA),
    ],
)
def test_others_stay(other):
    assert counts(center([other])) == counts([other])
