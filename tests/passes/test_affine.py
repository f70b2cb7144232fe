"""Scales and shifts in front of products, and biases that go through attention."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import graphc
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.einsum import einsum
from graphc.ops.linear_algebra import matmul
from graphc.ops.softmax import softmax as op
from graphc.passes.affine import affine
from graphc.passes.divide import divide
from graphc.passes.pipeline import optimize
from graphc.passes.share import share
from graphc.passes.softmax import softmax
from graphc.runtime.lower import lower
from tests.passes.compared import assert_same_values, counts, leaf

X, GAMMA, BETA = leaf(2, 30, 6), leaf(6), leaf(6)
KERNEL, BIAS, SQUARE = leaf(6, 9), leaf(9), leaf(6, 6)
HEADS, TURNED, SHIFT = leaf(6, 3, 8), leaf(3, 8, 6), leaf(3, 8)
WEIGHTS = [GAMMA, BETA, KERNEL, BIAS, SQUARE, HEADS, TURNED, SHIFT]
QUERY, KEY, VALUE = leaf(2, 70, 3, 8), leaf(2, 70, 3, 8), leaf(2, 70, 3, 8)


def each_call(results: Sequence[Tensor], inputs: Sequence[Tensor]) -> dict[str, int]:
    """The steps that are left for each call."""
    return dict(counts(divide(results, inputs).results))


@pytest.mark.parametrize(
    ("result", "left"),
    [
        (matmul(X * GAMMA + BETA, KERNEL) + BIAS, {"dot_general": 1, "add": 2}),
        (matmul(X * GAMMA, KERNEL) + BIAS, {"dot_general": 1, "add": 1}),
        (BIAS + matmul(BETA + X, KERNEL), {"dot_general": 1, "add": 2}),
        (matmul((X + GAMMA) * BETA + GAMMA, SQUARE), {"dot_general": 1, "add": 1}),
        (einsum("btc,chk->bthk", X * GAMMA + BETA, HEADS) + SHIFT, {"dot_general": 1, "add": 2}),
    ],
)
def test_scales_and_shifts_go_into_weights_and_biases(result, left):
    after = affine([result], [X])
    assert each_call(after, [X]) == left
    assert_same_values([X, *WEIGHTS], [result], after, rtol=2e-6)


def test_all_products_of_one_tensor_take_them():
    normal = X * GAMMA + BETA
    before = [matmul(normal, KERNEL) + BIAS, matmul(normal, SQUARE) + BETA]
    after = affine(before, [X])
    assert each_call(after, [X]) == {"dot_general": 2, "add": 4}
    assert_same_values([X, *WEIGHTS], before, after, rtol=2e-6)


NORMAL = X * GAMMA + BETA


@pytest.mark.parametrize(
    "results",
    [
        [matmul(NORMAL, SQUARE) + BETA, NORMAL],  # wanted as it is
        [matmul(NORMAL, SQUARE) + NORMAL],
        [matmul(NORMAL, KERNEL)],  # larger than what it is of, and without a bias
        [einsum("btc,btd->bcd", NORMAL, X)],  # no weights
        [matmul(X * leaf(30, 1), SQUARE)],  # differs between rows
        [matmul(X + leaf(1), SQUARE)],
        [matmul(X * (X + BETA), SQUARE) + BETA],
        [matmul(leaf(2, 30, 6, dtype="int32") + leaf(6, dtype="int32"), leaf(6, 6, dtype="int32"))],
    ],
)
def test_others_stay(results):
    assert counts(affine(results, [X])) == counts(results)


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    scores = einsum("btnh,bsnh->bnts", query, key) * 0.125
    return einsum("bnts,bsnh->btnh", op(scores), value)


def test_biases_of_values_go_to_the_output():
    out = einsum("btnh,nhc->btc", attention(QUERY, KEY, VALUE + SHIFT + 2 * SHIFT), TURNED) + BETA
    inputs = [QUERY, KEY, VALUE]
    before = softmax(share([out]))
    after = affine(before, inputs)
    assert counts(before)["add"] == 3
    assert each_call(after, inputs)["add"] == 2  # what two came to, and the output's
    assert_same_values([*inputs, *WEIGHTS], before, after, rtol=2e-6)


@pytest.mark.parametrize(
    "out",
    [
        attention(QUERY, KEY, VALUE + SHIFT),  # nothing takes it
        attention(QUERY, KEY, VALUE * SHIFT),
        einsum("btnh,nhc->btc", attention(QUERY, KEY, VALUE + leaf(70, 1, 1)), TURNED) + BETA,
        einsum("btnh,nhc->btc", einsum("bnts,bsnh->btnh", leaf(2, 3, 70, 70), VALUE + SHIFT), TURNED),
    ],
)  # fmt: skip
def test_other_means_stay(out):
    before = softmax(share([out]))
    assert counts(affine(before, [QUERY, KEY, VALUE])) == counts(before)


@pytest.mark.parametrize("added", [SHIFT, leaf(1, 8), leaf(2, 1, 3, 8)])
@pytest.mark.parametrize("mask", [None, leaf(70, 70), leaf(2, 1, 1, 70)])
def test_scores_need_no_biases_of_keys(added, mask):
    scores = einsum("btnh,bsnh->bnts", QUERY, KEY + added + 2 * added) * 0.125
    leaves = [QUERY, KEY, added]
    if mask is not None:
        scores, leaves = scores + mask, [*leaves, mask]
    before = softmax(share([op(scores)]))
    after = affine(before, [QUERY, KEY])
    assert counts(before)["add"] - counts(after)["add"] == 2
    assert_same_values(leaves, before, after, rtol=3e-5)


@pytest.mark.parametrize(
    "scores",
    [
        einsum("btnh,bsnh->bnts", QUERY + SHIFT, KEY),
        einsum("btnh,bsnh->bnts", QUERY, KEY + leaf(70, 1, 8)),
        einsum("btnh,bsnh->bnst", QUERY, KEY + SHIFT),
        einsum("btnh,bsnh->bnts", QUERY, KEY + SHIFT) * leaf(70),
        matmul(leaf(70, 5), leaf(5, 70) + leaf(5, 70)),
    ],
)
def test_what_differs_within_a_row_stays(scores):
    before = softmax(share([op(scores)]))
    after = affine(before, [QUERY, KEY])
    assert counts(after)["bounded_exp"] == 1
    assert counts(after)["add"] == counts(before)["add"]


TRANSFORMER = """
model m {
    input x: [40, 24]
    y = x -> LayerNormalization(epsilon=1e-6)
    x = x + ((query=y, value=y) -> MultiHeadAttention(3, 8))
    output x + (x -> LayerNormalization() -> Dense(96, gelu) -> Dense(24))
}
"""


def test_a_transformer_has_one_addition_for_each_bias_that_counts():
    model = graphc.parse(TRANSFORMER).model_graph
    lowered = lower(model, {"x": TensorType((4, 40, 24), "float32")})
    inputs, before = list(lowered.inputs.values()), list(lowered.outputs.values())
    after = optimize(before, inputs)
    left = each_call(after, inputs)
    # Of queries, of the output, of two dense layers, two residual ones, and two of an epsilon.
    assert left["add"] == 8
    assert left["multiply"] == 2
    leaves = [*inputs, *(tensor for _, tensor in lowered.weights)]
    assert_same_values(leaves, before, after, rtol=1e-5, low=-1)
