"""Bidirectional and TimeDistributed against the installed Keras."""

from __future__ import annotations

import itertools

import pytest

import graphc
from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from tests.differential.harness import (
    L,
    T,
    cases,
    check_accepted,
    check_layer,
    check_rejected,
    keras,
)
from tests.differential.test_recurrent import MASKED, X, assert_fault, fails_when_run

FULL = {"return_sequences": True, "return_state": True}


def both(*args, **config):
    return L("Bidirectional", *args, **config)


def each(*args, **config):
    return L("TimeDistributed", *args, **config)


MERGED = [
    (both(L("LSTM", 4, return_sequences=sequences, return_state=state), mode), x)
    for mode, sequences, state in itertools.product(
        ("concat", "sum", "mul", "ave", None), (False, True), (False, True)
    )
    for x in (X, MASKED)
]

BIDIRECTIONAL = [
    (both(L("GRU", 4)), T(None, 5)),
    (both(L("GRU", 4, name="g"), name="both"), X),
    (both(layer=L("SimpleRNN", 4)), X),
    (both(L("GRU", 4), backward_layer=L("LSTM", 4, go_backwards=True)), X),
    (both(L("GRU", 4, go_backwards=True), backward_layer=L("GRU", 4)), X),
    (both(L("RNN", [L("LSTMCell", 4), L("GRUCell", 3)], return_state=True)), X),
    (both(L("RNN", L("LSTMCell", 4), return_sequences=True)), MASKED),
    (both(L("ConvLSTM1D", 4, 3, return_sequences=True)), T(3, 8, 2)),
    (both(L("ConvLSTM1D", 4, 3, 1, "same", "channels_first", return_sequences=True)), T(3, 2, 8)),
    (both(L("LSTM", 4), dtype="mixed_float16"), X),
    (both(L("LSTM", 4, dtype="mixed_float16")), X),
    (both(L("LSTM", 4, trainable=False)), X),
    (both(L("LSTM", 4, unroll=True)), X),
    (both(L("LSTM", 4, return_sequences=True)), T(7, 5, dtype="int32")),
    (both(L("LSTM", 4), weights=None), X),
]

TIME_DISTRIBUTED = [
    (each(L("Dense", 4)), X),
    (each(L("Dense", 4)), MASKED),
    (each(L("Dense", 4)), T(None, 5)),
    (each(L("Dense", 4)), T(None, 5, masked=True)),
    (each(L("Dense", 4)), T(7, 3, 5)),
    (each(L("Dense", 4), name="steps"), X),
    (each(layer=L("Conv2D", 4, 3)), T(7, 28, 28, 3)),
    (each(L("LSTM", 4)), T(7, 6, 5)),
    (each(L("LSTM", 4, return_sequences=True)), T(None, 6, 5)),
    (each(both(L("LSTM", 4))), T(7, 6, 5)),
    (each(each(L("Dense", 4))), T(7, 6, 5)),
    (each(L("ConvLSTM1D", 4, 3)), T(7, 3, 8, 2)),
    (each(L("Flatten")), T(7, 5, 2)),
    (each(L("Embedding", 10, 3)), T(7, 5, dtype="int32")),
    (each(L("Dense", 4, dtype="float16")), X),
    (each(L("Dense", 4), dtype="float16"), X),
    (each(L("Dense", 4), dtype="mixed_float16"), X),
    (each(L("Dense", 4, trainable=False)), X),
    (each(L("Dense", 4)), T(7, 5, dtype="int32")),
]


@cases(MERGED, BIDIRECTIONAL, TIME_DISTRIBUTED)
def test_wrappers(case):
    check_accepted(*case)


