"""The samples as Keras' JSON and back: the same networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import graphc
from graphc.interop.keras_json import import_model

SAMPLES = Path(__file__).parents[3] / "samples"
NAMES = [
    "mnist", "sequential", "stepwise_cnn", "autoencoder", "autoencoder_models", "siamese",
    "two_inputs", "lstm_classifier", "seq2seq_attention", "resnet50", "mobilenet_v2",
    "linear_regression", "linear_regression_fit", "digits_mlp", "digits_lenet",
    "digits_autoencoder",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_there_and_back(name, tmp_path):
    sample = graphc.load(SAMPLES / f"{name}.net")
    path = tmp_path / "model.json"
    path.write_text(json.dumps(sample.keras_json()))
    back = graphc.parse(import_model(str(path)))
    found = back.diff(sample)
    assert found.findings == ()
    assert back.count_params() == sample.count_params()
