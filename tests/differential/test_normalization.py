"""Normalization layers against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, variable
from graphc.ir.types import TensorType
from tests.differential.harness import I, L, T, cases, check_layer
from tests.differential.values import check_values

BATCHES = [
    (L("BatchNormalization"), T(4)),
    (L("BatchNormalization"), T(8, 8, 3)),
    (L("BatchNormalization"), T(None, None, 3)),
    (L("BatchNormalization", 1), T(3, 8, 8)),
    (L("BatchNormalization", axis=-2), T(8, 3, 5)),
    (L("BatchNormalization", -1, 0.9, 1e-5), T(4)),
    (L("BatchNormalization", scale=False), T(4)),
    (L("BatchNormalization", center=False), T(4)),
    (L("BatchNormalization", center=False, scale=False), T(4)),
    (L("BatchNormalization", trainable=False), T(4)),
    (L("BatchNormalization", renorm=True), T(4)),
    (L("BatchNormalization", renorm=True, renorm_clipping={"rmax": 3, "dmax": 5}), T(4)),
    (L("BatchNormalization", renorm=True, renorm_clipping={"rmax": 1, "rmin": 2}), T(4)),
    (L("BatchNormalization", renorm=True, renorm_clipping={"dmax": -1}), T(4)),
    (L("BatchNormalization", renorm=True, renorm_clipping={"max": 1}), T(4)),
    (L("BatchNormalization", gamma_initializer="random_normal", beta_constraint="non_neg"), T(4)),
    (L("BatchNormalization", beta_regularizer="l2", moving_mean_initializer="ones"), T(4)),
    (L("BatchNormalization", dtype="mixed_float16"), T(4)),
    (L("BatchNormalization", dtype="float16"), T(4)),
    (L("BatchNormalization", dtype="float64"), T(4)),
    (L("BatchNormalization"), T(4, dtype="int32")),
    (L("BatchNormalization"), T(4, dtype="float16")),
    (L("BatchNormalization"), T(7, 4, masked=True)),
    (L("BatchNormalization", axis=2), T(4)),
    (L("BatchNormalization", axis=[1]), T(4)),
    (L("BatchNormalization"), T(None)),
    (L("BatchNormalization"), T()),
]

LAYERS = [
    (L("LayerNormalization"), T(4)),
    (L("LayerNormalization"), T(8, 8, 3)),
    (L("LayerNormalization"), T(None, 3)),
    (L("LayerNormalization", 1), T(3, 8, 8)),
    (L("LayerNormalization", [1, 2]), T(3, 8, 5)),
    (L("LayerNormalization", (-1, -2)), T(3, 8, 5)),
    (L("LayerNormalization", [-1, 1]), T(3, 8, 5)),
    (L("LayerNormalization", [3, 1, 2]), T(3, 8, 5)),
    (L("LayerNormalization", epsilon=1e-6, center=False), T(4)),
    (L("LayerNormalization", scale=False), T(4)),
    (L("LayerNormalization", center=False, scale=False), T(4)),
    (L("LayerNormalization", center=False, scale=False), T(None)),
    (L("LayerNormalization", rms_scaling=True), T(4)),
    (L("LayerNormalization", rms_scaling=True, scale=False), T(4)),
    (L("LayerNormalization", gamma_initializer=I("Constant", 2.0), beta_regularizer="l1"), T(4)),
    (L("LayerNormalization", dtype="mixed_float16"), T(4)),
    (L("LayerNormalization", dtype="float16"), T(4)),
    (L("LayerNormalization"), T(4, dtype="int32")),
    (L("LayerNormalization"), T(4, dtype="float16")),
    (L("LayerNormalization"), T(7, 4, masked=True)),
    (L("LayerNormalization", 3), T(4)),
    (L("LayerNormalization", [1, 3]), T(4)),
    (L("LayerNormalization", "last"), T(4)),
    (L("LayerNormalization"), T(None)),
    (L("LayerNormalization"), T()),
]

GROUPS = [
    (L("GroupNormalization", 4), T(8)),
    (L("GroupNormalization", 4), T(6, 6, 8)),
    (L("GroupNormalization"), T(6, 6, 64)),
    (L("GroupNormalization", -1), T(6, 6, 8)),
    (L("GroupNormalization", 1), T(None, None, 8)),
    (L("GroupNormalization", 2, 1), T(8, 6, 6)),
    (L("GroupNormalization", 2, axis=-2), T(6, 8, 5)),
    (L("GroupNormalization", 2, axis=-3), T(8, 6, 5)),
    (L("GroupNormalization", 2, center=False), T(8)),
    (L("GroupNormalization", 2, scale=False), T(8)),
    (L("GroupNormalization", 2, dtype="mixed_bfloat16"), T(8)),
    (L("GroupNormalization", 2, dtype="float16"), T(8)),
    (L("GroupNormalization", 2), T(8, dtype="int32")),
    (L("GroupNormalization", 2), T(6, 8, masked=True)),
    (L("GroupNormalization", 2, beta_initializer="ones", gamma_constraint="non_neg"), T(8)),
    (L("GroupNormalization", 3), T(8)),
    (L("GroupNormalization", 16), T(8)),
    (L("GroupNormalization", 0), T(8)),
    (L("GroupNormalization", -2), T(8)),
    (L("GroupNormalization", 2), T(None)),
    (L("GroupNormalization", 2, axis=4), T(8)),
]

OTHERS = [
    (L("RMSNormalization"), T(4)),
    (L("RMSNormalization"), T(None, 4)),
    (L("RMSNormalization", [1, 2]), T(3, 4)),
    (L("RMSNormalization", (-1, -2), 1e-3), T(3, 4)),
    (L("RMSNormalization", dtype="mixed_float16"), T(4)),
    (L("RMSNormalization"), T(4, dtype="int32")),
    (L("RMSNormalization"), T(7, 4, masked=True)),
    (L("RMSNormalization", 2), T(4)),
    (L("RMSNormalization"), T(None)),
    (L("UnitNormalization"), T(4)),
    (L("UnitNormalization", 1), T(3, 4)),
    (L("UnitNormalization", [1, 2]), T(None, None)),
    (L("UnitNormalization"), T(4, dtype="int32")),
    (L("UnitNormalization", dtype="mixed_float16"), T(4)),
    (L("UnitNormalization"), T(7, 4, masked=True)),
    (L("UnitNormalization", 2), T(4)),
    (L("UnitNormalization", "last"), T(4)),
]

SPECTRAL = [
    (L("SpectralNormalization", L("Dense", 3)), T(4)),
    (L("SpectralNormalization", L("Dense", 3), 3), T(7, 4)),
    (L("SpectralNormalization", L("Dense", 3, use_bias=False)), T(4)),
    (L("SpectralNormalization", L("Dense", 3, lora_rank=1)), T(4)),
    (L("SpectralNormalization", L("Dense", 3, trainable=False)), T(4)),
    (L("SpectralNormalization", L("Conv2D", 6, 3)), T(8, 8, 3)),
    (L("SpectralNormalization", L("EinsumDense", "abc,cde->abde", (None, 2, 5))), T(None, 4)),
    (L("SpectralNormalization", L("Embedding", 10, 3)), T(7)),
    (L("SpectralNormalization", L("Dense", 3, dtype="mixed_float16")), T(4)),
    (L("SpectralNormalization", L("Dense", 3)), T(7, 4, masked=True)),
    (L("SpectralNormalization", L("Dropout", 0.5)), T(4)),
    (L("SpectralNormalization", L("Dense", 3), 0), T(4)),
    (L("SpectralNormalization", "dense"), T(4)),
    (L("SpectralNormalization"), T(4)),
]


@cases(BATCHES, LAYERS, GROUPS, OTHERS, SPECTRAL)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


def trace(
    name: str, dims: tuple[Any, ...], mask: tuple[Any, ...] | None = None, **config: Any
) -> Any:
    layer = registry("layer")[name](**config)
    x = TensorType((BATCH, *dims), "float32", mask)
    return trace_layer(layer, {layer.parameters[0]: x})


NAMES = ["BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization"]


@pytest.mark.parametrize("name", [*NAMES, "GroupNormalization"])
def test_symbolic_sizes_stay(name: str) -> None:
    height = variable("H")
    (outputs,) = trace(name, (height, height + 1, 32)).outputs
    assert outputs.shape == (BATCH, height, height + 1, 32)


def test_synchronized_is_up_to_the_backend() -> None:
    assert len(trace("BatchNormalization", (4,), synchronized=True).weights) == 4


# What Keras only finds out when it computes.
LATE = [
    ("BatchNormalization", (7, 7, 4), (BATCH, 7), {}, "a mask of one dim fewer"),
    ("LayerNormalization", (4,), None, {"axis": (1, -1)}, "each axis once"),
    ("RMSNormalization", (3, 4), None, {"axis": 1}, "needs `axis` to name the last axes"),
    ("RMSNormalization", (3, 1), None, {"axis": 1}, "needs `axis` to name the last axes"),
    ("UnitNormalization", (4,), None, {"axis": (1, 1)}, "each axis once"),
]


@pytest.mark.parametrize(("name", "dims", "mask", "config", "message"), LATE)
def test_rejected(name: str, dims: Any, mask: Any, config: Any, message: str) -> None:
    with pytest.raises(Fault, match=message):
        trace(name, dims, mask, **config)


def test_groups_that_do_not_divide_the_channels() -> None:
    with pytest.raises(Fault) as caught:
        trace("GroupNormalization", (8,), groups=3)
    assert caught.value.message == "needs channels that divide into 3 groups, got [B, 8]"
    assert caught.value.help == "8 divides into 1, 2, 4, 8 groups"


def test_spectral_normalization_of_whole_numbers() -> None:
    # Keras casts the vectors that an Embedding gives to the dtype of the ids: all become 0.
    layer = L("SpectralNormalization", L("Embedding", 10, 3)).ours()
    with pytest.raises(Fault, match=r"needs an input of fractions.* got int32\[B, 7\]"):
        trace_layer(layer, {"inputs": TensorType((BATCH, 7), "int32")})


VALUES = [
    (L("BatchNormalization", 1), T(3, 7, 7)),
    (L("LayerNormalization", [-1, 1]), T(7, 3, 5)),
    (L("GroupNormalization", 2), T(7, 7, 4)),
    (L("RMSNormalization"), T(7, 3)),
    (L("UnitNormalization", [1, 2]), T(7, 3)),
]
MORE_VALUES = [
    (L("BatchNormalization"), T(7, 3, masked=True)),
    (L("BatchNormalization", renorm=True, scale=False), T(7, 3)),
    (L("BatchNormalization", center=False), T(7, dtype="int32")),
    (L("LayerNormalization"), T(7, 3, center=3)),
    (L("LayerNormalization", 1, center=False), T(7, 3)),
    (L("LayerNormalization", 1, rms_scaling=True), T(7, 3)),
    (L("GroupNormalization", 2, axis=1), T(4, 7, 5)),
    (L("GroupNormalization", -1, axis=-2, scale=False), T(4, 6, 5)),
    (L("GroupNormalization", 2), T(4, dtype="int32")),
    (L("RMSNormalization", [1, 2]), T(7, 3)),
    (L("UnitNormalization"), T(7, 3)),
    (L("SpectralNormalization", L("Dense", 3)), T(4)),
]


@cases(VALUES, slow=MORE_VALUES)
def test_values(case: Any) -> None:
    check_values(*case)
