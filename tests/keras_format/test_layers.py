"""The configuration of each layer, with each sample of each of its arguments, against Keras'."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from graphc.ir.graph import ModelGraph
from graphc.keras_format.model import _Writer
from graphc.keras_format.values import definition
from graphc.layers.owners import Around
from graphc.source import SourceFile, Span
from tests.differential.definitions import D
from tests.differential.harness import L, keras
from tests.differential.test_argument_samples import LAYERS, samples
from tests.keras_format.keras_side import plain

NOWHERE = Around(ModelGraph("net", "model", Span(SourceFile("net", ""), 0, 0)))


def ours(layer: L) -> Any:
    entry = _Writer().layer(layer.ours(), "name", NOWHERE)
    return keras.saving.deserialize_keras_object(json.loads(json.dumps(entry)))


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for layer, argument in samples(name, "valid"):
            if layer.config.get("activity_regularizer", "") is None:
                continue  # Keras lists it where it is given as None, and only there
            try:
                theirs = L(name, **{**layer.config, "name": "name"}).theirs()
            except (ValueError, TypeError, OverflowError):
                continue  # what Keras rejects here is a matter of test_argument_samples
            one, other = plain(ours(layer).get_config()), plain(theirs.get_config())
            if layer.config.get("seed") is None:
                # Some layers draw one.
                assert ("seed" in one) == ("seed" in other)
                one.pop("seed", None)
                other.pop("seed", None)
            assert one == other, argument


DEFINITIONS = [
    D("initializer", "HeNormal", seed=3),
    D("initializer", "VarianceScaling", scale=2.0, mode="fan_avg", distribution="uniform"),
    D("initializer", "Orthogonal", gain=2.0),
    D("initializer", "STFT"),
    D("regularizer", "L1L2", l1=0.1),
    D("regularizer", "OrthogonalRegularizer", mode="columns"),
    D("constraint", "MinMaxNorm", min_value=0.5, axis=[0, 1]),
    D("loss", "SparseCategoricalCrossentropy", from_logits=True),
    D("loss", "Huber", delta=2.0),
    D("metric", "TopKCategoricalAccuracy", k=3),
    D("metric", "MeanAbsoluteError"),
    D("optimizer", "SGD", learning_rate=0.1, momentum=0.9, nesterov=True),
    D("optimizer", "AdamW"),
    D("optimizer", "Muon"),
    D("schedule", "PiecewiseConstantDecay", [10, 20], [0.1, 0.01, 0.001]),
]


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras of its own learning rate
@pytest.mark.parametrize("case", DEFINITIONS, ids=repr)
def test_definition(case: D) -> None:
    entry = json.loads(json.dumps(definition(case.ours())))
    made = keras.saving.deserialize_keras_object(entry)
    assert type(made) is case.their_class()
    one, other = plain(made.get_config()), plain(case.theirs().get_config())
    assert {**one, "name": ""} == {**other, "name": ""}  # Keras counts its own
