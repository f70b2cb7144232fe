"""The arguments of losses, metrics, optimizers, … against the installed Keras'."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import graphc.training
from graphc.declare import MISSING, registry
from tests.differential.definitions import MODULES
from tests.differential.harness import keras

assert set(MODULES) < set(graphc.training.FAMILIES)

LEFT_OUT = {
    ("loss", "Loss"): "a base class",
    ("metric", "Metric"): "a base class",
    ("metric", "MeanMetricWrapper"): "wraps a Python function",
    ("optimizer", "Optimizer"): "a base class",
    ("optimizer", "MultiOptimizer"): "maps patterns of paths, which could take for ever, to others",
    ("optimizer", "OptimizerMap"): "is for MultiOptimizer alone",
    ("schedule", "LearningRateSchedule"): "a base class",
    ("initializer", "Initializer"): "a base class",
    ("regularizer", "Regularizer"): "a base class",
    ("constraint", "Constraint"): "a base class",
    ("callback", "Callback"): "a base class",
    ("callback", "CallbackList"): "Keras makes it of `callbacks`",
    ("callback", "History"): "Keras adds it by itself",
    ("callback", "ProgbarLogger"): "Keras adds it by itself, by `verbose`",
    ("callback", "LambdaCallback"): "wraps Python functions",
    ("callback", "LearningRateScheduler"): "wraps a Python function; a schedule does the same",
    ("callback", "RemoteMonitor"): "sends data over the network",
    ("callback", "OrbaxCheckpoint"): "needs a package of its own, for many hosts",
}

PUBLIC = [
    (family, name)
    for family, module in MODULES.items()
    for name, member in sorted(vars(module).items())
    if inspect.isclass(member)
]
COVERED = [(family, name) for family, name in PUBLIC if (family, name) not in LEFT_OUT]


def test_what_is_left_out_is_there():
    assert set(LEFT_OUT) <= set(PUBLIC)
    for family, name in LEFT_OUT:
        assert name not in registry(family)


@pytest.mark.parametrize(("family", "name"), COVERED)
def test_arguments(family, name):
    ours = registry(family).find(name)
    assert ours is not None
    theirs = parameters(getattr(MODULES[family], name))
    assert list(ours.arguments) == [parameter.name for parameter in theirs]
    for argument, parameter in zip(ours.arguments.values(), theirs, strict=True):
        assert not argument.is_keyword_only
        has_default = parameter.default is not inspect.Parameter.empty
        assert has_default == (argument.default is not MISSING), argument.name
        if has_default:
            assert argument.default == parameter.default, argument.name
            assert type(argument.default) is type(parameter.default), argument.name


def parameters(cls: Any) -> list[inspect.Parameter]:
    if cls.__init__ is object.__init__:
        return []
    found = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return [p for p in found if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("family", MODULES)
def test_nothing_is_of_our_own_making(family):
    public = {name for kind, name in COVERED if kind == family}
    theirs = {registry(family).find(name) for name in public}
    assert set(registry(family).values()) == theirs


TABLES = {
    "loss": keras.src.losses.ALL_OBJECTS_DICT,
    "metric": keras.src.metrics.ALL_OBJECTS_DICT,
    "optimizer": keras.src.optimizers.ALL_OBJECTS_DICT,
    "initializer": keras.src.initializers.ALL_OBJECTS_DICT,
    "regularizer": keras.src.regularizers.ALL_OBJECTS_DICT,
    "constraint": keras.src.constraints.ALL_OBJECTS_DICT,
}
BASES = {name.lower() for _, name in LEFT_OUT} | {"lossfunctionwrapper", "constraint"}


def plain(name: str) -> str:
    return name.replace("_", "").lower()


@pytest.mark.parametrize(
    ("family", "name"),
    [
        (family, name)
        for family, table in TABLES.items()
        for name in sorted(name for name in table if name is not None)  # Keras makes it of a set
        if plain(name) not in BASES
    ],
)
def test_every_name_that_keras_knows(family, name):
    theirs = TABLES[family][name]
    ours = registry(family).find(name)
    assert ours is not None
    # A loss may be known by its function: `mse` is `mean_squared_error`.
    assert plain(ours.__name__) == plain(theirs.__name__)


def test_train_keys_are_those_of_compile_and_fit():
    ours = registry("train")["TrainConfig"].arguments
    theirs = {
        parameter.name: parameter
        for method in (keras.Model.compile, keras.Model.fit)
        for parameter in parameters_of(method)
    }
    from_the_command_line = {"x", "y", "validation_data", "sample_weight"}
    assert set(ours) == set(theirs) - from_the_command_line
    for name, argument in ours.items():
        if name != "loss":  # without one there is nothing to train for
            assert argument.default == theirs[name].default, name


def parameters_of(method: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[1:]
