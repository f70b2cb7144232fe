"""Batch normalization, biases and padding, in the weights of what they follow."""

from __future__ import annotations

import pytest

import graphc
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives import movement as move
from graphc.ir.primitives.contraction import CONV, DOT_GENERAL
from graphc.ir.types import TensorType
from graphc.passes.absorb import absorb
from graphc.passes.divide import divide
from graphc.runtime.lower import lower
from tests.passes.compared import assert_same_values, counts, leaf

IMAGE = leaf(2, 8, 8, 3)
WINDOW = leaf(3, 3, 3, 4)
GROUPED = leaf(3, 3, 1, 6)
PER_CHANNEL = leaf(4)
SIX = leaf(6)


def conv(x, weights, padding=0, groups=1, strides=(1, 1)):
    return apply(
        CONV, x, weights, strides=strides, padding=((padding, padding),) * 2, dilation=(1, 1),
        input_dilation=(1, 1), groups=groups,
    )  # fmt: skip


def times(x, y):
    return apply(rows.MULTIPLY, x, y)


def plus(x, y):
    return apply(rows.ADD, x, y)


def check(result, inputs, left, *weights):
    """The steps after the pass that depend on the inputs, and their values."""
    (made,) = absorb([result], inputs)
    assert counts(divide([made], inputs).results) == left
    assert_same_values([*inputs, *weights], [result], [made], rtol=1e-5)


@pytest.mark.parametrize(
    ("weights", "groups", "scale"),
    [(WINDOW, 1, PER_CHANNEL), (GROUPED, 3, SIX), (GROUPED, 3, leaf(1))],
)
def test_a_normalized_convolution_is_a_convolution_and_a_bias(weights, groups, scale):
    bias, shift = leaf(*scale.shape), leaf(1, 1, 1, *scale.shape)
    y = plus(times(plus(conv(IMAGE, weights, groups=groups), bias), scale), shift)
    check(y, [IMAGE], {"conv": 1, "add": 1}, weights, bias, scale, shift)


@pytest.mark.parametrize(
    ("x", "weights", "contracting", "scale"),
    [
        (leaf(5, 3), leaf(3, 4), ((1,), (0,)), leaf(4)),
        (leaf(5, 3), leaf(4, 3), ((1,), (1,)), leaf(4)),
        (leaf(2, 5, 3), leaf(3, 2, 4), ((2,), (0,)), leaf(2, 4)),
        (leaf(2, 5, 3), leaf(2, 3, 4), ((2,), (1,)), leaf(1, 4)),
        (leaf(2, 3, 5), leaf(5, 4, 3), ((1, 2), (2, 0)), leaf(4)),
    ],
)
def test_a_scaled_product_is_a_product(x, weights, contracting, scale):
    y = times(scale, apply(DOT_GENERAL, x, weights, contracting=contracting))
    check(y, [x], {"dot_general": 1}, weights, scale)


def test_what_is_not_along_the_channels_stays():
    rowwise = leaf(6, 1)
    y = times(conv(IMAGE, WINDOW), rowwise)
    check(y, [IMAGE], {"conv": 1, "multiply": 1}, WINDOW, rowwise)
    product = apply(DOT_GENERAL, leaf_x := leaf(5, 3), WEIGHTS, contracting=((1,), (0,)))
    column = leaf(5, 1)
    check(times(product, column), [leaf_x], {"dot_general": 1, "multiply": 1}, WEIGHTS, column)


WEIGHTS = leaf(3, 4)


def test_a_convolution_with_two_uses_is_computed_once():
    y = conv(IMAGE, WINDOW)
    both = plus(times(y, PER_CHANNEL), y)
    check(both, [IMAGE], {"conv": 1, "multiply": 1, "add": 1}, WINDOW, PER_CHANNEL)


def test_a_scale_from_the_inputs_stays():
    gate = leaf(2, 1, 1, 4)
    y = times(conv(IMAGE, WINDOW), gate)
    check(y, [IMAGE, gate], {"conv": 1, "multiply": 1}, WINDOW)


def test_weights_from_the_inputs_stay():
    y = times(conv(IMAGE, WINDOW), PER_CHANNEL)
    check(y, [IMAGE, WINDOW], {"conv": 1, "multiply": 1}, PER_CHANNEL)


def test_whole_numbers_stay():
    x, weights, scale = (leaf(*shape, dtype="int32") for shape in ((5, 3), (3, 4), (4,)))
    y = times(apply(DOT_GENERAL, x, weights, contracting=((1,), (0,))), scale)
    check(y, [x], {"dot_general": 1, "multiply": 1}, weights, scale)


def padded(widths, mode="constant", value=0):
    return apply(move.PAD, IMAGE, widths=widths, mode=mode, value=value)


def test_zeros_around_an_image_are_padding():
    x = padded(((0, 0), (0, 1), (2, 1), (0, 0)))
    check(conv(x, WINDOW, padding=1, strides=(2, 2)), [IMAGE], {"conv": 1}, WINDOW)


@pytest.mark.parametrize(
    "x",
    [
        padded(((0, 0), (1, 1), (1, 1), (0, 0)), value=1),
        padded(((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect"),
        padded(((0, 0), (-1, 1), (1, 1), (0, 0))),
        padded(((1, 0), (1, 1), (1, 1), (0, 0))),
    ],
)
def test_other_padding_stays(x):
    check(conv(x, WINDOW), [IMAGE], {"pad": 1, "conv": 1}, WINDOW)


def test_a_model_of_normalized_layers_comes_to_the_same():
    model = graphc.parse("""
    sequential s {
        input [9, 9, 3]
        ZeroPadding2D(1)
        Conv2D(4, 3, strides=2)
        BatchNormalization()
        ReLU()
        DepthwiseConv2D(3, use_bias=False)
        BatchNormalization(scale=False)
        Flatten()
        Dense(5)
        BatchNormalization(center=False)
    }
    """)
    graph = model.model_graph
    lowered = lower(graph, {"input": TensorType((2, 9, 9, 3), "float32")})
    inputs, results = list(lowered.inputs.values()), list(lowered.outputs.values())
    made = absorb(results, inputs)
    assert counts(divide(made, inputs).results) == {
        "conv": 2, "dot_general": 1, "add": 3, "maximum": 1, "reshape": 1,
    }  # fmt: skip
    leaves = [*inputs, *(tensor for _, tensor in lowered.weights)]
    assert_same_values(leaves, results, made, rtol=1e-5, low=0.5)  # variances are above 0
