"""What layers do in training, beside Keras: values, moving averages, and what is drawn at random."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np
import pytest

import graphc
from graphc.declare.trace import trace_layer
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from graphc.runtime.lower import lower
from tests.differential.harness import L, keras
from tests.runtime.train.keras_side import keras_model

random = np.random.default_rng(11)


def run_training(layer: Any, x: Any, weights: list[Any], mask: Any = None, seed: int = 0) -> Any:
    """Outputs of a layer in training, and the new values of its weights, by name."""
    type = TensorType(x.shape, x.dtype.name, None if mask is None else mask.shape)
    trace = trace_layer(layer, {layer.parameters[0]: type}, training=True)
    leaves = [*trace.inputs, *(tensor for _, tensor in trace.weights)]
    given = [x, *weights]
    if mask is not None:
        assert trace.inputs[0].mask is not None
        leaves.append(trace.inputs[0].mask)
        given.append(mask)
    results: list[Tensor] = [*trace.outputs, *(tensor for _, tensor in trace.updates)]
    made = Compiled(leaves, results, seed)(*given)
    count = len(trace.outputs)
    return made[0], {
        spec.name: each for (spec, _), each in zip(trace.updates, made[count:], strict=True)
    }


@pytest.mark.parametrize(
    ("layer", "shape", "masked"),
    [
        (L("BatchNormalization"), (5, 4), False),
        (L("TimeDistributed", L("BatchNormalization")), (5, 3, 4), False),
        (L("BatchNormalization"), (3, 6, 5, 4), False),
        (L("BatchNormalization", axis=1, momentum=0.7, epsilon=0.1), (3, 6, 5), False),
        (L("BatchNormalization", center=False, scale=False), (5, 4), False),
        (L("BatchNormalization"), (3, 6, 4), True),
        (L("BatchNormalization", trainable=False), (5, 4), False),
        (L("BatchNormalization", renorm=True), (5, 4), False),
        (
            L(
                "BatchNormalization", renorm=True, renorm_momentum=0.5,
                renorm_clipping={"rmin": 0.8, "rmax": 1.1, "dmax": 0.3},
            ),
            (5, 4), False,
        ),
    ],
    ids=repr,
)  # fmt: skip
def test_batch_normalization(layer: L, shape: tuple[int, ...], masked: bool) -> None:
    x = random.normal(size=shape, loc=0.5).astype("float32")
    mask = random.random(shape[:-1]) < 0.7 if masked else None
    theirs = layer.theirs()
    theirs.build(shape)
    weights = [(abs(random.normal(size=w.shape)) + 0.5).astype("float32") for w in theirs.weights]
    for variable, value in zip(theirs.weights, weights, strict=True):
        variable.assign(value)
    expected = theirs(x, training=True, **({} if mask is None else {"mask": mask}))
    outputs, updates = run_training(layer.ours(), x, weights, mask)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)
    after = {variable.name: np.asarray(variable.value) for variable in theirs.weights}
    changed = {
        name for (name, value), before in zip(after.items(), weights, strict=True)
        if not np.array_equal(value, before)
    }  # fmt: skip
    assert set(updates) == changed
    for name, value in updates.items():
        np.testing.assert_allclose(value, after[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (L("SpectralNormalization", L("Dense", 3)), (5, 4)),
        (L("SpectralNormalization", L("Dense", 3, use_bias=False), power_iterations=3), (5, 4)),
        (L("SpectralNormalization", L("Conv2D", 3, 2)), (2, 4, 4, 2)),
        (L("SpectralNormalization", L("Dense", 3, kernel_initializer="zeros")), (5, 4)),
    ],
    ids=repr,
)
def test_spectral_normalization(layer: L, shape: tuple[int, ...]) -> None:
    x = random.normal(size=shape).astype("float32")
    theirs = layer.theirs()
    theirs.build(shape)
    weights = [np.asarray(weight) for weight in theirs.weights]
    expected = theirs(x, training=True)
    outputs, updates = run_training(layer.ours(), x, weights)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)
    after = {variable.name: np.asarray(variable.value) for variable in theirs.weights}
    assert set(updates) == {"vector_u", "kernel"}
    for name, value in updates.items():
        np.testing.assert_allclose(value, after[name], rtol=1e-4, atol=1e-6)


def drawn(layer: L, x: Any, seed: int = 0) -> Any:
    return run_training(layer.ours(), x, [], seed=seed)[0]


def theirs_drawn(layer: L, x: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(layer.theirs()(jax.numpy.asarray(x), training=True))


@pytest.mark.parametrize(
    "layer",
    [
        L("Dropout", 0.3),
        L("AlphaDropout", 0.2),
        L("GaussianDropout", 0.4),
        L("GaussianNoise", 0.7),
        L("SpatialDropout1D", 0.3),
    ],
    ids=repr,
)
def test_what_is_drawn_has_the_same_distribution(layer: L) -> None:
    x = np.full((300, 20, 40), 1.5, "float32")
    ours, theirs = drawn(layer, x), theirs_drawn(layer, x)
    assert ours.dtype == theirs.dtype
    for q in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert abs(np.quantile(ours, q) - np.quantile(theirs, q)) < 0.05
    assert abs(ours.mean() - theirs.mean()) < 0.05
    assert abs(ours.std() - theirs.std()) < 0.05
    assert not np.array_equal(drawn(layer, x), drawn(layer, x, seed=1))
    np.testing.assert_array_equal(drawn(layer, x), drawn(layer, x))


@pytest.mark.parametrize(
    ("layer", "shape", "same"),
    [
        (L("Dropout", 0.5, noise_shape=(None, 1, None)), (4, 6, 5), 1),
        (L("SpatialDropout1D", 0.5), (4, 6, 5), 1),
        (L("SpatialDropout2D", 0.5), (4, 6, 3, 5), (1, 2)),
        (L("SpatialDropout2D", 0.5, data_format="channels_first"), (4, 6, 3, 5), (2, 3)),
        (L("SpatialDropout3D", 0.5), (4, 3, 2, 3, 5), (1, 2, 3)),
    ],
    ids=repr,
)
def test_noise_that_is_the_same_along_axes(layer: L, shape: Any, same: Any) -> None:
    y = drawn(layer, np.ones(shape, "float32"))
    assert set(np.unique(y)) == {0, 2}
    np.testing.assert_array_equal(y, np.broadcast_to(y.max(same, keepdims=True), shape))
    theirs = theirs_drawn(layer, np.ones(shape, "float32"))
    np.testing.assert_array_equal(theirs, np.broadcast_to(theirs.max(same, keepdims=True), shape))


def test_nothing_is_drawn_but_in_training() -> None:
    x = random.normal(size=(3, 4)).astype("float32")
    trace = trace_layer(L("Dropout", 0.5).ours(), {"inputs": TensorType(x.shape, "float32")})
    (y,) = Compiled(trace.inputs, trace.outputs)(x)
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize(
    "name", ["Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D"]
)
def test_a_rate_of_zero_changes_nothing(name: str) -> None:
    x = random.normal(size=(3, 4, 2)).astype("float32")
    np.testing.assert_array_equal(drawn(L(name, 0.0), x), x)


CALLS = """
model m {
    input x: [500]
    output a = (x, training=True) -> Dropout(0.5)
    output b = (x, training=False) -> Dropout(0.5)
    output c = x -> Dropout(0.5)
}
"""


def test_calls_that_say_whether_they_train() -> None:
    model = graphc.parse(CALLS)
    x = np.ones((1, 500), "float32")
    type = TensorType(x.shape, "float32")

    def drops(training: bool | None) -> list[bool]:
        lowered = lower(model.model_graph, {"x": type}, training=training)
        made = Compiled(list(lowered.inputs.values()), list(lowered.outputs.values()))(x)
        return [not each.all() for each in made]

    theirs = keras_model(CALLS, {})
    for training, expected in (
        (None, [True, False, False]), (True, [True] * 3), (False, [False] * 3),
    ):  # fmt: skip
        outputs = keras.tree.flatten(theirs(x, training=training))
        assert [not np.asarray(each).all() for each in outputs] == expected
        assert drops(training) == expected


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout"])
@pytest.mark.parametrize(
    ("noise_shape", "shape"),
    [((1,), (3, 4)), ((4,), (3, 4)), ((None, 1), (3, 3, 4)), ((3, 1, 4), (3, 2, 4))],
)
def test_noise_of_fewer_axes(name: str, noise_shape: Any, shape: tuple[int, ...]) -> None:
    layer = L(name, 0.5, noise_shape=noise_shape, seed=3)
    x = np.ones(shape, "float32")
    ours, theirs = drawn(layer, x), theirs_drawn(layer, x)
    assert ours.shape == theirs.shape == shape
    # What is drawn once for an axis is the same along it on both sides.
    for axis in range(len(shape)):
        assert _is_alike(ours, axis) >= _must_be_alike(noise_shape, len(shape), axis)
        assert _is_alike(theirs, axis) >= _must_be_alike(noise_shape, len(shape), axis)


def _is_alike(values: Any, axis: int) -> bool:
    return bool((values == np.take(values, [0], axis)).all())


def _must_be_alike(noise_shape: Any, rank: int, axis: int) -> bool:
    place = axis - (rank - len(noise_shape))
    return place < 0 or noise_shape[place] == 1
