"""What recurrent and attention layers drop in training, value by value beside Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from tests.differential.forced import force, forced_keras
from tests.differential.harness import L, keras

random = np.random.default_rng(41)


def check_dropped(
    layer: L, monkeypatch: pytest.MonkeyPatch, *inputs: Any, places: Any = (), **call: Any
) -> None:
    """Hold the outputs in training to Keras', where both draw the same."""
    ours, theirs = layer.ours(), layer.theirs()
    given = (list(inputs),) if ours.takes_list else inputs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs(*given, training=False)
        weights = [random.normal(size=w.shape, scale=0.5).astype("float32") for w in theirs.weights]
        for variable, value in zip(theirs.weights, weights, strict=True):
            variable.assign(value)
        plain = keras.tree.flatten(theirs(*given, training=False))
        with forced_keras(monkeypatch, places):
            expected = keras.tree.flatten(theirs(*given, training=True, **call))
    types = keras.tree.map_structure(lambda x: TensorType(x.shape, x.dtype.name), given)
    arguments = dict(zip(ours.parameters, types, strict=False))
    trace = trace_layer(ours, {**arguments, **call}, training=True)
    program = Compiled([*trace.inputs, *(tensor for _, tensor in trace.weights)], trace.outputs)
    force(program)
    got = program(*inputs, *weights)
    for mine, right in zip(got, expected, strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-4, atol=1e-5)
    is_dropped = not np.allclose(expected[0], plain[0], atol=1e-3)
    assert is_dropped == ("dropout=1.0" not in repr(layer) or "Simple" in repr(layer))


X = random.normal(size=(3, 4, 5)).astype("float32")
BOTH = {"dropout": 0.4, "recurrent_dropout": 0.3, "seed": 0}


@pytest.mark.parametrize(
    ("layer", "places"),
    [
        (L("SimpleRNN", 4, **BOTH), ()),
        (L("LSTM", 4, **BOTH), ()),
    ],
    ids=repr,
)
def test_recurrent(layer: L, places: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check_dropped(layer, monkeypatch, X, places=places)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "places"),
    [
        (L("SimpleRNN", 4, dropout=1.0, seed=0), ()),
        (L("LSTM", 4, dropout=0.4, seed=0, return_sequences=True), ()),
        (L("LSTM", 4, recurrent_dropout=0.5, seed=0, return_state=True), (4, 5, 6, 7)),
        (L("LSTM", 4, dropout=1.0, seed=0), ()),
        (L("GRU", 4, **BOTH), ()),
        (L("GRU", 4, **BOTH, reset_after=False, go_backwards=True), ()),
        (L("GRU", 4, dropout=0.4, seed=0, use_bias=False), ()),
        (L("RNN", L("LSTMCell", 4, **BOTH)), ()),
        (L("RNN", L("LSTMCell", 4, dropout=0.4, seed=0, implementation=1)), ()),
    ],
    ids=repr,
)
def test_more_recurrent(layer: L, places: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check_dropped(layer, monkeypatch, X, places=places)


@pytest.mark.slow
def test_cells_on_top_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [L("GRUCell", 6, **BOTH), L("GRUCell", 4, **BOTH, reset_after=False)]
    check_dropped(L("RNN", cells), monkeypatch, X, places=(0, 1, 2, 3, 4, 5) * 2)


@pytest.mark.slow
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_convolutional(data_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = L("ConvLSTM1D", 3, 2, **BOTH, data_format=data_format)
    check_dropped(layer, monkeypatch, random.normal(size=(2, 3, 5, 4)).astype("float32"))


QUERY, VALUE = (random.normal(size=(2, n, 6)).astype("float32") for n in (3, 5))


@pytest.mark.parametrize(
    "layer",
    [
        L("Attention", dropout=0.4, seed=0),
        L("AdditiveAttention", dropout=0.4, seed=0),
        L("MultiHeadAttention", 2, 3, dropout=0.4, seed=0),
        L("GroupQueryAttention", 3, 4, 2, dropout=0.4, seed=0),
    ],
    ids=repr,
)
@pytest.mark.parametrize("with_scores", [pytest.param(False, marks=pytest.mark.slow), True])
def test_attention(layer: L, with_scores: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    check_dropped(
        layer, monkeypatch, QUERY, VALUE, places=(0,), return_attention_scores=with_scores
    )
