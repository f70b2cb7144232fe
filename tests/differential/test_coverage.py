"""Every name of keras.layers is ours too, or stands here with its reason."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.layer import Layer
from tests.differential.harness import keras

CODE = "holds a program or a file that graphc does not read"
STRINGS = "works on strings, or on a vocabulary that only data gives, which tensors here never are"
BASE = "a base class, with no computation of its own"
INPUT = "the language writes `input NAME: dtype[dims]`"
FUNCTION = "a function that makes a layer and applies it: pipe into the layer"
SERIALIZATION = "makes layers of dicts and dicts of layers"

WITHOUT = {
    "FlaxLayer": CODE,
    "JaxLayer": CODE,
    "Lambda": CODE,
    "TFSMLayer": CODE,
    "TorchModuleWrapper": CODE,
    "HashedCrossing": STRINGS,
    "Hashing": STRINGS,
    "IntegerLookup": STRINGS,
    "StringLookup": STRINGS,
    "TextVectorization": STRINGS,
    "Layer": BASE,
    "Wrapper": BASE,
    "InputSpec": "what Keras' layers need of their inputs: `needs` here",
    "Input": INPUT,
    "InputLayer": INPUT,
    "add": FUNCTION,
    "average": FUNCTION,
    "concatenate": FUNCTION,
    "dot": FUNCTION,
    "maximum": FUNCTION,
    "minimum": FUNCTION,
    "multiply": FUNCTION,
    "subtract": FUNCTION,
    "deserialize": SERIALIZATION,
    "serialize": SERIALIZATION,
}
NOT_KERAS = {
    "GroupedQueryAttention": "the name of Keras' class, public as GroupQueryAttention",
    "Opaque": "stands for classes that are not known",
}

PUBLIC = sorted(name for name in dir(keras.layers) if not name.startswith("_"))
OURS = dict(registry("layer").items())


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names(name: str) -> None:
    assert (name in OURS) != (name in WITHOUT)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_names(name: str) -> None:
    is_public = OURS[name].keras_module == Layer.keras_module
    assert (name in PUBLIC) == (is_public and name not in NOT_KERAS)


def test_names_of_one_layer_are_those_of_one_layer_in_keras() -> None:
    ours = {
        (one, other): OURS[one] is OURS[other]
        for one in PUBLIC
        for other in PUBLIC
        if one in OURS and other in OURS
    }
    theirs = {
        (one, other): getattr(keras.layers, one) is getattr(keras.layers, other)
        for one, other in ours
    }
    assert ours == theirs


# Keyword arguments that Keras takes from **kwargs without declaring them.

OWN = [
    (name, argument)
    for name, cls in sorted(OURS.items())
    for argument in cls.arguments.values()
    if argument.is_keyword_only and name in PUBLIC
    if argument.name not in Layer.arguments
]


@pytest.mark.parametrize(("name", "argument"), OWN, ids=lambda value: getattr(value, "name", value))
def test_keyword_arguments_are_named_in_keras(name: str, argument: Any) -> None:
    """Somewhere up the class, `__init__` has the name, or takes it out of what is left."""
    classes = inspect.getmro(getattr(keras.layers, name))
    found = [cls for cls in classes if "__init__" in vars(cls) and cls is not object]
    assert any(_takes(cls, argument.name) for cls in found)


def _takes(cls: type, name: str) -> bool:
    is_parameter = name in inspect.signature(cls.__init__).parameters
    return is_parameter or f'"{name}"' in inspect.getsource(cls.__init__)


FIXED = {
    "Discretization",
    "Pipeline",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
}


@pytest.mark.parametrize("name", sorted(set(OURS) & set(PUBLIC)))
def test_base_arguments(name: str) -> None:
    """`name`, `dtype`, `trainable` and `activity_regularizer`, unless a signature is closed."""
    parameters = inspect.signature(getattr(keras.layers, name).__init__).parameters.values()
    is_open = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    assert is_open == (name not in FIXED)
    trainable = OURS[name].arguments["trainable"].rule
    assert (False in trainable.valid) == is_open
