"""Layers of keras.applications that have no public names, against Keras' own classes."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import numpy as np
import pytest
from keras.src import applications

from graphc.declare import registry
from graphc.declare.layer import Layer
from tests.differential.harness import (
    L,
    T,
    cases,
    check_accepted,
    check_rejected,
    check_stricter,
    keras,
)
from tests.differential.test_training_behaviour import drawn, theirs_drawn
from tests.differential.values import check_values

INPUTS = [T(4), T(6, 6, 4), T(None, 4), T(4, dtype="int32"), T(7, 4, masked=True), T(3, 1)]
SCALE = L("LayerScale", 1e-6, 4)
ONE_INPUT = [
    (layer, x)
    for layer in (SCALE, L("LayerScale", 2, 4, dtype="mixed_float16"), L("StochasticDepth", 0.3))
    for x in INPUTS
]
SUM = L("CustomScaleLayer", 0.17)
TWO_INPUTS = [
    (SUM, [T(6, 4), T(6, 4)]),
    (SUM, [T(6, 4), T(1, 4)]),
    (SUM, [T(None, 4), T(None, 4)]),
    (L("CustomScaleLayer", 2, dtype="float16"), [T(4), T(4)]),
    (SUM, [T(7, 4, masked=True), T(7, 4)]),
]


@pytest.fixture(autouse=True)
def _first_of_its_kind() -> None:
    """Keras gives the weight of LayerScale no name, and counts such weights."""
    keras.utils.clear_session(free_memory=False)


@cases(ONE_INPUT, TWO_INPUTS)
def test_layers(case) -> None:
    check_accepted(*case)


@cases([(SCALE, T(5)), (L("LayerScale", 1e-6, 0), T(4)), (SUM, [T(5), T(4)])])
def test_rejected(case) -> None:
    check_rejected(*case)


def test_a_sum_needs_two_tensors() -> None:
    check_stricter(SUM, T(4))  # which Keras indexes along the batch


@cases([(SCALE, T(3, 4)), (L("LayerScale", 0.1, 4), T(5, 4)), *TWO_INPUTS[:2]])
def test_values(case) -> None:
    check_values(*case)


def test_stochastic_depth_drops_whole_examples() -> None:
    x = np.full((400, 3, 2), 1.5, "float32")
    layer = L("StochasticDepth", 0.3)
    for y in (drawn(layer, x), theirs_drawn(layer, x)):
        np.testing.assert_array_equal(y, np.broadcast_to(y[:, :1, :1], y.shape))
        np.testing.assert_allclose(np.unique(y), [0, 1.5 / 0.7], rtol=1e-6)
        assert 0.2 < (y == 0).mean() < 0.4


def test_all_of_them_are_ours() -> None:
    theirs = {
        (module.__name__, cls.__name__)
        for each in pkgutil.iter_modules(applications.__path__)
        if not each.name.endswith("_test")
        for module in [import_module(f"{applications.__name__}.{each.name}")]
        for cls in vars(module).values()
        if inspect.isclass(cls) and issubclass(cls, keras.layers.Layer)
        if cls.__module__ == module.__name__
    }
    ours = {
        (cls.keras_module, cls.__name__)
        for cls in registry("layer").values()
        if cls.keras_module != Layer.keras_module
    }
    assert ours == theirs
