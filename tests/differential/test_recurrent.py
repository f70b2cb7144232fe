"""Recurrent layers and cells against the installed Keras."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, evaluate, variable
from graphc.ir.types import TensorType
from tests.differential.harness import (
    I,
    L,
    T,
    cases,
    check_accepted,
    check_rejected,
    ours,
)

X = T(7, 5)
MASKED = T(7, 5, masked=True)
IMAGES = T(3, 8, 9, 2)

MODES = [
    (L(name, 4, return_sequences=sequences, return_state=state), x)
    for name, sequences, state in itertools.product(
        ("SimpleRNN", "GRU", "LSTM"), (False, True), (False, True)
    )
    for x in (X, MASKED, T(None, 5), T(None, 5, masked=True))
]

LAYERS = [
    L("LSTM", 4, go_backwards=True, return_sequences=True),
    L("LSTM", 4, unroll=True, return_sequences=True),
    L("LSTM", 4, zero_output_for_mask=True, return_sequences=True),
    L("LSTM", 4, use_bias=False),
    L("LSTM", 4, unit_forget_bias=False),
    L("LSTM", 4, implementation=1),
    L("LSTM", 4, "relu", "hard_sigmoid"),
    L("LSTM", 4, activation=None, recurrent_activation=None),
    L("LSTM", 4, activation=L("ReLU", 6.0)),
    L("LSTM", 4, dropout=0.3, recurrent_dropout=0.2, seed=1),
    L("LSTM", 4, use_cudnn=False),
    L("LSTM", 4, trainable=False),
    L("LSTM", 4, dtype="float16", return_state=True),
    L("LSTM", 4, dtype="bfloat16", return_sequences=True),
    L("LSTM", 4, dtype="float64"),
    L("LSTM", 4, dtype="mixed_float16", return_state=True),
    L("LSTM", 4, dtype="mixed_bfloat16"),
    L("LSTM", 4, kernel_regularizer=I("L2", 0.1), bias_constraint=I("NonNeg")),
    L("LSTM", 4, kernel_initializer="he_normal", recurrent_initializer=I("Orthogonal", gain=2.0)),
    L("LSTM", units=1, activity_regularizer=I("L1", 0.1)),
    L("GRU", 4, go_backwards=True, return_sequences=True),
    L("GRU", 4, unroll=True, return_state=True),
    L("GRU", 4, reset_after=False),
    L("GRU", 4, reset_after=False, use_bias=False),
    L("GRU", 4, use_bias=False, return_state=True),
    L("GRU", 4, implementation=1, dropout=0.5),
    L("GRU", 4, dtype="mixed_float16", reset_after=False),
    L("GRU", 4, trainable=False),
    L("SimpleRNN", 4, go_backwards=True, return_sequences=True),
    L("SimpleRNN", 4, "relu", False),
    L("SimpleRNN", 4, dtype="float16"),
    L("SimpleRNN", 4, unroll=True, seed=3),
    L("RNN", L("LSTMCell", 4)),
    L("RNN", L("LSTMCell", 4), return_sequences=True, return_state=True),
    L("RNN", L("GRUCell", 4, reset_after=False), return_state=True),
    L("RNN", L("SimpleRNNCell", 4), return_sequences=True, zero_output_for_mask=True),
    L("RNN", [L("LSTMCell", 4), L("GRUCell", 3)], return_state=True),
    L("RNN", [L("SimpleRNNCell", 4), L("LSTMCell", 3)], return_sequences=True),
    L("RNN", L("StackedRNNCells", [L("GRUCell", 4), L("GRUCell", 4)]), return_state=True),
    L("RNN", [L("LSTMCell", 4)]),
    L("RNN", L("LSTMCell", 4, dtype="float16")),
    L("RNN", L("LSTMCell", 4), dtype="float16", return_state=True),
    L("RNN", L("LSTMCell", 4, trainable=False)),
    L("RNN", L("LSTMCell", 4, name="inner"), go_backwards=True),
]

DTYPES = [
    (L(name, 4, return_state=True), T(7, 5, dtype=dtype))
    for name in ("SimpleRNN", "GRU", "LSTM")
    for dtype in ("int32", "bool", "float16", "float64", "bfloat16")
]

CELLS = [
    (L("LSTMCell", 4), T(5), [T(4), T(4)]),
    (L("LSTMCell", 4, use_bias=False, implementation=1), T(5), [T(4), T(4)]),
    (L("GRUCell", 4), T(5), T(4)),
    (L("GRUCell", 4), T(5), [T(4)]),
    (L("GRUCell", 4, reset_after=False), T(5), T(4)),
    (L("SimpleRNNCell", 4, dtype="mixed_float16"), T(5), T(4)),
    (L("StackedRNNCells", [L("LSTMCell", 4), L("SimpleRNNCell", 3)]), T(5), [[T(4), T(4)], [T(3)]]),
]

CONVOLUTIONS = [
    (L("ConvLSTM2D", 4, 3), IMAGES),
    (L("ConvLSTM2D", 4, (3, 2), padding="same", return_sequences=True), IMAGES),
    (L("ConvLSTM2D", 4, 3, strides=2, return_state=True), IMAGES),
    (L("ConvLSTM2D", 4, 3, dilation_rate=2, padding="SAME"), IMAGES),
    (L("ConvLSTM2D", 4, 3, use_bias=False, unit_forget_bias=False, go_backwards=True), IMAGES),
    (L("ConvLSTM2D", 4, 3, dtype="mixed_float16", return_state=True), IMAGES),
    (L("ConvLSTM2D", 4, 3, unroll=True, zero_output_for_mask=True), IMAGES),
    (L("ConvLSTM2D", 4, 3), T(3, 8, 9, 2, dtype="int32")),
    (L("ConvLSTM2D", 4, 3, return_sequences=True), T(3, 8, 9, 2, masked=True)),
    (
        L("ConvLSTM2D", 4, 3, return_sequences=True, return_state=True),
        T(None, 8, 9, 2, masked=True),
    ),
    (L("ConvLSTM2D", 4, 3, data_format="channels_first", return_state=True), T(3, 2, 8, 9)),
    (L("ConvLSTM2D", 4, 3, 2, "same", "channels_first", return_sequences=True), T(3, 2, 8, 9)),
    (L("ConvLSTM1D", 4, 3, return_sequences=True), T(3, 8, 2)),
    (L("ConvLSTM1D", 4, 3, 1, "same", "channels_first", return_state=True), T(3, 2, 8)),
    (L("ConvLSTM3D", 4, (1, 2, 3), padding="same", return_state=True), T(3, 4, 5, 6, 2)),
    (L("ConvLSTM3D", 4, 2, strides=(1, 2, 1)), T(3, 4, 5, 6, 2)),
]


@cases(MODES, [(layer, x) for layer in LAYERS for x in (X, MASKED)], DTYPES, CELLS, CONVOLUTIONS)
def test_layers(case):
    check_accepted(*case)


STACK = L("RNN", [L("LSTMCell", 4), L("GRUCell", 3)], return_state=True)

CALLS = [
    (L("LSTM", 4, return_state=True), X, {"initial_state": [T(4), T(4)]}),
    (L("LSTM", 4, return_sequences=True), MASKED, {"initial_state": [T(4), T(4)]}),
    (L("GRU", 4), X, {"initial_state": T(4)}),
    (L("GRU", 4, return_state=True), MASKED, {"initial_state": [T(4)]}),
    (L("SimpleRNN", 4, return_state=True), X, {"initial_state": T(4, dtype="float64")}),
    (STACK, X, {"initial_state": [[T(4), T(4)], [T(3)]]}),
    (L("ConvLSTM1D", 4, 3, padding="same"), T(3, 8, 2), {"initial_state": [T(8, 4), T(8, 4)]}),
    (L("LSTM", 4, return_sequences=True), X, {"mask": T(7, dtype="bool")}),
    (L("LSTM", 4), X, {"mask": T(7)}),
    (L("GRU", 4), X, {"mask": T(7, dtype="bool"), "training": False}),
]


@pytest.mark.parametrize(("layer", "x", "call"), CALLS, ids=repr)
def test_calls(layer, x, call):
    check_accepted(layer, x, **call)


REJECTED = [
    (L("LSTM", 4), T(5)),
    (L("LSTM", 4), T(7, 5, 3)),
    (L("LSTM", 4), T(7, None)),
    (L("LSTM", 4), [X, T(4), T(4)]),
    (L("LSTM", 4, stateful=True), X),
    (L("LSTM", 0), X),
    (L("LSTM", -3), X),
    (L("LSTM", 4.5), X),
    (L("LSTM"), X),
    (L("LSTM", 4, use_cudnn="yes"), X),
    (L("LSTM", 4, activation="nope"), X),
    (L("LSTM", 4, seed="a"), X),
    (L("LSTM", 4, reset_after=True), X),
    (L("SimpleRNN", 4, implementation=2), X),
    (L("RNN", L("Dense", 4)), X),
    (L("RNN", []), X),
    (L("RNN", 4), X),
    (L("RNN", L("LSTMCell", 4)), T(5)),
    (L("LSTMCell", 4), T(5), [T(4)]),
    (L("LSTMCell", 4), T(5), [T(4), T(5)]),
    (L("LSTMCell", 4), T(3, 5), [T(4), T(4)]),
    (L("SimpleRNNCell", 4), T(3, 5), T(4)),
    (L("ConvLSTM2D", 4, 3, strides=2, dilation_rate=2), IMAGES),
    (L("ConvLSTM2D", 4, 9), IMAGES),
    (L("ConvLSTM2D", 4, 3, padding="causal"), IMAGES),
    (L("ConvLSTM2D", 4, 3, strides=0), IMAGES),
    (L("ConvLSTM2D", 4, (3, 3, 3)), IMAGES),
    (L("ConvLSTM2D", 4, 3, implementation=2), IMAGES),
    (L("ConvLSTM2D", 4, 3, stateful=True), IMAGES),
    (L("ConvLSTM2D", 4, 3), T(3, None, 9, 2)),
    (L("ConvLSTM2D", 4, 3), T(3, 8, 9, None)),
    (L("ConvLSTM2D", 4, 3), T(8, 9, 2)),
    (L("ConvLSTM2D", 4, 3, data_format="channels_first"), T(3, None, 8, 9)),
]


@cases(REJECTED)
def test_rejections(case):
    check_rejected(*case)


# What Keras takes while it only looks at shapes, and fails at when it runs.
FAILING_LATER = [
    (L("RNN", L("LSTMCell", 4)), T(7, 5, 3), {}),
    (L("LSTM", 4), X, {"initial_state": T(4)}),
    (L("LSTM", 4), X, {"initial_state": [T(4)]}),
    (L("LSTM", 4), X, {"initial_state": [T(4), T(5)]}),
    (L("LSTM", 4), X, {"mask": T(6, dtype="bool")}),
    (L("ConvLSTM1D", 4, 3, padding="same"), T(3, 8, 2), {"initial_state": [T(8, 3), T(8, 4)]}),
]


@pytest.mark.parametrize(("layer", "x", "call"), FAILING_LATER, ids=repr)
def test_what_fails_when_run(layer, x, call):
    assert_fault(layer, x, **call)
    assert fails_when_run(layer, x, **call)


def assert_fault(layer: L, *inputs: Any, **call: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        _trace(layer, inputs, call)
    return caught.value


def _trace(layer: L, inputs: tuple[Any, ...], call: dict[str, Any]) -> None:
    made = layer.ours()
    named = dict(zip(made.parameters, ours(inputs), strict=False))
    trace_layer(made, {**named, **{name: ours(value) for name, value in call.items()}})


def fails_when_run(layer: L, *inputs: Any, **call: Any) -> bool:
    """Whether Keras fails on arrays of zeros, of two examples."""

    def zeros(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [zeros(item) for item in value]
        return np.zeros((2, *value.dims), value.dtype) if isinstance(value, T) else value

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = layer.theirs()
        try:
            made(*map(zeros, inputs), **{name: zeros(value) for name, value in call.items()})
        except Exception:  # noqa: BLE001 - Keras fails with whatever it stumbles over
            return True
    return False


# Where we are stricter than Keras, or mean something else.
STRICTER = [
    (L("LSTM", 4, dropout=1.5), X, {}),  # Keras takes it for 1
    (L("GRU", 4, recurrent_dropout=-0.5), X, {}),  # Keras takes it for 0
    (L("LSTM", True), X, {}),  # a truth value is not a number
    (L("LSTM", 4, return_sequences=1), X, {}),
    (L("LSTM", 4, implementation=7), X, {}),  # there are two
    (L("ConvLSTM2D", 0, 3), IMAGES, {}),  # no filters, no output
    (L("LSTM", 4, unroll=True), T(None, 5), {}),  # Keras says so only when it runs the model
    (L("LSTM", 4), X, {"initial_state": [T(4), T(4), T(4)]}),  # Keras forgets the third
    (L("LSTM", 4), X, {"mask": T(7, 5, dtype="bool")}),  # JAX alone knows what to do with it
    (L("StackedRNNCells", []), T(5), {"states": []}),  # nothing, stacked
]


@pytest.mark.parametrize(("layer", "x", "call"), STRICTER, ids=repr)
def test_what_keras_lets_pass(layer, x, call):
    assert_fault(layer, x, **call)


# Keras forgets to tell the cell, so that a model around it goes on training its weights.
@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (L("RNN", L("LSTMCell", 4), trainable=False), X),
        (L("ConvLSTM1D", 4, 3, trainable=False), T(3, 8, 2)),
        (L("Bidirectional", L("GRU", 4), trainable=False), X),
        (L("TimeDistributed", L("Dense", 4), trainable=False), X),
    ],
    ids=repr,
)
def test_untrainable_layers_do_not_train_what_is_inside(layer, x):
    made = layer.ours()
    weights = trace_layer(made, {made.parameters[0]: x.ours()}).weights
    assert weights
    assert not any(spec.is_trainable for spec, _ in weights)


def test_a_whole_float_is_a_number_of_units():
    layer = registry("layer")["LSTM"](4.0)  # Keras makes a shape with 16.0 of it, and fails
    assert layer.units == 4


SAMPLED = {
    "SimpleRNN": ({"units": 2}, X),
    "GRU": ({"units": 2}, X),
    "LSTM": ({"units": 2}, X),
    "RNN": ({"cell": L("GRUCell", 2)}, X),
    "ConvLSTM2D": ({"filters": 2, "kernel_size": 2}, IMAGES),
}
SAMPLES = [
    pytest.param(name, argument, id=f"{name}.{argument.name}")
    for name in SAMPLED
    for argument in registry("layer")[name].arguments.values()
    # Cells are no plain values; a stateful layer needs a batch of known size.
    if argument.name not in ("name", "dtype", "cell", "stateful", "trainable")
]
# What Keras does not look at, or takes for something else.
UNCHECKED = {
    ("SimpleRNN", "activity_regularizer"),  # Keras forgets it
    ("ConvLSTM2D", "filters"),
    *((name, "dropout") for name in SAMPLED),
    *((name, "recurrent_dropout") for name in SAMPLED),
    *((name, "implementation") for name in SAMPLED),
}


@pytest.mark.parametrize(("name", "argument"), SAMPLES)
def test_samples_of_arguments(name, argument):
    required, x = SAMPLED[name]
    for value in argument.rule.valid:
        check_accepted(L(name, **{**required, argument.name: value}), x)
    if (name, argument.name) in UNCHECKED:
        return
    for value in argument.rule.invalid:
        check_rejected(L(name, **{**required, argument.name: value}), x)


TIME = variable("T")


@pytest.mark.parametrize("timesteps", [1, 7, TIME])
@pytest.mark.parametrize(
    ("name", "per_step"), [("SimpleRNN", 4 * (4 + 5)), ("GRU", 3 * 4 * (4 + 5)), ("LSTM", 144)]
)
def test_macs(name, per_step, timesteps):
    layer = registry("layer")[name](4)
    trace = trace_layer(layer, {"sequences": TensorType((BATCH, timesteps, 5), "float32")})
    assert trace.cost.macs == timesteps * BATCH * per_step


def test_macs_of_a_gru_that_resets_first_are_as_many():
    layer = registry("layer")["GRU"](4, reset_after=False)
    trace = trace_layer(layer, {"sequences": TensorType((BATCH, 7, 5), "float32")})
    assert trace.cost.macs == 7 * BATCH * 3 * 4 * (4 + 5)


def test_macs_of_a_convolution_count_every_place():
    layer = registry("layer")["ConvLSTM1D"](4, 3, padding="same")
    trace = trace_layer(layer, {"sequences": TensorType((1, 2, 8, 5), "float32")})
    assert trace.cost.macs == 2 * 8 * 3 * (5 + 4) * 16


def test_symbolic_time_is_the_concrete_one_after_substitution():
    layer = registry("layer")["LSTM"](4, return_sequences=True)
    symbolic = trace_layer(layer, {"sequences": TensorType((BATCH, TIME, 5), "float32")})
    concrete = trace_layer(layer, {"sequences": TensorType((2, 7, 5), "float32")})
    sizes = {"B": 2, "T": 7}
    assert evaluate(symbolic.cost.flops, sizes) == concrete.cost.flops
    assert tuple(evaluate(d, sizes) for d in symbolic.outputs[0].shape) == (2, 7, 4)


def test_an_unknown_time_gives_a_sequence_of_unknown_length():
    layer = registry("layer")["GRU"](4, return_sequences=True)
    trace = trace_layer(layer, {"sequences": TensorType((BATCH, UNKNOWN, 5), "float32")})
    assert trace.outputs[0].shape == (BATCH, UNKNOWN, 4)
    assert trace.cost.macs is UNKNOWN


MESSAGES = [
    (
        L("LSTM", 4), T(7, 5, 3), {},
        "needs a rank-3 input (batch, timesteps, features), got [B, 7, 5, 3]",
    ),
    (
        L("ConvLSTM2D", 4, 3, data_format="channels_first"), T(8, 9, 2), {},
        "needs a rank-5 input (batch, timesteps, channels, height, width), got [B, 8, 9, 2]",
    ),
    (
        L("ConvLSTM2D", 4, 9), IMAGES, {},
        "needs timesteps at least as large as its window of 9 × 9, got [B, 3, 8, 9, 2]",
    ),
    (L("LSTM", 4), X, {"initial_state": T(4)}, "needs 2 initial states ([B, 4], [B, 4]), got 1"),
    (L("GRU", 4), X, {"initial_state": T(3)}, "needs initial states of shape [B, 4], got [B, 3]"),
    (
        L("GRU", 4), X, {"mask": T(7, 5, dtype="bool")},
        "needs a rank-2 mask (batch, timesteps), got bool[B, 7, 5]",
    ),
    (
        L("GRU", 4), X, {"mask": T(6, dtype="bool")},
        "needs a mask of shape [B, 7] for its input [B, 7, 5], got bool[B, 6]",
    ),
    (
        L("GRU", 4, unroll=True), T(None, 5), {},
        "needs a known number of timesteps to be unrolled, got [B, ?, 5]",
    ),
    (
        L("RNN", 4), X, {},
        "needs `cell` to be a cell, such as LSTMCell(8), or a list of cells, got 4",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "x", "call", "message"), MESSAGES)
def test_messages(layer, x, call, message):
    assert assert_fault(layer, x, **call).message == message
