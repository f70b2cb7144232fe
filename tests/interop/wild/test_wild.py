"""Keras models of the kinds that other projects have: in, checked, out again, and run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.differential.harness import keras
from tests.interop.keras_json.compare import imported
from tests.interop.wild.attending import ATTENDING
from tests.interop.wild.calling import CALLING
from tests.interop.wild.functions import FUNCTIONS
from tests.interop.wild.harness import check_run, check_wild
from tests.interop.wild.nesting import NESTING
from tests.interop.wild.preparing import PREPARING
from tests.interop.wild.recurrent import RECURRENT
from tests.interop.wild.settings import SETTINGS
from tests.interop.wild.structures import STRUCTURES
from tests.interop.zoo.entry import Entry
from tests.interop.zoo.harness import check_json, check_program, give_values, plain_session, run

layers, ops = keras.layers, keras.ops
SUBJECTS = (FUNCTIONS, NESTING, RECURRENT, STRUCTURES, ATTENDING, PREPARING, SETTINGS, CALLING)
CASES = [
    pytest.param(entry, id=f"{subject.name}-{entry.name}", marks=marks)
    for subject in SUBJECTS
    for entry in subject.entries
    for marks in [[] if entry.is_fast else [pytest.mark.slow]]
]


@pytest.mark.parametrize("entry", CASES)
# Of Keras and JAX with each other, of masks that layers drop, and of dtypes that JAX cuts.
@pytest.mark.filterwarnings("ignore")
def test_there_and_back(entry: Entry, tmp_path: Path) -> None:
    check_wild(entry, tmp_path)


def constants_in_calls_of_layers():
    x = keras.Input((3,))
    y = layers.Dense(2)(x)
    row = np.array([[0.5, 0.25]], "float32")
    q = keras.Input((3, 4))
    mask = np.tril(np.ones((3, 3), "bool"))[None]
    attended = layers.MultiHeadAttention(2, 2)(q, q, attention_mask=mask)
    made = [layers.Concatenate(axis=0)([y, row]), layers.Multiply()([y, row, y]), attended]
    return keras.Model([x, q], made)


def masks_for_outputs():
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(5, 4, mask_zero=True)(x)
    z = layers.LSTM(3, return_sequences=True)(y)
    return keras.Model(x, [z, y._keras_mask, ops.cast(y._keras_mask, "float32")])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_masks_that_are_outputs(tmp_path: Path) -> None:
    # Keras has a node for what masks the layer, which is this one or another one.
    with plain_session():
        source, net = tmp_path / "model.json", tmp_path / "folded.net"
        source.write_text(masks_for_outputs().to_json())
    run("import", str(source), "-o", str(net))
    check_run(Entry(masks_for_outputs), net)


@pytest.mark.filterwarnings("ignore")
def test_arrays_beside_the_tensors_of_a_layer(tmp_path: Path) -> None:
    net = check_but_for_rows(constants_in_calls_of_layers, tmp_path)
    assert net.read_text().count("array(") == 3


def check_but_for_rows(build: Callable[[], Any], tmp_path: Path) -> Path:
    """All but the rows: of an array of one row, Keras says that the batch is one."""
    with plain_session():
        model = build()
        give_values(model)
    source, net = tmp_path / "model.json", tmp_path / "folded.net"
    source.write_text(model.to_json())
    run("import", str(source), "-o", str(net))
    check_program(model, net)
    check_json(model, net)
    check_run(Entry(build), net)
    return net


class Trainer(keras.Model):
    """A functional model that is trained in its own way."""

    def train_step(self, data):
        return super().train_step(data)


def test_a_functional_model_of_another_class() -> None:
    texts = []
    for cls in (keras.Model, Trainer):
        with plain_session():
            x = keras.Input((4,))
            texts.append(imported(cls(inputs=x, outputs=layers.Dense(2)(x), name="net"))[0])
    assert texts[0] == texts[1]
