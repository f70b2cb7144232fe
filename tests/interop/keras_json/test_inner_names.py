"""Layers inside others keep their names: from Keras, through the text, to programs and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.differential.harness import keras
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import imported
from tests.interop.keras_json.test_application_programs import configuration
from tests.interop.keras_json.test_fixed_batches import fresh

L = keras.layers

LAYERS: dict[str, Callable[[], Any]] = {
    "LSTM(3) as there": lambda: L.Bidirectional(L.LSTM(3, name="there")),
    "LSTM(3) as forward_q": lambda: L.Bidirectional(L.LSTM(3, name="forward_q")),
    "LSTM(3) as backward_q": lambda: L.Bidirectional(L.LSTM(3, name="backward_q")),
    "GRU(3, go_backwards=True) as back": lambda: L.Bidirectional(
        L.LSTM(3, name="forth"), backward_layer=L.GRU(3, go_backwards=True, name="back")
    ),
    "backward_layer=GRU(3, go_backwards=True)": lambda: L.Bidirectional(
        L.GRU(3), backward_layer=L.GRU(3, go_backwards=True)
    ),
    "GRU(3) as both": lambda: L.Bidirectional(
        L.GRU(3, name="both"), backward_layer=L.GRU(3, go_backwards=True, name="backward_both")
    ),
    "Dense(2) as each": lambda: L.TimeDistributed(L.Dense(2, name="each")),
    "RNN([LSTMCell(2) as a, GRUCell(2) as b]) as stack": lambda: L.Bidirectional(
        L.RNN([L.LSTMCell(2, name="a"), L.GRUCell(2, name="b")], name="stack")
    ),
}


@pytest.mark.parametrize("written", LAYERS)
def test_round_trip(written: str) -> None:
    def make() -> Any:
        x = keras.Input((5, 4), name="x")
        return keras.Model(x, LAYERS[written]()(x), name="net")

    model = fresh(make)
    text, ours = imported(model)
    assert written in " ".join(text.split())
    built = fresh(lambda: run(emitted(text)[1]))
    loaded = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert configuration(built) == configuration(loaded) == configuration(model)


def test_names_in_text() -> None:
    text = """\
block both() {
    input x
    output x -> Bidirectional(LSTM(3, return_sequences=True) as there)
}
model net {
    input x: [5, 4]
    y = x -> both() -> TimeDistributed(Dense(4, name="each"))
    for i in range(2) {
        y = y -> TimeDistributed(Dense(4) as f"each{i}")
    }
    output y
}
"""
    ours, program = emitted(text)
    _, flat = emitted(text, flat=True)
    built = [fresh(lambda source=source: run(source)) for source in (program, flat)]
    loaded = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert configuration(built[0]) == configuration(built[1]) == configuration(loaded)
    paths = [weight.path for weight in built[0].weights]
    assert list(ours.init_weights()) == paths
    assert "both.bidirectional/forward_both.there/lstm_cell/kernel" in paths
    assert "time_distributed_2/each1/bias" in paths
