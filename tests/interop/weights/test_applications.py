"""Samples of published architectures beside keras.applications: one file of weights, one result."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from tests.cli.test_commands import run
from tests.differential.building_blocks.case import Case
from tests.differential.harness import keras
from tests.interop.weights.keras_side import built, loaded, saved
from tests.samples import keras_models
from tests.samples.rows import SAMPLES, load

SMALLEST = "mobilenet_v2"
OTHERS = ["densenet121", "efficientnet_b0", "resnet50"]
SIZES = {SMALLEST: 96}  # 224 for the others; no weight depends on it


def trained(name: str, x: np.ndarray) -> Any:
    """A published model with random weights, and statistics near those of its tensors for images.

    With others, no image makes a difference in the end.
    """
    random = np.random.default_rng(5)
    model = built(Case(name, "", lambda: getattr(keras_models, name)(input_shape=x.shape[1:])))
    for variable in model.weights:
        last, shape = variable.path.rpartition("/")[2], variable.shape
        if "kernel" in last:
            fan_in = np.prod(shape[:2] if "depthwise" in variable.path else shape[:-1])
            values = random.normal(size=shape) * np.sqrt(2 / fan_in)
        elif last in ("gamma", "moving_variance", "variance"):
            values = random.uniform(0.3, 0.6, shape)
        else:  # betas above 0, with which activations are nearly linear, and rounding does not grow
            values = random.normal(0.5 * (last == "beta"), 0.2, shape)
        set_values(variable, values)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with copies, as it does of what it has loaded
    normalizations = [each for each in model.layers if hasattr(each, "moving_variance")]
    momentum = normalizations[0].momentum
    for layer in normalizations:
        layer.momentum = 0.0
    model(x, training=True)
    for layer in normalizations:
        layer.momentum = momentum
        mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
        shift = random.normal(size=mean.shape, scale=0.1) * np.sqrt(variance)
        set_values(layer.moving_mean, mean + shift)
        set_values(layer.moving_variance, variance * random.uniform(0.8, 1.25, mean.shape))
    return model


def set_values(variable: Any, values: np.ndarray) -> None:
    variable._value = jax.numpy.asarray(values, variable.dtype)


def images(name: str) -> np.ndarray:
    """Two images that are not alike."""
    size = SIZES.get(name, 224)
    coarse = np.random.default_rng(6).uniform(-1, 1, size=(2, size // 32, size // 32, 3))
    x = coarse.repeat(32, axis=1).repeat(32, axis=2).astype("float32")
    return 255 * abs(x) if name == "efficientnet_b0" else x  # it scales its images itself


def sample_of(name: str) -> Any:
    size = SIZES.get(name, 224)
    return load(name, inputs={"image": f"[{size}, {size}, 3]"})


def outputs(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(x, verbose=0))


def scores(likelihoods: np.ndarray) -> np.ndarray:
    """What softmax was taken of: among likelihoods, one may hide what the others are."""
    logs = np.log(likelihoods.astype("float64"))
    return logs - logs.mean(axis=-1, keepdims=True)


def assert_close(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * theirs.max())
    largest = abs(scores(theirs)).max()
    assert abs(scores(theirs[0]) - scores(theirs[1])).max() > largest / 50, "the images are alike"
    np.testing.assert_allclose(scores(ours), scores(theirs), rtol=0, atol=1e-5 * largest)


@pytest.mark.parametrize(
    "name", [SMALLEST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_weights_of_keras_in_the_sample(name: str, tmp_path: Path) -> None:
    x = images(name)
    theirs, sample = trained(name, x), sample_of(name)
    expected = outputs(theirs, x)
    for ending in (".weights.h5", ".keras"):
        weights = saved(theirs, tmp_path / f"theirs{ending}")
        listed = run("weights", str(weights), "--model", str(SAMPLES / f"{name}.net"))
        assert (listed.exit_code, listed.stderr) == (0, ""), ending
        arrays = sample.load_weights(weights)
        for array, variable in zip(arrays.values(), theirs.weights, strict=True):
            np.testing.assert_array_equal(array, variable)
    assert_close(sample.compile(arrays)(x), expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", [SMALLEST, *OTHERS])
def test_weights_of_the_sample_in_keras(name: str, tmp_path: Path) -> None:
    x = images(name)
    theirs, sample = trained(name, x), sample_of(name)
    expected = outputs(theirs, x)
    arrays = sample.load_weights(saved(theirs, tmp_path / "theirs.keras"))
    sample.save_weights(tmp_path / "ours.weights.h5", arrays)
    assert_close(outputs(loaded(theirs, tmp_path / "ours.weights.h5"), x), expected)
    sample.save_weights(tmp_path / "ours.keras", arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no state of an optimizer
        again = keras.models.load_model(tmp_path / "ours.keras")
    assert_close(outputs(again, x), expected)


@pytest.mark.slow
def test_what_of_another_variant_does_not_fit(tmp_path: Path) -> None:
    """The narrower MobileNet: each weight that is of another shape, and no other."""
    case = Case("narrow", "", lambda: keras.applications.MobileNetV2(alpha=0.75, weights=None))
    narrow, wide = built(case), built(Case("wide", "", keras_models.mobilenet_v2))
    differing = [
        one.path
        for one, other in zip(wide.weights, narrow.weights, strict=True)
        if one.shape != other.shape
    ]
    assert len(wide.weights) > len(differing) > 100
    path = saved(narrow, tmp_path / "narrow.weights.h5")
    result = run("weights", str(path), "--model", str(SAMPLES / "mobilenet_v2.net"))
    assert result.exit_code == 1
    assert result.stderr.count("error[E0804]") == len(differing)
    assert result.stderr.count("error[") == len(differing)
    for key in differing:
        assert f"`{key}` needs shape" in result.stderr
