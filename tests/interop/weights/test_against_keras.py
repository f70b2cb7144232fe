"""Files that Keras wrote, read; and files that we wrote, read by Keras."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphc.interop.weights.faults import WeightsError
from graphc.model import parse
from tests.differential.building_blocks import CASES as BUILDING_BLOCKS
from tests.differential.building_blocks.case import Case
from tests.differential.harness import keras
from tests.interop.weights.cases import CASES, LOW_RANK
from tests.interop.weights.keras_side import arrays_of, built, has_own_paths, loaded, saved
from tests.samples import keras_models
from tests.samples.rows import load

FORMATS = ("w.npz", "w.safetensors", "w.weights.h5", "w.keras")
# See test_names_that_keras_numbers_across_models_are_not_guessed_at.
UNCERTAIN = {("nested", "w.safetensors")}
ALL = [*CASES, *[case for case in BUILDING_BLOCKS if not case.apart]]
each_case = pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)


def assert_equal(ours: dict[str, np.ndarray], theirs: list[np.ndarray]) -> None:
    assert len(ours) == len(theirs)
    for (key, array), expected in zip(ours.items(), theirs, strict=True):
        assert array.dtype == expected.dtype, key
        np.testing.assert_array_equal(array, expected, err_msg=key)


@each_case
def test_keras_files_are_read(case: Case, tmp_path: Path) -> None:
    theirs = built(case)
    ours = parse(case.net)
    for name in FORMATS if has_own_paths(theirs) else FORMATS[2:]:
        if (case.name, name) in UNCERTAIN:
            continue
        assert_equal(ours.load_weights(saved(theirs, tmp_path / name)), arrays_of(theirs))


@each_case
def test_our_files_are_read(case: Case, tmp_path: Path) -> None:
    theirs = built(case)
    expected = arrays_of(theirs)
    ours = parse(case.net)
    arrays = dict(zip(ours.init_weights(), expected, strict=True))
    ours.save_weights(tmp_path / "w.weights.h5", arrays)
    assert_equal(arrays, arrays_of(loaded(theirs, tmp_path / "w.weights.h5")))
    for name in FORMATS[:3]:
        ours.save_weights(tmp_path / name, arrays)
        assert_equal(ours.load_weights(tmp_path / name), expected)


@pytest.mark.parametrize("case", LOW_RANK, ids=lambda case: case.name)
def test_low_rank_adapters_are_merged(case: Case, tmp_path: Path) -> None:
    theirs = built(case)
    ours = parse(case.net)
    arrays = dict(zip(ours.init_weights(), arrays_of(theirs), strict=True))
    ours.save_weights(tmp_path / "ours.weights.h5", arrays)
    by_keras = ours.load_weights(saved(theirs, tmp_path / "theirs.weights.h5"))
    assert ours.load_weights(tmp_path / "ours.weights.h5").keys() == by_keras.keys()
    for key, array in ours.load_weights(tmp_path / "ours.weights.h5").items():
        np.testing.assert_allclose(array, by_keras[key], rtol=1e-5, atol=1e-5, err_msg=key)
        assert ("lora" not in key) or not array.any()
    for name in FORMATS[:2]:
        assert_equal(ours.load_weights(saved(theirs, tmp_path / name)), arrays_of(theirs))


SMALL = ["autoencoder_models", "linear_regression_fit", "mnist", "sequential", "siamese"]
LARGE = ["densenet121", "efficientnet_b0", "lstm_classifier", "mobilenet_v2", "resnet50", "unet"]


@pytest.mark.parametrize(
    "name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)]
)
def test_samples(name: str, tmp_path: Path) -> None:
    case = Case(name, "", getattr(keras_models, name))
    theirs, ours = built(case), load(name)
    expected = arrays_of(theirs)
    for file in FORMATS:
        assert_equal(ours.load_weights(saved(theirs, tmp_path / file)), expected)
    arrays = dict(zip(ours.init_weights(), expected, strict=True))
    ours.save_weights(tmp_path / "ours.weights.h5", arrays)
    assert_equal(arrays, arrays_of(loaded(theirs, tmp_path / "ours.weights.h5")))


def test_the_state_of_an_optimizer_is_no_weight(tmp_path: Path) -> None:
    theirs = built(CASES[0])
    theirs.compile("adam", "mse", metrics=["mae"])
    theirs.optimizer.build(theirs.trainable_variables)
    path = saved(theirs, tmp_path / "w.keras")
    assert_equal(parse(CASES[0].net).load_weights(path), arrays_of(theirs))


def judged():
    x, t = keras.Input((4,), name="x"), keras.Input((3, 4), name="t")
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)], name="judge")
    made = [inner(keras.layers.Dense(4)(x)), keras.layers.TimeDistributed(inner)(t)]
    return keras.Model([x, t], made, name="both")


def test_states_of_models_inside_are_no_weights(tmp_path: Path) -> None:
    theirs = built(Case("judged", "", judged))
    inner = theirs.get_layer("judge")
    inner.compile("adam", "mse", metrics=["mae"])
    inner.optimizer.build(inner.trainable_variables)
    ours = parse(
        """
        sequential judge {
            input [4]
            Dense(1)
        }
        model both {
            input x: [4]
            input t: [3, 4]
            output x -> Dense(4) as dense_1 -> judge, t -> TimeDistributed(judge)
        }
        """
    )
    for name in FORMATS[2:]:
        found = ours.load_weights(saved(theirs, tmp_path / name))
        assert_equal(found, arrays_of(theirs))


@pytest.mark.parametrize("case", [*CASES[:2], CASES[4], CASES[5], *LOW_RANK], ids=lambda c: c.name)
def test_paths_are_those_of_keras(case: Case) -> None:
    theirs = built(case)
    assert list(parse(case.net).init_weights()) == [variable.path for variable in theirs.weights]


def test_names_that_keras_numbers_across_models_are_not_guessed_at(tmp_path: Path) -> None:
    """Sorted by their names, one nested model's weights look like another's."""
    (nested,) = (case for case in CASES if case.name == "nested")
    path = saved(built(nested), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="dense/kernel` needs"):
        parse(nested.net).load_weights(path)
