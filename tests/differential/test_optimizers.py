"""Optimizers and schedules: what they remember and what they reject, against Keras'."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from graphc.declare import registry
from graphc.diagnostics.fault import Fault
from graphc.training.optimizer import OPTIMIZER
from tests.differential.harness import keras

WEIGHTS = [
    ("dense/kernel", (5, 3)),
    ("dense/bias", (3,)),
    ("embedding/embeddings", (7, 4)),
    ("conv2d/kernel", (3, 3, 2, 4)),
    ("scale", ()),
]


class D:
    """A definition of both sides."""

    def __init__(self, class_name: str, *args: Any, **config: Any) -> None:
        self.class_name, self.args, self.config = class_name, args, config

    def ours(self) -> Any:
        cls = registry("optimizer").find(self.class_name)
        cls = cls or registry("schedule")[self.class_name]
        return cls(*map(ours, self.args), **{k: ours(v) for k, v in self.config.items()})

    def theirs(self) -> Any:
        found = getattr(keras.optimizers, self.class_name, None)
        found = found or getattr(keras.optimizers.schedules, self.class_name)
        return found(*map(theirs, self.args), **{k: theirs(v) for k, v in self.config.items()})

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.config.items())]
        return f"{self.class_name}({', '.join(given)})"


def ours(value: Any) -> Any:
    return value.ours() if isinstance(value, D) else value


def theirs(value: Any) -> Any:
    return value.theirs() if isinstance(value, D) else value


PLAIN = [
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion"),
    *("Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW"),
]
COSINE = D("CosineDecay", 0.1, 100)

OPTIMIZERS = [
    *(D(name) for name in PLAIN),
    *(D(name, use_ema=True) for name in PLAIN),
    *(D(name, gradient_accumulation_steps=2) for name in PLAIN),
    *(D(name, COSINE) for name in PLAIN),
    D("SGD", momentum=0.9),
    D("SGD", 0.1, momentum=0.9, nesterov=True, use_ema=True, gradient_accumulation_steps=4),
    D("RMSprop", momentum=0.1),
    D("RMSprop", centered=True),
    D("RMSprop", momentum=0.1, centered=True),
    D("Adam", amsgrad=True),
    D("AdamW", amsgrad=True, weight_decay=0.1),
    D("Adafactor", relative_step=False),
    D("Muon", exclude_layers=["dense"]),
    D("Muon", exclude_embeddings=False),
    D("LossScaleOptimizer", D("Adam")),
    D("LossScaleOptimizer", D("SGD", COSINE, momentum=0.5, use_ema=True), initial_scale=8.0),
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
    adam = D("Adam", amsgrad=True, use_ema=True).ours()
    assert adam.slots((5, 3)) == ((5, 3),) * 4
    assert D("Adafactor").ours().slots((5, 3)) == ((5,), (3,), (5, 3))
    assert D("Muon").ours().slots((5, 3), "embedding/embeddings") == ((5, 3), (5, 3))
    assert D("SGD").ours().slots((5, 3)) == ()


REJECTED = [
    D("SGD", "fast"),
    D("SGD", None),
    D("SGD", 0.1, momentum=1.5),
    D("SGD", momentum=-0.1),
    D("SGD", gradient_accumulation_steps=1),
    D("SGD", use_ema=True, ema_momentum=1.5),
    D("SGD", use_ema=True, ema_momentum=-0.5),
    D("SGD", use_ema=True, ema_overwrite_frequency=0.5),
    D("SGD", clipnorm=1.0, clipvalue=1.0),
    D("SGD", clipnorm=1.0, global_clipnorm=1.0),
    D("Adam", beta_3=0.5),
    D("AdamW", weight_decay=None),
    D("Lion", beta_1=0.0),
    D("Lion", beta_1=1.5),
    D("Ftrl", initial_accumulator_value=-1.0),
    D("Ftrl", learning_rate_power=0.5),
    D("Ftrl", l1_regularization_strength=-1.0),
    D("Ftrl", l2_regularization_strength=-1.0),
    D("Ftrl", l2_shrinkage_regularization_strength=-1.0),
    D("LossScaleOptimizer"),
    D("LossScaleOptimizer", D("Adam"), clipnorm=1.0),
    D("ExponentialDecay", 0.1, 0, 0.5),
    D("ExponentialDecay", 0.1, 100),
    D("InverseTimeDecay", 0.1, -1, 0.5),
    D("PolynomialDecay", 0.1, 0),
    D("CosineDecay", 0.1, 0),
    D("CosineDecayRestarts", 0.1, 0),
    D("PiecewiseConstantDecay", [100], [0.1]),
    D("PiecewiseConstantDecay", [100], [0.1, 0.2, 0.3]),
]

ACCEPTED = [
    D("SGD", 0.1, 0.9, True),
    D("SGD", 0.0),
    D("SGD", clipnorm=1.0),
    D("SGD", global_clipnorm=1.0),
    D("SGD", use_ema=True, ema_overwrite_frequency=10),
    D("SGD", weight_decay=0.01, name="descent"),
    D("Adam", 0.001, 0.8, 0.9, 1e-5, True),
    D("Adam", loss_scale_factor=1024.0),
    D("Ftrl", learning_rate_power=0.0),
    D("Lion", beta_1=1.0),
    D("Muon", exclude_layers=["head", "block_1"], ns_steps=3),
    D("ExponentialDecay", 0.1, 100, 0.9, True, "slow"),
    D("CosineDecay", 0.0, 1000, warmup_target=0.1, warmup_steps=100),
    D("CosineDecayRestarts", 0.1, 100, 1.5, 0.9, 0.01),
    D("PiecewiseConstantDecay", [100, 200], [0.1, 0.05, 0.01]),
    D("PolynomialDecay", 0.1, 100, 0.01, 2.0, True),
    D("InverseTimeDecay", 0.1, 100, 0.5, staircase=True),
]


def rejects(make: Any, *errors: type[Exception]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            make()
        except errors:
            return True
    return False


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejections(case):
    assert rejects(case.theirs, ValueError, TypeError)
    assert rejects(case.ours, Fault)


@pytest.mark.parametrize("case", ACCEPTED, ids=repr)
def test_acceptances(case):
    assert not rejects(case.theirs, ValueError, TypeError)
    assert not rejects(case.ours, Fault)


# Where we are stricter than Keras.
STRICTER = [
    D("SGD", -0.1),  # climbs
    D("SGD", gradient_accumulation_steps=0),  # Keras takes it for None
    D("SGD", ema_momentum=1.5),  # Keras looks at it only with use_ema=True
    D("SGD", clipnorm=0.0),  # nothing would be left of any gradient
    D("SGD", clipvalue=-1.0),
    D("SGD", weight_decay=-0.1),  # grows
    D("SGD", loss_scale_factor=0.0),
    D("Adam", beta_1=1.0),  # divides by 1 - beta, which is 0
    D("Adam", beta_2=1.5),
    D("Adam", epsilon=-1.0),
    D("RMSprop", rho=1.5),
    D("RMSprop", momentum=-0.5),  # Keras takes it for 0
    D("Adagrad", initial_accumulator_value=-1.0),  # the root of a negative number
    D("Adafactor", beta_2_decay=0.8),  # a mean with negative weights
    D("Muon", exclude_layers=["(a+)+$"]),  # patterns could take for ever
    D("LossScaleOptimizer", D("LossScaleOptimizer", D("Adam"))),
    D("CosineDecay", -0.1, 100),
    D("CosineDecay", 0.1, 100, alpha=2.0),
    D("ExponentialDecay", 0.1, 100, -0.5),  # a root of a negative number
    D("PiecewiseConstantDecay", [200, 100], [0.1, 0.05, 0.01]),  # the second is never reached
]


@pytest.mark.parametrize("case", STRICTER, ids=repr)
def test_what_keras_lets_pass(case):
    assert not rejects(case.theirs, ValueError, TypeError)
    assert rejects(case.ours, Fault)


# Whole numbers are numbers: they become floats, which is what Keras asks for.
LAXER = [D("SGD", 1), D("SGD", 0.1, momentum=0)]


@pytest.mark.parametrize("case", LAXER, ids=repr)
def test_whole_numbers_become_floats(case):
    assert rejects(case.theirs, ValueError, TypeError)
    made = case.ours()
    assert isinstance(made.learning_rate, float)
    assert isinstance(made.momentum, float)


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM", "rmsprop", "adamw", "sgd"])
def test_names_in_any_case(name):
    assert type(OPTIMIZER.accept(name)).__name__ == type(keras.optimizers.get(name)).__name__


def test_a_rate_is_a_number_or_a_schedule():
    with pytest.raises(Fault) as caught:
        D("SGD", -0.1).ours()
    assert caught.value.message == (
        "needs `learning_rate` to be a number of at least 0, or a schedule such as "
        "CosineDecay(0.1, 1000), got -0.1"
    )
