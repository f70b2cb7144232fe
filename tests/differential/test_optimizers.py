"""Optimizers and schedules: what they remember and what they reject, against Keras'."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from graphc.diagnostics.fault import Fault
from graphc.training.optimizer import OPTIMIZER
from tests.differential.definitions import (
    D,
    check_refused,
    check_stricter,
    check_taken,
    keras_rejects,
)
from tests.differential.harness import keras

WEIGHTS = [
    ("dense/kernel", (5, 3)),
    ("dense/bias", (3,)),
    ("embedding/embeddings", (7, 4)),
    ("conv2d/kernel", (3, 3, 2, 4)),
    ("scale", ()),
]


def optimizer(class_name: str, *args: Any, **config: Any) -> D:
    return D("optimizer", class_name, *args, **config)


def schedule(class_name: str, *args: Any, **config: Any) -> D:
    return D("schedule", class_name, *args, **config)


PLAIN = [
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion"),
    *("Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW"),
]
COSINE = schedule("CosineDecay", 0.1, 100)

OPTIMIZERS = [
    *(optimizer(name) for name in PLAIN),
    *(optimizer(name, use_ema=True) for name in PLAIN),
    *(optimizer(name, gradient_accumulation_steps=2) for name in PLAIN),
    *(optimizer(name, COSINE) for name in PLAIN),
    optimizer("SGD", momentum=0.9),
    optimizer("SGD", 0.1, momentum=0.9, nesterov=True, use_ema=True, gradient_accumulation_steps=4),
    optimizer("RMSprop", momentum=0.1),
    optimizer("RMSprop", centered=True),
    optimizer("RMSprop", momentum=0.1, centered=True),
    optimizer("Adam", amsgrad=True),
    optimizer("AdamW", amsgrad=True, weight_decay=0.1),
    optimizer("Adafactor", relative_step=False),
    optimizer("Muon", exclude_layers=["dense"]),
    optimizer("Muon", exclude_embeddings=False),
    optimizer("LossScaleOptimizer", optimizer("Adam")),
    optimizer(
        "LossScaleOptimizer",
        optimizer("SGD", COSINE, momentum=0.5, use_ema=True),
        initial_scale=8.0,
    ),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_variables(optimizer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = optimizer.theirs()
        made.build([variable(path, shape) for path, shape in WEIGHTS])
    expected = sorted(tuple(variable.shape) for variable in made.variables)
    assert sorted(optimizer.ours().variables(WEIGHTS)) == expected


def variable(path: str, shape: tuple[int, ...]) -> Any:
    *scopes, name = path.split("/")
    with keras.name_scope(scopes[0] if scopes else "model"):
        return keras.Variable(keras.ops.zeros(shape), name=name)


def test_slots_of_one_weight():
    adam = optimizer("Adam", amsgrad=True, use_ema=True).ours()
    assert adam.slots((5, 3)) == ((5, 3),) * 4
    assert optimizer("Adafactor").ours().slots((5, 3)) == ((5,), (3,), (5, 3))
    assert optimizer("Muon").ours().slots((5, 3), "embedding/embeddings") == ((5, 3), (5, 3))
    assert optimizer("SGD").ours().slots((5, 3)) == ()


REJECTED = [
    optimizer("SGD", "fast"),
    optimizer("SGD", None),
    optimizer("SGD", 0.1, momentum=1.5),
    optimizer("SGD", momentum=-0.1),
    optimizer("SGD", gradient_accumulation_steps=1),
    optimizer("SGD", use_ema=True, ema_momentum=1.5),
    optimizer("SGD", use_ema=True, ema_momentum=-0.5),
    optimizer("SGD", use_ema=True, ema_overwrite_frequency=0.5),
    optimizer("SGD", clipnorm=1.0, clipvalue=1.0),
    optimizer("SGD", clipnorm=1.0, global_clipnorm=1.0),
    optimizer("Adam", beta_3=0.5),
    optimizer("AdamW", weight_decay=None),
    optimizer("Lion", beta_1=0.0),
    optimizer("Lion", beta_1=1.5),
    optimizer("Ftrl", initial_accumulator_value=-1.0),
    optimizer("Ftrl", learning_rate_power=0.5),
    optimizer("Ftrl", l1_regularization_strength=-1.0),
    optimizer("Ftrl", l2_regularization_strength=-1.0),
    optimizer("Ftrl", l2_shrinkage_regularization_strength=-1.0),
    optimizer("LossScaleOptimizer"),
    optimizer("LossScaleOptimizer", optimizer("Adam"), clipnorm=1.0),
    schedule("ExponentialDecay", 0.1, 0, 0.5),
    schedule("ExponentialDecay", 0.1, 100),
    schedule("InverseTimeDecay", 0.1, -1, 0.5),
    schedule("PolynomialDecay", 0.1, 0),
    schedule("CosineDecay", 0.1, 0),
    schedule("CosineDecayRestarts", 0.1, 0),
    schedule("PiecewiseConstantDecay", [100], [0.1]),
    schedule("PiecewiseConstantDecay", [100], [0.1, 0.2, 0.3]),
]

ACCEPTED = [
    optimizer("SGD", 0.1, 0.9, True),
    optimizer("SGD", 0.0),
    optimizer("SGD", clipnorm=1.0),
    optimizer("SGD", global_clipnorm=1.0),
    optimizer("SGD", use_ema=True, ema_overwrite_frequency=10),
    optimizer("SGD", weight_decay=0.01, name="descent"),
    optimizer("Adam", 0.001, 0.8, 0.9, 1e-5, True),
    optimizer("Adam", loss_scale_factor=1024.0),
    optimizer("Ftrl", learning_rate_power=0.0),
    optimizer("Lion", beta_1=1.0),
    optimizer("Muon", exclude_layers=["head", "block_1"], ns_steps=3),
    schedule("ExponentialDecay", 0.1, 100, 0.9, True, "slow"),
    schedule("CosineDecay", 0.0, 1000, warmup_target=0.1, warmup_steps=100),
    schedule("CosineDecayRestarts", 0.1, 100, 1.5, 0.9, 0.01),
    schedule("PiecewiseConstantDecay", [100, 200], [0.1, 0.05, 0.01]),
    schedule("PolynomialDecay", 0.1, 100, 0.01, 2.0, True),
    schedule("InverseTimeDecay", 0.1, 100, 0.5, staircase=True),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejections(case):
    check_refused(case)


@pytest.mark.parametrize("case", ACCEPTED, ids=repr)
def test_acceptances(case):
    check_taken(case)


# Where we are stricter than Keras.
STRICTER = [
    optimizer("SGD", -0.1),  # climbs
    optimizer("SGD", gradient_accumulation_steps=0),  # Keras takes it for None
    optimizer("SGD", ema_momentum=1.5),  # Keras looks at it only with use_ema=True
    optimizer("SGD", clipnorm=0.0),  # nothing would be left of any gradient
    optimizer("SGD", clipvalue=-1.0),
    optimizer("SGD", weight_decay=-0.1),  # grows
    optimizer("SGD", loss_scale_factor=0.0),
    optimizer("Adam", beta_1=1.0),  # divides by 1 - beta, which is 0
    optimizer("Adam", beta_2=1.5),
    optimizer("Adam", epsilon=-1.0),
    optimizer("RMSprop", rho=1.5),
    optimizer("RMSprop", momentum=-0.5),  # Keras takes it for 0
    optimizer("Adagrad", initial_accumulator_value=-1.0),  # the root of a negative number
    optimizer("Adafactor", beta_2_decay=0.8),  # a mean with negative weights
    optimizer("Muon", exclude_layers=["(a+)+$"]),  # patterns could take for ever
    optimizer("LossScaleOptimizer", optimizer("LossScaleOptimizer", optimizer("Adam"))),
    schedule("CosineDecay", -0.1, 100),
    schedule("CosineDecay", 0.1, 100, alpha=2.0),
    schedule("ExponentialDecay", 0.1, 100, -0.5),  # a root of a negative number
    schedule(
        "PiecewiseConstantDecay", [200, 100], [0.1, 0.05, 0.01]
    ),  # the second is never reached
]


@pytest.mark.parametrize("case", STRICTER, ids=repr)
def test_what_keras_lets_pass(case):
    check_stricter(case)


# Whole numbers are numbers: they become floats, which is what Keras asks for.
LAXER = [optimizer("SGD", 1), optimizer("SGD", 0.1, momentum=0)]


@pytest.mark.parametrize("case", LAXER, ids=repr)
def test_whole_numbers_become_floats(case):
    assert keras_rejects(case)
    made = case.ours()
    assert isinstance(made.learning_rate, float)
    assert isinstance(made.momentum, float)


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM", "rmsprop", "adamw", "sgd"])
def test_names_in_any_case(name):
    assert type(OPTIMIZER.accept(name)).__name__ == type(keras.optimizers.get(name)).__name__


def test_a_rate_is_a_number_or_a_schedule():
    with pytest.raises(Fault) as caught:
        optimizer("SGD", -0.1).ours()
    assert caught.value.message == (
        "needs `learning_rate` to be a number of at least 0, or a schedule such as "
        "CosineDecay(0.1, 1000), got -0.1"
    )
