"""What recurrent layers compute, in numbers, against the installed Keras."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, cases
from tests.differential.values import check_values
from tests.reference.evaluate import run_trace

TOLERANCE = 1e-4
X = T(4, 5)
# Whole, with holes at both ends, and with few steps left.
MASK = T(4, dtype="bool", values=[[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 0]])
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


@pytest.fixture(autouse=True)
def _uncompiled():
    """Compiling a loop takes longer than running it once."""
    with jax.disable_jit():
        yield


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_values(layer):
    check_values(layer, X, tolerance=TOLERANCE)


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_values_under_a_mask(layer):
    check_values(layer, X, mask=MASK, tolerance=TOLERANCE)


WITH_STATES = [
    (L("SimpleRNN", 3, return_state=True), 1),
    (L("GRU", 3, return_sequences=True), 1),
    (L("LSTM", 3, **FULL), 2),
    (L("Bidirectional", L("LSTM", 3, **FULL)), 4),
]


@pytest.mark.parametrize("mask", [{}, {"mask": MASK}], ids=["unmasked", "masked"])
@pytest.mark.parametrize(("layer", "states"), WITH_STATES, ids=repr)
def test_values_from_initial_states(layer, states, mask):
    check_values(layer, X, initial_state=[T(3)] * states, **mask, tolerance=TOLERANCE)


FEW_CONVOLUTIONS = [
    (L("ConvLSTM1D", 3, 2, **FULL), T(3, 5, 2)),
    (L("TimeDistributed", L("LSTM", 3)), T(2, 3, 4)),
]
CONVOLUTIONS = [
    (L("ConvLSTM1D", 3, 3, strides=2, padding="same"), T(3, 5, 2)),
    (L("ConvLSTM2D", 3, (3, 2), padding="same", return_sequences=True), T(2, 4, 5, 2)),
    (L("ConvLSTM2D", 2, 2, dilation_rate=2, data_format="channels_first", **FULL), T(2, 3, 4, 5)),
    (L("ConvLSTM2D", 2, 2, use_bias=False, go_backwards=True), T(2, 3, 4, 2)),
    (L("ConvLSTM3D", 2, 2, padding="same"), T(2, 2, 3, 2, 2)),
    (L("TimeDistributed", L("Conv2D", 2, 2)), T(2, 3, 4, 2)),
]


@cases(FEW_CONVOLUTIONS, slow=CONVOLUTIONS)  # JAX compiles each convolution anew
def test_values_over_images(case):
    check_values(*case, tolerance=TOLERANCE)


# Keras under JAX compares a mask [B, 1] with images, and fails unless it happens to broadcast.
# Here a masked image changes nothing, as Keras does under TensorFlow.
def test_masked_images_are_passed_over():
    layer = L("ConvLSTM1D", 2, 2, return_state=True).ours()
    x = np.random.default_rng(0).normal(size=(1, 3, 4, 2)).astype("float32")
    sequences, mask = TensorType((BATCH, 3, 4, 2), "float32"), TensorType((BATCH, 3), "bool")
    trace = trace_layer(layer, {"sequences": sequences, "mask": mask})
    weights = [np.full(spec.shape, 0.1, "float32") for spec, _ in trace.weights]
    skipped = run_trace(trace, [x, np.array([[True, False, True]])], weights)
    short = x[:, [0, 2]]
    trace = trace_layer(layer, {"sequences": TensorType((BATCH, 2, 4, 2), "float32")})
    for got, expected in zip(skipped, run_trace(trace, [short], weights), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)
