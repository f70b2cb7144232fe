"""Weights of a Keras model held against what was imported of it, whatever its paths have become."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.interop.keras_json import import_model
from graphc.model import parse
from tests.differential.harness import keras
from tests.interop.weights.keras_side import arrays_of, saved

L = keras.layers


def sequences() -> Any:
    x = keras.Input((5, 6))
    inner = keras.Sequential([L.Dense(6), L.BatchNormalization()])
    y = L.TimeDistributed(keras.Sequential([L.Dense(4), inner]))(x)
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(y)
    y = L.MultiHeadAttention(2, 3)(y, y)
    y = L.RNN(L.StackedRNNCells([L.GRUCell(3), L.LSTMCell(2)]))(y)
    return keras.Model(x, L.Dense(2)(y))


def images() -> Any:
    x = keras.Input((8, 8, 3))
    y = L.BatchNormalization()(L.SeparableConv2D(4, 3)(x))
    y = L.Flatten()(L.Dropout(0.5, seed=3)(y))
    return keras.Model(x, L.Dense(2, dtype="bfloat16")(L.Dense(3, dtype="float16")(y)))


@pytest.mark.parametrize("name", ["w.npz", "w.safetensors", "w.weights.h5", "w.keras"])
@pytest.mark.parametrize("state", ["numbered on", "loaded"])
@pytest.mark.parametrize("build", [sequences, images])
def test_files_fit(build: Callable[[], Any], state: str, name: str, tmp_path: Path) -> None:
    build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = build()
        if state == "loaded":
            theirs.save(tmp_path / "first.keras")
            theirs = keras.models.load_model(tmp_path / "first.keras")
    (tmp_path / "model.json").write_text(theirs.to_json())
    ours = parse(import_model(str(tmp_path / "model.json")))
    read = ours.load_weights(saved(theirs, tmp_path / name))
    for (key, array), expected in zip(read.items(), arrays_of(theirs), strict=True):
        np.testing.assert_array_equal(array, expected, err_msg=key)