CALLS = [
    (both(L("LSTM", 4, return_state=True)), X, {"initial_state": [T(4)] * 4}),
    (both(L("LSTM", 4, **FULL)), MASKED, {"initial_state": [T(4)] * 4}),
    (both(L("GRU", 4)), X, {"initial_state": [T(4), T(4)]}),
    (both(L("LSTM", 4, return_sequences=True)), X, {"mask": T(7, dtype="bool")}),
    (both(L("LSTM", 4)), X, {"training": False}),
    (each(L("Dense", 4)), X, {"mask": T(7, dtype="bool")}),
    (each(L("LSTM", 4)), T(7, 6, 5), {"mask": T(7, 6, dtype="bool")}),
    (each(each(L("Dense", 4))), T(7, 6, 5), {"mask": T(7, 6, dtype="bool")}),
]


@pytest.mark.parametrize(("layer", "x", "call"), CALLS, ids=repr)
def test_calls(layer, x, call):
    check_accepted(layer, x, **call)


REJECTED = [
    (both(L("GRU", 4), backward_layer=L("LSTM", 4)), X),
    (both(L("GRU", 4, go_backwards=True)), X),
    (both(L("GRU", 4), backward_layer=L("GRU", 4, go_backwards=True, return_sequences=True)), X),
    (both(L("GRU", 4), backward_layer=L("GRU", 4, go_backwards=True, return_state=True)), X),
    (both(L("Dense", 4)), X),
    (both(each(L("Dense", 4))), X),
    (both(both(L("LSTM", 4))), X),
    (both("lstm"), X),
    (both(L("LSTM", 4), "avg"), X),
    (both(L("LSTM", 4)), T(5)),
    (both(L("LSTM", 4)), T(7, 5, 3)),
    (both(L("LSTM", 4, stateful=True)), X),
    (each(L("Dense", 4)), T(5)),
    (each(L("Dense", 4)), T(7, None)),
    (each(L("Dense", 4)), [X, X]),
    (each(L("Dense", 4)), [X, X, X]),
    (each(L("Conv2D", 4, 3)), T(7, 28, 28)),
    (each(L("LSTM", 4, return_state=True)), T(7, 6, 5)),
    (each("dense"), X),
    (each(), X),
]


@cases(REJECTED)
def test_rejections(case):
    check_rejected(*case)


# What Keras takes while it only looks at shapes, and fails at when it runs.
FAILING_LATER = [
    (both(L("GRU", 4), "sum", backward_layer=L("GRU", 3, go_backwards=True)), X, {}),
    (both(L("LSTM", 4)), X, {"initial_state": [T(4), T(4)]}),
    (both(L("LSTM", 4)), X, {"initial_state": [T(4)] * 3}),
    (each(L("Dense", 4)), X, {"mask": T(6, dtype="bool")}),
    (each(L("Dense", 4)), X, {"mask": T(dtype="bool")}),
    (each(L("LSTM", 4)), T(7, 6, 5), {"mask": T(7, dtype="bool")}),
    (each(each(L("Dense", 4))), T(7, 6, 5), {"mask": T(7, dtype="bool")}),
]


@pytest.mark.parametrize(("layer", "x", "call"), FAILING_LATER, ids=repr)
def test_what_fails_when_run(layer, x, call):
    assert_fault(layer, x, **call)
    assert fails_when_run(layer, x, **call)


# Where we are stricter than Keras.
STRICTER = [
    # Keras believes that both directions give 4 features, and what follows fails.
    both(L("GRU", 4), backward_layer=L("GRU", 3, go_backwards=True)),
    both(L("LSTM", 4), weights=[1]),  # weights come from files
]


@pytest.mark.parametrize("layer", STRICTER, ids=repr)
def test_what_keras_lets_pass(layer):
    assert_fault(layer, X)


