"""Layers that act in training only, against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, cases, check_layer

INPUTS = [T(4), T(7, 4, masked=True), T(None, None, 3), T(4, dtype="int32"), T(4, dtype="float16")]
LAYERS = [
    L("Dropout", 0.5),
    L("Dropout", 0),
    L("Dropout", 1, [None, 1], 7),
    L("Dropout", 0.5, dtype="mixed_float16"),
    L("AlphaDropout", 0.1),
    L("AlphaDropout", 0.1, (None, 1), seed=3),
    L("GaussianDropout", 0.5),
    L("GaussianDropout", 0.5, 3),
    L("GaussianNoise", 0.1),
    L("GaussianNoise", 1.0, seed=1, dtype="float16"),
    L("ActivityRegularization"),
    L("ActivityRegularization", 0.1, 0.2),
]
TABLE = [(layer, x) for layer in LAYERS for x in INPUTS]

SPATIAL = [
    (L("SpatialDropout1D", 0.5), T(7, 4)),
    (L("SpatialDropout1D", 0.5, 3, "drop", "float16"), T(7, 4, masked=True)),
    (L("SpatialDropout1D", 0.5), T(4)),
    (L("SpatialDropout2D", 0.5), T(8, 8, 3)),
    (L("SpatialDropout2D", 0.5, "channels_first", 3), T(3, None, None)),
    (L("SpatialDropout2D", 0.5), T(8, 3)),
    (L("SpatialDropout2D", 0.5, "channels_middle"), T(8, 8, 3)),
    (L("SpatialDropout3D", 0.5), T(8, 8, 8, 3)),
    (L("SpatialDropout3D", rate=0.5, data_format="channels_first"), T(3, 8, 8, 8)),
    (L("SpatialDropout3D", 0.5), T(8, 8, 3)),
    (L("SpatialDropout3D", 2), T(8, 8, 8, 3)),
    (L("SpatialDropout1D", 0.5, trainable=False), T(7, 4)),
]

REJECTED = [
    (L("Dropout"), T(4)),
    (L("Dropout", -0.1), T(4)),
    (L("Dropout", 1.5), T(4)),
    (L("Dropout", "half"), T(4)),
    (L("Dropout", 0.5, "one"), T(4)),
    (L("Dropout", 0.5, [0, 1]), T(4)),
    (L("Dropout", 0.5, [1.5]), T(4)),
    (L("Dropout", 0.5, 3), T(4)),
    (L("AlphaDropout", 2), T(4)),
    (L("GaussianDropout", -1), T(4)),
    (L("GaussianNoise", 1.5), T(4)),
    (L("ActivityRegularization", -1), T(4)),
    (L("ActivityRegularization", activity_regularizer="l1"), T(4)),
]


@cases(TABLE, SPATIAL, REJECTED)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


@pytest.mark.parametrize("name", ["Dropout", "GaussianNoise"])
def test_nothing_is_computed_outside_of_training(name: str) -> None:
    layer = registry("layer")[name](0.5)
    trace = trace_layer(layer, {"inputs": TensorType((BATCH, 4), "float32")})
    assert trace.steps == []
    assert trace.outputs == trace.inputs


def test_spatial_dropout_says_how_to_reshape() -> None:
    layer = registry("layer")["SpatialDropout2D"](0.5)
    with pytest.raises(Fault, match="needs a rank-4 input") as caught:
        trace_layer(layer, {"inputs": TensorType((BATCH, 784), "float32")})
    assert "Reshape([28, 28, 1])" in (caught.value.help or "")
