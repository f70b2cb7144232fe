"""What regularizers and constraints compute, and what a model's loss gets, beside Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from graphc.runtime.lower import lower
from graphc.runtime.penalty import penalty
from tests.differential.harness import I, keras
from tests.runtime.train.keras_side import keras_model

random = np.random.default_rng(17)


def computed(function: Any, x: Any) -> Any:
    leaf = Tensor(TensorType(x.shape, x.dtype.name))
    (result,) = Compiled([leaf], [function(leaf)])(x)
    return result


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "regularizer",
    [
        I("L1"),
        I("L1", 0.3),
        I("L2", 0.2),
        I("L1L2"),
        I("L1L2", l1=0.1, l2=0.3),
        I("OrthogonalRegularizer"),
        I("OrthogonalRegularizer", 0.5, mode="columns"),
    ],
    ids=repr,
)
def test_regularizers(regularizer: I, dtype: str) -> None:
    for shape in [(4, 3), (1, 5), (3, 1)]:
        x = random.normal(size=shape).astype(dtype)
        ours = computed(regularizer.ours().penalty, x)
        theirs = np.asarray(regularizer.theirs()(keras.ops.convert_to_tensor(x)))
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape == ()
        np.testing.assert_allclose(ours, theirs, rtol=1e-6 if dtype == "float32" else 2e-3)


def test_an_orthogonal_regularizer_needs_a_matrix() -> None:
    with pytest.raises(Fault, match="needs a matrix for its OrthogonalRegularizer, got"):
        I("OrthogonalRegularizer").ours().penalty(Tensor(TensorType((3, 4, 5), "float32")))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "constraint",
    [
        I("MaxNorm"),
        I("MaxNorm", 0.8, axis=1),
        I("MaxNorm", 1.5, axis=[0, 1]),
        I("NonNeg"),
        I("UnitNorm"),
        I("UnitNorm", axis=[0, 2]),
        I("MinMaxNorm"),
        I("MinMaxNorm", 0.9, 1.1, rate=0.3, axis=-1),
    ],
    ids=repr,
)
def test_constraints(constraint: I, dtype: str) -> None:
    x = random.normal(size=(4, 3, 2)).astype(dtype)
    x[1:, 0] = 0
    ours = computed(constraint.ours().project, x)
    theirs = np.asarray(constraint.theirs()(keras.ops.convert_to_tensor(x)))
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=1e-6 if dtype == "float32" else 2e-3)


MODELS = {
    "weights": """
        input x: [4]
        output x -> Dense(5, kernel_regularizer=L2(0.1), bias_regularizer="l1") -> Dense(3)
    """,
    "outputs": """
        input x: [4]
        output x -> Dense(5, tanh, activity_regularizer=L1L2(0.1, 0.2))
    """,
    "layers without arguments of their own": """
        input x: [6, 4]
        output x -> MaxPooling1D(2, activity_regularizer="l2") -> Flatten(activity_regularizer=L1(3))
    """,
    "ActivityRegularization": """
        input x: [4]
        output x -> ActivityRegularization(0.3, 0.1) -> Dense(3)
    """,
    "a layer that is called twice": """
        input x: [4]
        dense = Dense(4, kernel_regularizer="l2", activity_regularizer="l1")
        output x -> dense -> dense
    """,
    "frozen weights": """
        input x: [4]
        output x -> Dense(4, kernel_regularizer="l2", trainable=False) -> Dense(2)
    """,
    "low rank": """
        input x: [4]
        output x -> Dense(4, kernel_regularizer="l2", lora_rank=2)
    """,
    "states": """
        input x: [5, 3]
        h, c, d = x -> LSTM(4, return_state=True, activity_regularizer="l2", recurrent_regularizer="l1")
        output h
    """,
    "Keras drops a SimpleRNN's": """
        input x: [5, 3]
        output x -> SimpleRNN(4, activity_regularizer="l2", kernel_regularizer="l1")
    """,
    "both directions": """
        input x: [5, 3]
        output x -> Bidirectional(GRU(4, activity_regularizer="l2", bias_regularizer="l1"))
    """,
    "each head's projections": """
        input x: [5, 4]
        output (x, x) -> MultiHeadAttention(2, 3, activity_regularizer="l2", kernel_regularizer="l1")
    """,
    "projections and the output": """
        input x: [5, 4]
        output (x, x) -> GroupQueryAttention(3, 4, 2, activity_regularizer="l2")
    """,
    "a layer inside of TimeDistributed": """
        input x: [5, 4]
        output x -> TimeDistributed(Dense(3, activity_regularizer="l2", kernel_regularizer="l1"))
    """,
    "a wrapper": """
        input x: [5, 4]
        output x -> TimeDistributed(Dense(3), activity_regularizer="l2")
    """,
    "a rank that is lost": """
        input x: [5]
        output x -> Dense(3, activity_regularizer=OrthogonalRegularizer(mode="columns"))
    """,
    "mixed precision": """
        input x: [5]
        output x -> Dense(3, dtype="mixed_float16", activity_regularizer="l2", kernel_regularizer="l1")
    """,
    "nothing": """
        input x: [5]
        output x -> Dense(3)
    """,
}


@pytest.mark.parametrize("name", MODELS)
def test_what_a_model_adds_to_its_loss(name: str) -> None:
    check_penalty(f"model m {{\n{MODELS[name]}\n}}\n")


def check_penalty(source: str) -> None:
    model = graphc.parse(source)
    weights = {
        k: random.normal(size=w.shape).astype(w.dtype) for k, w in model.init_weights().items()
    }
    theirs = keras_model(source, weights)
    shape = (7, *model.inputs["x"].shape[1:])
    x = random.normal(size=shape).astype("float32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs(x, training=True)
    lowered = lower(model.model_graph, {"x": TensorType(shape, "float32")}, training=True)
    ours = penalty(model.model_graph, lowered)
    assert (ours is None) == (not theirs.losses)
    if ours is not None:
        leaves = [*lowered.inputs.values(), *(tensor for _, tensor in lowered.weights)]
        arrays = [x, *(weights[key] for key, _ in lowered.weights)]
        (value,) = Compiled(leaves, [ours])(*arrays)
        np.testing.assert_allclose(value, float(sum(theirs.losses)), rtol=2e-5)


NESTED = """
    model part {
        input x: [4]
        output x -> Dense(3, activity_regularizer="l2", kernel_regularizer="l1") -> Dense(4)
    }
    model m {
        input x: [5, 4]
        output x -> TimeDistributed(part)
    }
"""


def test_layers_of_a_model_that_is_applied_to_each_timestep() -> None:
    check_penalty(NESTED)
