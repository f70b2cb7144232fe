"""What recurrent layers compute, in numbers, against the installed Keras."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from tests.differential.harness import L, keras
from tests.reference.evaluate import run_trace

EXAMPLES = 3
MASK = np.array([[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 0]], dtype=bool)


def check_values(layer: L, dims: tuple[int, ...], *, mask: Any = None, states: Any = ()) -> None:
    """The layer on random inputs and weights, ours step by step and Keras' in one."""
    random = np.random.default_rng(0)

    def draw(shape: tuple[int, ...]) -> Any:
        return random.normal(size=shape).astype("float32")

    x = draw((EXAMPLES, *dims))
    initial = [draw((EXAMPLES, *state)) for state in states]
    theirs = layer.theirs()
    options = {"mask": mask} if mask is not None else {}
    if initial:
        options["initial_state"] = initial
    with jax.disable_jit():  # compiling takes seconds, running once does not
        theirs.build(x.shape)
        weights = [draw(tuple(weight.shape)) for weight in theirs.weights]
        theirs.set_weights(weights)
        expected = [np.asarray(output) for output in keras.tree.flatten(theirs(x, **options))]

    made = layer.ours()
    types: dict[str, Any] = {made.parameters[0]: type_of(x)}
    if initial:
        types["initial_state"] = [type_of(state) for state in initial]
    if mask is not None:
        types["mask"] = type_of(mask)
    trace = trace_layer(made, types)
    given = [x, *initial, *([mask] if mask is not None else [])]
    got = run_trace(trace, given, weights)
    assert len(got) == len(expected)
    for ours, correct in zip(got, expected, strict=True):
        np.testing.assert_allclose(ours, correct, rtol=1e-4, atol=1e-5)


def type_of(array: Any) -> TensorType:
    return TensorType((BATCH, *array.shape[1:]), str(array.dtype))


X = (4, 5)
FULL = {"return_sequences": True, "return_state": True}
STACK = [L("LSTMCell", 3), L("SimpleRNNCell", 4), L("GRUCell", 2)]

LAYERS = [
    L("SimpleRNN", 3, **FULL),
    L("SimpleRNN", 3, "relu", use_bias=False),
    L("SimpleRNN", 3, go_backwards=True, **FULL),
    L("LSTM", 3, **FULL),
    L("LSTM", 3, use_bias=False, recurrent_activation="tanh"),
    L("LSTM", 3, implementation=1),
    L("LSTM", 3, go_backwards=True, **FULL),
    L("LSTM", 3, unroll=True, return_state=True),
    L("LSTM", 3, zero_output_for_mask=True, **FULL),
    L("LSTM", 3, zero_output_for_mask=True),
    L("LSTM", 3, zero_output_for_mask=True, go_backwards=True),
    L("LSTM", 3, activation=None),
    L("GRU", 3, **FULL),
    L("GRU", 3, reset_after=False, **FULL),
    L("GRU", 3, use_bias=False),
    L("GRU", 3, use_bias=False, reset_after=False),
    L("GRU", 3, implementation=1, reset_after=False),
    L("GRU", 3, go_backwards=True, **FULL),
    L("RNN", L("LSTMCell", 3), **FULL),
    L("RNN", STACK, **FULL),
    L("RNN", STACK, go_backwards=True),
    L("Bidirectional", L("LSTM", 3)),
    L("Bidirectional", L("LSTM", 3, **FULL), "sum"),
    L("Bidirectional", L("GRU", 3, return_sequences=True), "mul"),
    L("Bidirectional", L("SimpleRNN", 3, return_state=True), "ave"),
    L("Bidirectional", L("LSTM", 3, **FULL), None),
    L("Bidirectional", L("GRU", 3), backward_layer=L("SimpleRNN", 3, go_backwards=True)),
    L("TimeDistributed", L("Dense", 3, "relu")),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_values(layer):
    check_values(layer, X)


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_values_under_a_mask(layer):
    check_values(layer, X, mask=MASK)


WITH_STATES = [
    (L("SimpleRNN", 3, return_state=True), [(3,)]),
    (L("GRU", 3, return_sequences=True), [(3,)]),
    (L("LSTM", 3, **FULL), [(3,), (3,)]),
    (L("Bidirectional", L("LSTM", 3, **FULL)), [(3,)] * 4),
]


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize(("layer", "states"), WITH_STATES, ids=repr)
def test_values_from_initial_states(layer, states, mask):
    check_values(layer, X, states=states, mask=mask)


FEW_CONVOLUTIONS = [
    (L("ConvLSTM1D", 3, 2, **FULL), (3, 5, 2)),
    (L("TimeDistributed", L("LSTM", 3)), (2, 3, 4)),
]
CONVOLUTIONS = [
    (L("ConvLSTM1D", 3, 3, strides=2, padding="same"), (3, 5, 2)),
    (L("ConvLSTM2D", 3, (3, 2), padding="same", return_sequences=True), (2, 4, 5, 2)),
    (L("ConvLSTM2D", 2, 2, dilation_rate=2, data_format="channels_first", **FULL), (2, 3, 4, 5)),
    (L("ConvLSTM2D", 2, 2, use_bias=False, go_backwards=True), (2, 3, 4, 2)),
    (L("ConvLSTM3D", 2, 2, padding="same"), (2, 2, 3, 2, 2)),
    (L("TimeDistributed", L("Conv2D", 2, 2)), (2, 3, 4, 2)),
]


@pytest.mark.parametrize(("layer", "dims"), FEW_CONVOLUTIONS, ids=repr)
def test_values_over_images(layer, dims):
    check_values(layer, dims)


@pytest.mark.slow  # JAX compiles each convolution anew
@pytest.mark.parametrize(("layer", "dims"), CONVOLUTIONS, ids=repr)
def test_values_of_convolutions(layer, dims):
    check_values(layer, dims)


# Keras under JAX compares a mask [B, 1] with images, and fails unless it happens to broadcast.
# Here a masked image changes nothing, as Keras does under TensorFlow.
def test_masked_images_are_passed_over():
    layer = L("ConvLSTM1D", 2, 2, return_state=True).ours()
    x = np.random.default_rng(0).normal(size=(1, 3, 4, 2)).astype("float32")
    types = {"sequences": type_of(x), "mask": TensorType((BATCH, 3), "bool")}
    trace = trace_layer(layer, types)
    weights = [np.full(spec.shape, 0.1, "float32") for spec, _ in trace.weights]
    skipped = run_trace(trace, [x, np.array([[True, False, True]])], weights)
    short = x[:, [0, 2]]
    trace = trace_layer(layer, {"sequences": type_of(short)})
    for got, expected in zip(skipped, run_trace(trace, [short], weights), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)
