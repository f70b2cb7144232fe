"""What models compute that Keras builds of our configurations and loads from our archives."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from graphc.model import load, parse
from tests.differential.building_blocks import CASES as BUILDING_BLOCKS
from tests.differential.building_blocks.case import Case
from tests.differential.harness import keras
from tests.emit.values import assert_near
from tests.interop.weights.cases import CASES, LOW_RANK
from tests.interop.weights.keras_side import arrays_of, built
from tests.keras_format import keras_side  # noqa: F401 - registers what programs register
from tests.samples.rows import SAMPLES

random = np.random.default_rng(5)
ALL = [*CASES, *BUILDING_BLOCKS]
QUICK = {"nested", "given_to_models"}


def inputs_of(model: Any) -> list[np.ndarray]:
    """Arrays for a model's inputs: small whole numbers where they count something."""
    made = []
    for tensor in model.inputs:
        shape = [2, *(size or 32 for size in tensor.shape[1:])]
        is_whole = "int" in tensor.dtype
        values = random.integers(0, 4, size=shape) if is_whole else random.normal(size=shape)
        made.append(values.astype(tensor.dtype))
    return made


def outputs_of(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    with warnings.catch_warnings(), jax.disable_jit():
        warnings.simplefilter("ignore")
        given = inputs if len(inputs) > 1 else inputs[0]
        made = model(given, training=False)
    return [np.asarray(each, "float64") for each in keras.tree.flatten(made)]


def slow_unless(case: Case) -> Any:
    marks = () if case.name in QUICK else pytest.mark.slow
    return pytest.param(case, marks=marks, id=case.name)


@pytest.mark.parametrize("case", [slow_unless(case) for case in ALL if not case.apart])
def test_an_archive_computes_what_the_model_does(case: Case, tmp_path: Path) -> None:
    theirs = built(case)
    ours = parse(case.net)
    arrays = dict(zip(ours.init_weights(), arrays_of(theirs), strict=True))
    ours.save_weights(tmp_path / "w.keras", arrays)
    loaded = keras.models.load_model(tmp_path / "w.keras")
    for layer in theirs._flatten_layers():
        if hasattr(layer, "finalize_state"):  # which takes over a mean and variance that are loaded
            layer.finalize_state()
    inputs = inputs_of(theirs)
    for one, other in zip(outputs_of(loaded, inputs), outputs_of(theirs, inputs), strict=True):
        assert_near(one, other, 1e-5, case.name)
    for key, array in ours.load_weights(tmp_path / "w.keras").items():
        np.testing.assert_array_equal(array, arrays[key])


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras of its own learning rate
def test_train_blocks_compile(tmp_path: Path) -> None:
    ours = load(SAMPLES / "mnist.net")
    made = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert made.compiled
    assert ours.train is not None
    assert type(made.optimizer).__name__ == type(ours.train.optimizer).__name__
    x, y = random.normal(size=(4, 784)), random.integers(0, 10, size=4)
    made.train_on_batch(x, y)
    assert made.get_compile_config()["loss"]["config"]["from_logits"]


def test_low_rank_adapters_of_archives(tmp_path: Path) -> None:
    (case,) = LOW_RANK
    ours = parse(case.net)
    ours.save_weights(tmp_path / "w.keras", ours.init_weights())
    assert keras.models.load_model(tmp_path / "w.keras").count_params() == ours.count_params()


def test_weights_of_weight_statements(tmp_path: Path) -> None:
    ours = load(SAMPLES / "linear_regression.net")
    ours.save_weights(tmp_path / "w.keras", ours.init_weights())
    loaded = keras.models.load_model(tmp_path / "w.keras", compile=False)
    np.testing.assert_allclose(loaded(np.array([1.0, 2.0])), [5.0, 10.0])
