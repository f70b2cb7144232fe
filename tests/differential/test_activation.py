"""Activation layers against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, variable
from graphc.ir.types import TensorType
from graphc.layers.activation import PReLU, Softmax
from tests.differential.harness import I, L, T, cases, check_layer
from tests.differential.values import check_values

INPUTS = [T(4), T(7, 4), T(None, None, 3), T(4, dtype="int32"), T(4, dtype="float16"), T()]
LAYERS = [
    L("Activation", "relu"),
    L("Activation", None),
    L("Activation", activation="softmax"),
    L("Activation", L("ELU")),
    L("ReLU"),
    L("ReLU", 6.0),
    L("ReLU", max_value=2, negative_slope=0.1),
    L("ReLU", None, 0.2),
    L("ReLU", 4.0, 0.1, 1.0),
    L("ReLU", threshold=0.5),
    L("LeakyReLU"),
    L("LeakyReLU", 0),
    L("ELU"),
    L("ELU", -0.5),
    L("Softmax"),
    L("Softmax", 0),
    L("Softmax", [-1]),
    L("ReLU", dtype="mixed_float16"),
    L("LeakyReLU", dtype="float16"),
    L("Softmax", dtype="bfloat16"),
]
TABLE = [(layer, x) for layer in LAYERS for x in INPUTS]

MASKED = [
    (L("ReLU"), T(7, 4, masked=True)),
    (L("Activation", "tanh"), T(7, 4, masked=True)),
    (L("PReLU"), T(7, 4, masked=True)),
    (L("ELU"), T(7, 4, masked=True)),
    (L("Softmax"), T(7, masked=True)),
    (L("Softmax", (1, 2)), T(7, 4, 5)),
    (L("Softmax", (-1, -2)), T(7, 4, 5)),
]

LEARNED = [
    (L("PReLU"), T(4)),
    (L("PReLU"), T(7, 4)),
    (L("PReLU", shared_axes=1), T(None, 4)),
    (L("PReLU", shared_axes=[1, 2]), T(8, 8, 3)),
    (L("PReLU", shared_axes=(1, 2)), T(None, None, 3)),
    (L("PReLU", shared_axes=[]), T(4)),
    (L("PReLU", I("Constant", 0.25), "l1", "non_neg", [1]), T(7, 4)),
    (L("PReLU", dtype="mixed_float16"), T(4)),
    (L("PReLU"), T(4, dtype="int32")),
    (L("PReLU"), T(None, 4)),
    (L("PReLU", shared_axes=3), T(7, 4)),
    (L("PReLU", trainable=False), T(4)),
]

REJECTED = [
    (L("Activation"), T(4)),
    (L("Activation", "no_such"), T(4)),
    (L("ReLU", -1.0), T(4)),
    (L("ReLU", negative_slope=-0.1), T(4)),
    (L("ReLU", negative_slope=None), T(4)),
    (L("ReLU", threshold=-0.1), T(4)),
    (L("LeakyReLU", None), T(4)),
    (L("LeakyReLU", -0.3), T(4)),
]


@cases(TABLE, MASKED, LEARNED, REJECTED)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


@pytest.mark.parametrize("mask", [T(4), T(4, dtype="bool"), T(1, dtype="bool")], ids=repr)
def test_softmax_with_a_mask(mask: T) -> None:
    check_layer(L("Softmax"), T(4), mask=mask)


def softmax(dims: tuple[Any, ...], mask: tuple[Any, ...], axis: Any = -1) -> Any:
    arguments = {"inputs": TensorType((BATCH, *dims), "float32"), "mask": TensorType(mask, "bool")}
    return trace_layer(Softmax(axis), arguments).outputs[0]


def test_softmax_of_symbolic_sizes() -> None:
    steps = variable("T")
    assert softmax((steps, steps), (BATCH, 1, steps), (1, 2)).shape == (BATCH, steps, steps)


# Keras finds out about these only when it computes.
@pytest.mark.parametrize("mask", [(BATCH, 7), (BATCH, 7, 4, 1), (7, 5)], ids=repr)
def test_softmax_needs_a_mask_that_broadcasts(mask: tuple[Any, ...]) -> None:
    with pytest.raises(Fault, match=r"needs a mask that broadcasts to \[B, 7, 4\], got bool"):
        softmax((7, 4), mask)


@pytest.mark.parametrize("axis", [3, -4, (1, 1), ()], ids=repr)
def test_softmax_needs_axes_that_are_there(axis: Any) -> None:
    with pytest.raises(Fault, match=r"ax[ie]s"):
        trace_layer(Softmax(axis), {"inputs": TensorType((BATCH, 7, 4), "float32")})


# Keras takes axis 0 for the last one here, and -1 for the last but one.
@pytest.mark.parametrize("axes", [0, -1, [1, -1]], ids=repr)
def test_prelu_counts_axes_from_1(axes: Any) -> None:
    with pytest.raises(Fault, match="`shared_axes` to be a positive whole number"):
        PReLU(shared_axes=axes)


VALUES = [
    (L("ReLU", 2, 0.1, 0.5), T(7)),
    (L("PReLU", shared_axes=1), T(7, 3)),
    (L("Softmax", [1, 2]), T(3, 4)),
    (L("Softmax"), T(7, masked=True)),
]
MORE_VALUES = [
    (L("ReLU", 6), T(7)),
    (L("ReLU", 2, 0.1), T(7)),
    (L("ReLU", None, 0.1, 0.5), T(7)),
    (L("ReLU", None, 0.1), T(7, dtype="int32")),
    (L("LeakyReLU"), T(7, masked=True)),
    (L("ELU", 0.3), T(3)),
    (L("Activation", "softmax"), T(3, 4)),
]


@cases(VALUES, slow=MORE_VALUES)
def test_values(case: Any) -> None:
    check_values(*case)
