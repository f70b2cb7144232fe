"""Models for batches of one size: imported, emitted and written as JSON again, they are the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

from tests.differential.graphs.rows import facts, keras_facts
from tests.differential.harness import keras
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import compare, imported
from tests.interop.keras_json.test_application_programs import configuration

L, Input, Model, ops = keras.layers, keras.Input, keras.Model, keras.ops


def forecast() -> Any:
    x = Input(batch_shape=(4, 6, 3), name="x")
    y = L.LSTM(5, stateful=True, return_sequences=True)(x)
    return Model(x, L.Dense(1)(L.Bidirectional(L.GRU(2, stateful=True))(y)), name="forecast")


def characters() -> Any:
    layers = [L.Embedding(9, 4), L.GRU(5, stateful=True, return_sequences=True), L.Dense(9)]
    return keras.Sequential([Input((None,), batch_size=1, dtype="int32"), *layers], name="chars")


def cells() -> Any:
    x = Input(batch_shape=(2, 5, 3), name="x")
    return Model(x, L.RNN([L.LSTMCell(2), L.GRUCell(3)], stateful=True)(x), name="cells")


def images() -> Any:
    x = Input(batch_shape=(2, 4, 6, 6, 1), name="x")
    return Model(x, L.ConvLSTM2D(2, 3, stateful=True)(x), name="images")


def counted() -> Any:
    x = Input((4,), batch_size=6, name="x")
    s = Input((), batch_size=6, name="s")
    y = ops.reshape(x, (3, 8)) + ops.ones((3, 8))
    return Model([x, s], [ops.transpose(y), L.Dense(2)(x), s, x[1]], name="counted")


def nested() -> Any:
    a = Input((4,), batch_size=6, name="a")
    inner = Model(a, L.Dense(3)(a), name="inner")
    x = Input((4,), batch_size=6, name="x")
    return Model(x, inner(inner(x)[:, :1] * x), name="nested")


def fresh(make: Callable[[], Any]) -> Any:
    """A model made with Keras' counts of names at nothing."""
    keras.utils.clear_session(free_memory=False)
    return make()


MODELS = [forecast, characters, cells, images, counted, nested]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("flat", [False, True])
def test_round_trip(make: Callable[[], Any], flat: bool) -> None:
    model = fresh(make)
    text, ours = imported(model)
    compare(text, facts(ours), keras_facts(model))
    assert text.count("[B=") == text.count("input ")
    _, program = emitted(text, flat=flat)
    built = fresh(lambda: run(program))
    loaded = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert configuration(built) == configuration(model)
    assert configuration(loaded) == configuration(model)


@pytest.mark.parametrize("make", [forecast, counted], ids=lambda make: make.__name__)
def test_values(make: Callable[[], Any]) -> None:
    model = make()
    _, ours = imported(model)
    random = np.random.default_rng(0)
    arrays = {each.name: random.normal(size=each.shape).astype("float32") for each in model.inputs}
    weights = {each.path: np.asarray(each.value) for each in model.weights}
    computed = ours.compile(weights)(**arrays)
    listed = computed.values() if isinstance(computed, dict) else [computed]
    given = [jax.numpy.asarray(array) for array in arrays.values()]
    expected = model(given if len(given) > 1 else given[0])
    for one, other in zip(listed, keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_costs_are_those_of_an_example() -> None:
    model = keras.Sequential([Input((8,), batch_size=32, name="x"), L.Dense(4)], name="net")
    _, ours = imported(model)
    assert ours.summary().macs == 32
    model = keras.Sequential([Input((8,), name="x"), L.Dense(4)], name="net")
    assert ours.summary().flops == imported(model)[1].summary().flops
