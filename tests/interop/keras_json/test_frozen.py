"""Which layers are trained: Keras' flags, one by one, through texts and programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import keras
import pytest
from keras import layers

from graphc.analysis.parameters import model_parameters
from tests.differential.graphs.keras_side import session
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import imported


def dense() -> Any:
    x = keras.Input((4,))
    y = layers.Dense(3, name="b")(
        layers.BatchNormalization(name="bn")(layers.Dense(3, name="a")(x))
    )
    return keras.Model(x, layers.ReLU(name="r")(y), name="base")


def chain() -> Any:
    parts = [keras.Input((4,)), layers.Dense(4, name="u"), layers.Dense(4, name="v")]
    return keras.Sequential(parts, name="chain")


def nested() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2, name="last")(dense()(chain()(x))), name="nested")


def wrapped() -> Any:
    x = keras.Input((5, 4))
    y = layers.TimeDistributed(layers.Dense(4, name="i"), name="td")(x)
    y = layers.Bidirectional(layers.LSTM(3), name="bi")(
        layers.MultiHeadAttention(2, 4, name="heads")(y, y)
    )
    return keras.Model(x, layers.Dense(2, name="last")(y), name="wrapped")


def all_layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        yield from all_layers(layer) if hasattr(layer, "layers") else ()


def drawn(random: Random) -> Any:
    """A model, nested or not, of which parts were frozen, and parts of those made trainable again."""
    with session():
        inner = random.choice([dense, chain, nested, wrapped])()
        inner.trainable = random.random() < 0.3
        inside = list(all_layers(inner))
        for layer in random.sample(inside, min(len(inside), random.randint(0, 3))):
            layer.trainable = random.random() < 0.6
        if random.random() < 0.3:
            return inner
        x = keras.Input(inner.inputs[0].shape[1:])
        model = keras.Model(x, layers.Dense(2, name="top")(inner(x)), name="main")
        if random.random() < 0.2:
            model.trainable = False
            if random.random() < 0.5:
                random.choice(list(all_layers(model))).trainable = True
        return model


def flags(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Each flag of a configuration, by the names that lead to it."""
    if "trainable" in config:
        yield prefix, config["trainable"]
    for entry in config.get("layers", ()):
        yield from flags(entry["config"], f"{prefix}/{entry['config']['name']}")
    for name in ("layer", "cell"):
        if config.get(name):
            yield from flags(config[name]["config"], f"{prefix}.{name}")


def flags_of(text: str) -> dict[str, bool]:
    return dict(flags(json.loads(text)["config"]))


def check_flags(model: Any) -> str:
    """The flags come back, with the numbers that are trained; the text."""
    wanted = flags_of(model.to_json())
    trained = sum(weight.value.size for weight in model.trainable_weights)
    text, ours = imported(model)
    assert model_parameters(ours.model_graph).trainable == trained, text
    assert flags_of(json.dumps(ours.keras_json())) == wanted, text
    for flat in (False, True):
        _, program = emitted(text, flat=flat)
        with session():
            built = run(program)
        assert flags_of(built.to_json()) == wanted, program
        assert sum(weight.value.size for weight in built.trainable_weights) == trained, program
    return text


def test_flags_come_back() -> None:
    texts = [check_flags(drawn(Random(seed))) for seed in range(10)]
    assert any("trainable=True" in text for text in texts)
    assert any("trainable=False" in text for text in texts)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10, 210, 40))
def test_many_flags_come_back(first: int) -> None:
    for seed in range(first, first + 40):
        check_flags(drawn(Random(seed)))


@pytest.mark.parametrize("trained", [{3}, {0, 1, 4}, {5}, set(range(6))])
def test_repeated_layers_of_which_some_are_trained(trained: set[int]) -> None:
    """A loop would train all or none of them: in a frozen model, a default is not what they say."""
    with session():
        x = y = keras.Input((4,))
        repeated = [layers.Dense(4, activation="relu") for _ in range(6)]
        for layer in repeated:
            y = layers.LayerNormalization()(layers.Add()([y, layer(y)]))
        model = keras.Model(x, y, name="repeated")
        model.trainable = False
        for place in trained:
            repeated[place].trainable = True
    text = check_flags(model)
    assert len(text.splitlines()) < 20, text


FROZEN = """
model net {{
    input x: [6, 8]
    input y: [4, 6, 8]
    output {source} -> {layer}
}}
"""


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(
    ("source", "layer"),
    [
        ("(x, x)", "MultiHeadAttention(2, 4, trainable=False)"),
        ("(x, x)", "GroupQueryAttention(4, 4, 2, trainable=False)"),
        ("x", "LSTM(4, trainable=False)"),
        ("x", "RNN(GRUCell(3), trainable=False)"),
        ("x", "RNN([GRUCell(3), LSTMCell(3)], trainable=False)"),
        ("x", "Bidirectional(LSTM(3), trainable=False)"),
        ("x", "TimeDistributed(Dense(3), trainable=False)"),
        ("x", "TimeDistributed(Dense(3, trainable=False), trainable=False)"),
        ("y", "TimeDistributed(Bidirectional(GRU(3), trainable=False))"),
        ("y", "ConvLSTM1D(3, 2, trainable=False)"),
        ("x", "SpectralNormalization(Conv1D(3, 2), trainable=False)"),
        ("x", "SeparableConv1D(3, 2, trainable=False)"),
    ],
)
def test_what_is_in_a_frozen_layer_is_not_trained(source: str, layer: str, flat: bool) -> None:
    """Keras trains it where the class does not hand `trainable` on: it is set behind the model."""
    ours, program = emitted(FROZEN.format(source=source, layer=layer), flat=flat)
    with session():
        built = run(program)
    assert built.weights
    assert not built.trainable_weights
    assert not model_parameters(ours.model_graph).trainable
    is_needed = "LSTM(4" not in layer and "Separable" not in layer and "Dense(3, t" not in layer
    assert (".trainable = False" in program) == is_needed
