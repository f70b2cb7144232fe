"""Losses and gradients of models beside `jax.value_and_grad` over Keras' stateless call."""

from __future__ import annotations

import warnings
from random import Random
from typing import Any

import jax
import numpy as np
import pytest

import graphc
from graphc.ir.dims import evaluate, variables
from graphc.ir.dtypes import is_float
from graphc.runtime.arguments import InputError
from graphc.training.classification_losses import (
    BinaryCrossentropy,
    SparseCategoricalCrossentropy,
)
from graphc.training.losses import LogCosh
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.differential.harness import keras
from tests.runtime.train.keras_side import keras_model
from tests.samples.rows import SAMPLES

random = np.random.default_rng(31)
SIZE = 3


def drawn(type: Any, below: int = 5, size: int = 6) -> Any:
    """Values of a type; each size that it leaves open is `size`."""
    shape = [SIZE, *(evaluate(dim, dict.fromkeys(variables(dim), size)) for dim in type.shape[1:])]
    if is_float(type.dtype):
        return random.normal(size=shape).astype(type.dtype)
    return random.integers(0, 2 if type.dtype == "bool" else below, shape).astype(type.dtype)


def check(
    source: str, *, training: bool = False, x: Any = None, scale: float = 0.3, size: int = 6
) -> None:
    """Mean squared errors of all outputs that are fractions, and of all trainable weights."""
    model = graphc.parse(source)
    weights = {
        key: abs(random.normal(size=x.shape, scale=scale)).astype(x.dtype)
        if "variance" in key else random.normal(size=x.shape, scale=scale).astype(x.dtype)
        for key, x in model.init_weights().items()
    }  # fmt: skip
    inputs = (
        {name: drawn(type, size=size) for name, type in model.inputs.items()} if x is None else x
    )
    made = keras_model(source, weights)
    trainable, fixed = made.trainable_variables, made.non_trainable_variables
    given = list(inputs.values()) if len(inputs) > 1 else next(iter(inputs.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = keras.tree.flatten(made(given, training=False))
    names = [name for name, type in model.outputs.items() if is_float(type.dtype)]
    targets = {
        name: random.normal(size=output.shape).astype("float32")
        for (name, type), output in zip(model.outputs.items(), outputs, strict=True)
        if name in names
    }

    squared = keras.losses.MeanSquaredError(dtype="float32")

    def loss(values: Any) -> Any:
        results, _, added = made.stateless_call(
            values, [v.value for v in fixed], given, training=training, return_losses=True
        )
        results = dict(zip(model.outputs, keras.tree.flatten(results), strict=True))
        # Keras' own loss, which leaves out what the mask of an output does.
        return sum(squared(target, results[name]) for name, target in targets.items()) + sum(added)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        right, slopes = jax.jit(jax.value_and_grad(loss))([v.value for v in trainable])
    f = model.value_and_grad(dict.fromkeys(names, "mean_squared_error"), training=training)
    value, gradients = f(weights, inputs, targets)
    np.testing.assert_allclose(value, right, rtol=1e-4)
    assert len(gradients) == len(trainable)
    keys = [key for key in weights if key in gradients]
    scale = max([1e-6, *(float(abs(np.asarray(slope)).max(initial=0)) for slope in slopes)])
    for key, variable, slope in zip(keys, trainable, slopes, strict=True):
        assert gradients[key].dtype == variable.dtype
        np.testing.assert_allclose(
            gradients[key], slope, rtol=1e-4, atol=1e-4 * scale, err_msg=f"{key}\n{source}"
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["mnist", "autoencoder", "autoencoder_models", "lstm_classifier", "siamese", "unet",
     "seq2seq_attention", "sequential", "two_inputs", "stepwise_cnn"],
)  # fmt: skip
def test_samples(name: str) -> None:
    check((SAMPLES / f"{name}.net").read_text(), size=1 if name == "unet" else 6)


TRAINED = """
model m {
    input x: [6]
    y = x -> Dense(5, relu, kernel_regularizer="l2") -> BatchNormalization()
    output y -> Dense(3, softmax, activity_regularizer="l1")
}
"""


@pytest.mark.parametrize("training", [True, False])
def test_layers_that_do_something_else_in_training(training: bool) -> None:
    check(TRAINED, training=training)


CALLS = """
model part {
    input x: [5]
    output (x, training=False) -> BatchNormalization()
}
model m {
    input x: [6]
    y = (x -> Dense(5), training=False) -> BatchNormalization()
    y = (x=y, training=True) -> part
    output y -> Dense(3)
}
"""


@pytest.mark.parametrize("training", [pytest.param(True, marks=pytest.mark.slow), False])
def test_what_a_model_is_called_with_goes_before_what_its_calls_say(training: bool) -> None:
    check(CALLS, training=training)


@pytest.mark.slow
@pytest.mark.parametrize(
    "layers",
    [
        "SpectralNormalization(Dense(4, tanh)) -> Dense(3)",
        "Reshape([3, 2]) -> TimeDistributed(BatchNormalization()) -> Flatten() -> Dense(2)",
        "Reshape([3, 2]) -> LSTM(4, kernel_regularizer=L2(0.1), activity_regularizer=L1(0.1))",
    ],
)
def test_more_layers_in_training(layers: str) -> None:
    check(f"model m {{\n    input x: [6]\n    output x -> {layers}\n}}\n", training=True)


@pytest.mark.parametrize(
    "bend", ["relu", "relu6", "elu", "selu", "celu", "softplus", "log_sigmoid"]
)
def test_slopes_at_0(bend: str) -> None:
    model = graphc.parse(f"""
model m {{
    input x: [2]
    output x -> Dense(3, {bend}, kernel_initializer=zeros) as out
}}
""")
    y = np.array([[1.0, 0.0, -2.0]], "float32")
    _, slopes = model.value_and_grad("mse")(model.init_weights(), np.ones((1, 2)), y)
    function = getattr(keras.activations, bend)
    expected = jax.grad(lambda bias: ((function(bias) - y) ** 2).mean())(np.zeros(3, "float32"))
    np.testing.assert_allclose(slopes["out/bias"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", [BinaryCrossentropy(from_logits=True), LogCosh()], ids=repr)
def test_losses_of_outputs_that_begin_at_0(loss: Any) -> None:
    model = graphc.parse("""
model m {
    input x: [2]
    output x -> Dense(3, kernel_initializer=zeros) as out
}
""")
    y = np.array([[1.0, 0.0, 0.5]], "float32")
    _, slopes = model.value_and_grad(loss)(model.init_weights(), np.ones((1, 2)), y)
    theirs = getattr(keras.losses, type(loss).__name__)(**loss.changed_values())
    expected = jax.grad(lambda bias: theirs(y, bias[None]))(np.zeros(3, "float32"))
    np.testing.assert_allclose(slopes["out/bias"], expected, rtol=1e-5, atol=1e-6)


def test_a_loop_of_which_no_weight_wants_a_derivative() -> None:
    check("""
    model m {
        input x: [4, 3]
        y = x -> Dense(5)
        output y -> TimeDistributed(Dense(2, trainable=False))
    }
    """)


@pytest.mark.slow
@pytest.mark.parametrize("make", [random_graph, random_sequential])
@pytest.mark.parametrize("first", range(0, 60, 10))
def test_random_graphs(make: Any, first: int) -> None:
    for seed in range(first, first + 10):
        graph = make(Random(seed))
        if graph.model is None:
            continue
        model = graphc.parse(graph.net)
        has_fractions = any(is_float(type.dtype) for type in model.outputs.values())
        # Sizes that a graph leaves open may have to be told apart, and float16 is not near 1e-4.
        is_open = any(
            not isinstance(dim, int) for type in model.inputs.values() for dim in type.shape[1:]
        )
        is_rough = "float16" in graph.net
        if has_fractions and model.init_weights() and not is_open and not is_rough:
            check(graph.net)


TWO = """
model two {
    input x: [3]
    output a = x -> Dense(2) as first
    output b = x -> Dense(4) as second
}
train two {
    loss = {"a": "mse", "b": SparseCategoricalCrossentropy(from_logits=True)}
    loss_weights = {"a": 1.0, "b": 0.5}
    optimizer = "sgd"
}
"""
X = random.normal(size=(4, 3)).astype("float32")
Y = {"a": random.normal(size=(4, 2)), "b": np.array([0, 3, 1, 1])}


def test_losses_of_the_train_block_weights_and_lists() -> None:
    model = graphc.parse(TWO)
    weights = model.init_weights(2)
    both, _ = model.value_and_grad()(weights, X, Y)
    listed, gradients = model.value_and_grad()(weights, {"x": X}, [Y["a"], Y["b"]])
    first, of_first = model.value_and_grad({"a": "mse"})(weights, X, Y["a"])
    _, of_second = model.value_and_grad(
        {"b": SparseCategoricalCrossentropy(from_logits=True)}
    )(weights, X, {"b": Y["b"]})  # fmt: skip
    assert both == listed
    np.testing.assert_allclose(of_first["first/kernel"], gradients["first/kernel"], rtol=1e-6)
    np.testing.assert_allclose(
        of_second["second/kernel"] / 2, gradients["second/kernel"], rtol=1e-5, atol=1e-6
    )
    assert not of_first["second/kernel"].any()
    weighed, _ = model.value_and_grad({"a": "mse"})(weights, X, Y["a"], np.array([1, 0, 0, 0]))
    kernel, bias = weights["first/kernel"], weights["first/bias"]
    errors = ((X @ kernel + bias - Y["a"]) ** 2).mean(1)
    np.testing.assert_allclose([first, weighed], [errors.mean(), errors[0] / 4], rtol=1e-5)


def test_what_is_drawn_depends_on_the_step() -> None:
    model = graphc.parse("model m { input x: [8]\n output x -> Dropout(0.5) -> Dense(2) }")
    weights, x, y = model.init_weights(), np.ones((4, 8)), np.ones((4, 2))
    f = model.value_and_grad("mse", training=True)
    assert f(weights, x, y, step=1)[0] == f(weights, x, y, step=1)[0]
    assert f(weights, x, y, step=1)[0] != f(weights, x, y, step=2)[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, _: m.value_and_grad("mze"), "value_and_grad needs `loss` to be a loss"),
        (lambda m, _: m.value_and_grad("mse")({}, X, Y), "two needs the weight `first/kernel`"),
        (lambda m, w: m.value_and_grad("mse")(w, X, {"a": X}), "a target for its output `b`"),
        (lambda m, w: m.value_and_grad("mse")(w, X, X), "a target for each of `a`, `b`"),
        (lambda m, w: m.value_and_grad("mse")(w, X, {"c": X}), "no loss of an output `c`"),
        (lambda m, w: m.value_and_grad("mse")(w, X[0], Y), r"`x` needs shape \[B, 3\], got \[3\]"),
        (
            lambda m, w: m.value_and_grad("mse")({**w, "first/bias": X}, X, Y),
            r"the weight `first/bias` of two needs shape \[2\], got \[4, 3\]",
        ),
    ],
)
def test_what_does_not_fit(call: Any, message: str) -> None:
    model = graphc.parse(TWO)
    with pytest.raises(ValueError, match=message):
        call(model, model.init_weights())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([0, -1], "needs whole numbers from 0 to 2, got -1; example 1 is the first"),
        ([0, 3], "needs whole numbers from 0 to 2, got 3; example 1 is the first"),
        (None, "the target of `y` needs numbers, got objects"),
        (["a", "b"], "the target of `y` needs numbers, got text"),
    ],
)
def test_targets_that_are_no_classes(target: Any, message: str) -> None:
    model = graphc.parse("model m { input x: [3]\n output y = x -> Dense(3) }")
    f = model.value_and_grad("sparse_categorical_crossentropy")
    with pytest.raises(InputError, match=message):
        f(model.init_weights(), X[:2], target)


def test_a_loss_has_to_fit_the_output() -> None:
    model = graphc.parse("model m { input x: [3]\n output y = x -> Dense(1) }")
    with pytest.raises(InputError, match="of `y` needs"):
        model.value_and_grad("categorical_crossentropy")