# Keras names the dtype of the wrapper for what it computes in another one.
@pytest.mark.parametrize(
    ("layer", "x", "dtype"),
    [
        (each(L("Flatten")), T(7, 5, 2, dtype="int32"), "int32"),
        (both(L("LSTM", 4, dtype="mixed_float16", return_state=True)), X, "float16"),
    ],
    ids=repr,
)
def test_dtypes_that_keras_misnames(layer, x, dtype):
    with pytest.raises(AssertionError):
        check_layer(layer, x)
    made = layer.ours()
    assert trace_layer(made, {made.parameters[0]: x.ours()}).outputs[-1].dtype == dtype


def test_inner_layers_are_named_as_in_keras():
    layer = both(L("LSTM", 4, name="forward_x"), name="both").ours()
    trace = trace_layer(layer, {"sequences": X.ours()})
    assert [spec.path for spec, _ in trace.weights] == [
        "forward_x/lstm_cell/kernel",
        "forward_x/lstm_cell/recurrent_kernel",
        "forward_x/lstm_cell/bias",
        "backward_forward_x/lstm_cell/kernel",
        "backward_forward_x/lstm_cell/recurrent_kernel",
        "backward_forward_x/lstm_cell/bias",
    ]


def test_a_wrapped_layer_costs_as_much_at_each_step():
    dense = registry("layer")["Dense"](4)
    layer = registry("layer")["TimeDistributed"](dense)
    x = TensorType((BATCH, 7, 5), "float32")
    alone = trace_layer(dense, {"inputs": TensorType((BATCH, 5), "float32")})
    assert trace_layer(layer, {"inputs": x}).cost.macs == 7 * alone.cost.macs


VIDEO = """
model frame {
    input image: [12, 12, 1]
    output image -> Conv2D(4, 3) -> Dropout(0.5) -> GlobalMaxPooling2D()
}
model video {
    input clip: [5, 12, 12, 1]
    output clip -> TimeDistributed(frame()) -> RNN([LSTMCell(3), GRUCell(2)])
}
"""


def test_a_model_may_be_applied_at_each_step():
    ours = graphc.parse(VIDEO)
    image = keras.Input((12, 12, 1))
    x = keras.layers.Dropout(0.5)(keras.layers.Conv2D(4, 3)(image))
    frame = keras.Model(image, keras.layers.GlobalMaxPooling2D()(x))
    clip = keras.Input((5, 12, 12, 1))
    cells = [keras.layers.LSTMCell(3), keras.layers.GRUCell(2)]
    x = keras.layers.TimeDistributed(frame)(clip)
    theirs = keras.Model(clip, keras.layers.RNN(cells)(x))
    assert ours.count_params() == theirs.count_params()
    (output,) = ours.outputs.values()
    assert output.shape[1:] == theirs.output_shape[1:]
    assert ours.graph.number_of_nodes() == 3


MESSAGES = [
    (
        each(L("Conv2D", 4, 3)), T(7, 28, 28), {},
        (
            "gives each timestep to Conv2D, which needs a rank-4 input "
            "(batch, height, width, channels), got [B, 28, 28]"
        ),
    ),
    (
        each(L("LSTM", 4, return_state=True)), T(7, 6, 5), {},
        "needs a layer with one output, got LSTM with 3",
    ),
    (
        each(L("Dense", 4)), X, {"mask": T(6, dtype="bool")},
        "needs a mask that begins with [B, 7], got bool[B, 6]",
    ),
    (
        both(L("GRU", 4, go_backwards=True)), X, {},
        (
            "needs one layer that goes forwards and one that goes backwards, "
            "got go_backwards=True for both"
        ),
    ),
    (
        both(L("GRU", 4), backward_layer=L("GRU", 3, go_backwards=True)), X, {},
        (
            "needs a backward layer with results of the same shapes as the forward one, "
            "got [B, 4] forwards and [B, 3] backwards"
        ),
    ),
    (
        both(L("Dense", 4)), X, {},
        "needs `layer` to be a recurrent layer, such as LSTM(8), got Dense(units=4)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "x", "call", "message"), MESSAGES)
def test_messages(layer, x, call, message):
    assert assert_fault(layer, x, **call).message == message
