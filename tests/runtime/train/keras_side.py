"""Models on both sides: ours from a source, Keras' from what we emit, with the same weights."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import graphc
from graphc.runtime.train.learner import Batch, Learner
from graphc.runtime.train.meter import Meter
from tests.differential.harness import keras

random = np.random.default_rng(3)


def learner_of(source: str, seed: int = 1) -> Learner:
    """Ours, with fresh weights."""
    model = graphc.parse(source)
    assert model.train is not None
    return Learner(model.model_graph, model.train, model.init_weights(seed), seed)


def keras_model(source: str, weights: Any) -> Any:
    """Keras' model, compiled as the train block says if there is one, with these weights."""
    model = graphc.parse(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = model.keras_json()
        # An optimizer that is built before may remember the weights that were there then.
        training = config.pop("compile_config")
        made = keras.saving.deserialize_keras_object(config)
        give(made, weights)
        if training is not None:
            made.compile_from_config(training)
    return made


def give(made: Any, weights: Any) -> None:
    """Put copies of our weights into Keras' model: both are in Keras' order.

    JAX takes aligned arrays as they are, and training changes ours in place.
    """
    for variable, value in zip(made.weights, weights.values(), strict=True):
        assert tuple(variable.shape) == value.shape
        variable.assign(value.copy())


def check_steps(
    source: str, batches: list[Batch], *, rtol: float = 1e-5, atol: float = 1e-6, seed: int = 1
) -> Learner:
    """Train both sides on the same batches; hold losses, metrics and weights against each other."""
    ours = learner_of(source, seed)
    theirs = keras_model(source, dict(ours.weights))
    meter = Meter(ours.goals)
    for batch in batches:
        meter.start()  # as `train_on_batch` does
        ours.train_on(batch, meter)
        logs = theirs.train_on_batch(*_keras_batch(theirs, batch), return_dict=True)
    check_logs(meter.logs(), logs)
    for variable, (key, value) in zip(theirs.weights, ours.weights.items(), strict=True):
        np.testing.assert_allclose(
            value, np.asarray(variable.value), rtol=rtol, atol=atol, err_msg=key
        )
    return ours


def check_evaluation(source: str, batch: Batch) -> None:
    """Hold the loss and the metrics of a batch against Keras', of a model as it starts."""
    ours = learner_of(source)
    meter = Meter(ours.goals)
    ours.evaluate_on(batch, meter)
    theirs = keras_model(source, ours.weights)
    check_logs(meter.logs(), theirs.test_on_batch(*_keras_batch(theirs, batch), return_dict=True))


def check_logs(ours: Any, theirs: Any) -> None:
    """Hold losses and metrics by name against Keras'."""
    for name, value in ours.items():
        np.testing.assert_allclose(
            value, np.asarray(theirs[name]), rtol=1e-4, atol=1e-5, err_msg=name
        )
    assert set(ours) == set(theirs)


def _keras_batch(made: Any, batch: Batch) -> tuple[Any, Any, Any]:
    inputs, targets, weights = (
        list(arrays.values()) for arrays in (batch.inputs, batch.targets, batch.weights)
    )
    single = len(targets) == 1
    y = targets[0] if single else targets
    sample_weight: Any = None
    if weights:
        sample_weight = weights[0] if single else weights
    return inputs if len(inputs) > 1 else inputs[0], y, sample_weight
