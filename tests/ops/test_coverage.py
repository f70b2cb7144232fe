from __future__ import annotations

import inspect
import warnings
from operator import attrgetter

import pytest

from graphc.declare import OPS
from graphc.declare.op import Op
from graphc.ops.activation import activations
from tests.differential.harness import keras

TAKES_FUNCTIONS = "it takes a Python function, which the language has no way to write"
NOT_OURS: dict[str, str] = {
    **dict.fromkeys(
        [
            "associative_scan",
            "cond",
            "custom_gradient",
            "fori_loop",
            "jvp",
            "map",
            "scan",
            "switch",
            "vectorize",
            "vectorized_map",
            "while_loop",
        ],
        TAKES_FUNCTIONS,
    ),
    "convert_to_numpy": "it gives an array of another library, and no tensor",
    "nonzero": "how many places it gives depends on what is in the tensor",
}
# Arguments that Keras hides in **kwargs, or names that it gives no default.
OTHER_SIGNATURE = {
    "layer_normalization": "rms_scaling stands in Keras' **kwargs",
    "multi_hot": "num_tokens stands in Keras' **kwargs",
}


def public_names(module: object) -> list[str]:
    return [
        name for name in dir(module) if not name.startswith("_") and callable(getattr(module, name))
    ]


def theirs(name: str) -> object:
    return attrgetter(OPS[name].public_path.removeprefix("keras."))(keras)


NAMES = [
    *public_names(keras.ops),
    *(f"image.{name}" for name in public_names(keras.ops.image)),
    "keras.activations.relu",  # as a node of a model it is no `keras.ops.relu`
]
OURS = [name for name in NAMES if name not in NOT_OURS]


def test_every_public_name_of_keras_is_here_or_has_its_reason():
    assert [name for name in NAMES if name not in OPS] == sorted(NOT_OURS)


def test_the_modules_of_keras_ops_have_no_further_names():
    for module in (keras.ops.nn, keras.ops.linalg, keras.ops.numpy):
        assert set(public_names(module)) <= set(NAMES)


def test_nothing_is_here_that_keras_lacks():
    short = {name.removeprefix("image.") for name in NAMES}
    own = [name for name in OPS if name.removeprefix("image.") not in short]
    assert own == ["re_lu"]
    assert theirs("re_lu") is keras.activations.relu


@pytest.mark.parametrize("name", OURS)
def test_signature_is_keras(name: str) -> None:
    if name in OTHER_SIGNATURE:
        return
    expected = parameters(theirs(name))
    assert parameters(OPS[name].function) == expected


def parameters(function: object) -> list[tuple[str, object]]:
    found = inspect.signature(function).parameters.values()
    named = [p for p in found if p.kind is not inspect.Parameter.VAR_KEYWORD]
    return [(p.name, p.default) for p in named]


@pytest.mark.parametrize("name", OURS)
def test_arguments_have_rules_and_a_first_line(name: str) -> None:
    op = OPS[name]
    assert all(argument.rule is not None for argument in op.arguments.values())
    assert op.doc.split("\n")[0].endswith("."), op.doc


def test_every_activation_of_keras_is_here():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from keras.src.activations import ALL_OBJECTS_DICT
    assert set(activations()) == set(ALL_OBJECTS_DICT) - {None}


@pytest.mark.parametrize("name", list(activations()))
def test_arguments_of_activations_are_keras(name: str) -> None:
    if name in ("relu", "linear", "softmax"):
        return  # Keras' have more arguments there, or none
    made: Op = activations()[name]
    assert parameters(made.function) == parameters(keras.activations.get(name))
