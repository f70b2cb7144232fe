"""Every layer in training and otherwise: it does something else where Keras' does, and only there."""

from __future__ import annotations

import itertools
import warnings
from inspect import signature
from typing import Any

import numpy as np
import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from tests.differential.harness import L, T, keras
from tests.differential.test_argument_samples import FLAT, GRIDS, IMAGE, LAYERS, PAIR, STEPS
from tests.differential.values import EXAMPLES, Given, built, replaced

PIXELS = T(*IMAGE.dims, values=np.random.default_rng(2).uniform(0, 255, (EXAMPLES, *IMAGE.dims)))
HALF = {"dropout": 0.5}
CELL = (T(5), [T(3)])

# Layers with a `training` of their own: their inputs, and arguments by which it counts.
IN_TRAINING: dict[str, tuple[Any, dict[str, Any]]] = {
    **{
        name: (PIXELS if given is IMAGE else given, config)
        for name, (given, config) in LAYERS.items()
    },
    "SpatialDropout1D": (STEPS, {"rate": 0.5}),
    "SpatialDropout2D": (IMAGE, {"rate": 0.5}),
    "SpatialDropout3D": (GRIDS[3], {"rate": 0.5}),
    "StochasticDepth": (FLAT, {"drop_path_rate": 0.5}),
    "SimpleRNNCell": (CELL, {"units": 3, **HALF}),
    "GRUCell": (CELL, {"units": 3, **HALF}),
    "LSTMCell": ((T(5), [T(3), T(3)]), {"units": 3, **HALF}),
    "StackedRNNCells": ((T(5), [T(3)]), {"cells": [L("GRUCell", 3, **HALF)]}),
    "RNN": (STEPS, {"cell": L("GRUCell", 3, **HALF)}),
    "SimpleRNN": (STEPS, {"units": 3, **HALF}),
    "LSTM": (STEPS, {"units": 3, **HALF}),
    "GRU": (STEPS, {"units": 3, **HALF}),
    "Bidirectional": (STEPS, {"layer": L("GRU", 3, **HALF)}),
    "ConvLSTM1D": (T(4, 5, 2), {"filters": 2, "kernel_size": 2, **HALF}),
    "ConvLSTM2D": (T(3, 4, 4, 2), {"filters": 2, "kernel_size": 2, **HALF}),
    "ConvLSTM3D": (T(2, 3, 3, 3, 2), {"filters": 2, "kernel_size": 2, **HALF}),
    "Pipeline": (FLAT, {"layers": [L("Dropout", 0.5)]}),
    "SpectralNormalization": (FLAT, {"layer": L("Dense", 3)}),
    "TimeDistributed": (STEPS, {"layer": L("Dropout", 0.5)}),
    "Attention": (list(PAIR), HALF),
    "AdditiveAttention": (list(PAIR), HALF),
    "MultiHeadAttention": (PAIR, {**LAYERS["MultiHeadAttention"][1], **HALF}),
    "GroupQueryAttention": (PAIR, {**LAYERS["GroupQueryAttention"][1], **HALF}),
    "RandomColorJitter": (PIXELS, {"brightness_factor": 0.5}),
    "RandomShear": (PIXELS, {"x_factor": 0.5}),
    "Solarization": (PIXELS, {"threshold_factor": 0.5}),
}

# What is the same in training: `training` is for quantized weights, for labels, or for no reason.
SAME = {
    "AutoContrast", "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization", "Dense",
    "EinsumDense", "MaxNumBoundingBoxes", "Resizing",
}  # fmt: skip
# What Keras has no class for, or none that is called with `training`.
NOT_IN_KERAS = {"Opaque", "GroupedQueryAttention"}


# More than once in training: what is drawn may be that nothing is done.
TRIED = (False, True, True, True)
SEEDS = itertools.count()


def takes_training(name: str) -> bool:
    return "training" in signature(L(name).their_class().call).parameters


WALKED = [name for name in registry("layer") if name not in NOT_IN_KERAS and takes_training(name)]


def both(name: str, *, is_theirs: bool) -> bool:
    """Whether a layer computes something else in training, on our side or Keras'."""
    given, config = IN_TRAINING[name]
    layer = L(name, **config)
    random = np.random.default_rng(3)
    inputs, call = replaced(
        (given if isinstance(given, tuple) else (given,), {}), T, lambda spec: Given(spec, random)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras.utils.set_random_seed(1)
        made, weights = built(layer, inputs, call, random)
        if is_theirs:
            positional = replaced(inputs, Given, Given.theirs)
            outputs = [_theirs(made, positional, training) for training in TRIED]
        else:
            outputs = [_ours(layer, inputs, weights, training) for training in TRIED]
    plain, *trained = outputs
    return any(
        a.shape != b.shape or not np.allclose(a, b, rtol=1e-3, atol=1e-3)
        for each in trained
        for a, b in zip(plain, each, strict=True)
    )


def _theirs(made: Any, inputs: Any, training: bool) -> Any:
    if hasattr(made, "reset_dropout_mask"):
        made.reset_dropout_mask()  # what it drew when it was built
    return [np.asarray(x) for x in keras.tree.flatten(made(*inputs, training=training))]


def _ours(layer: L, inputs: Any, weights: Any, training: bool) -> Any:
    made = layer.ours()
    types = replaced(inputs, Given, lambda given: TensorType(given.array.shape, given.type.dtype))
    trace = trace_layer(made, dict(zip(made.parameters, types, strict=False)), training=training)
    leaves = [*trace.inputs, *(tensor for _, tensor in trace.weights)]
    arrays = [item.array for item in keras.tree.flatten(inputs) if type(item) is Given]
    return Compiled(leaves, trace.outputs, next(SEEDS))(*arrays, *weights)


def test_all_are_walked() -> None:
    assert set(WALKED) <= set(IN_TRAINING)


@pytest.mark.parametrize("name", WALKED)
def test_something_else_in_training(name: str) -> None:
    assert both(name, is_theirs=False) == (name not in SAME)


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKED)
def test_where_keras_does(name: str) -> None:
    assert both(name, is_theirs=True) == (name not in SAME)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LAYERS if name not in WALKED])
def test_nothing_else_where_keras_knows_no_training(name: str) -> None:
    assert not both(name, is_theirs=False)
