"""How each tensor function is taken apart, against the class that Keras has for it."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

import graphc.ops  # noqa: F401 - fills the registry
from graphc.declare.op import OPS, Op
from graphc.keras_format.operations import WITHOUT_CLASS, is_setting, module_of, parts_of
from tests.differential.harness import keras

FUNCTIONS = {op.name: op for op in OPS.values()}
# A function's name for an operand, where the class has another.
RENAMED = {"extract_patches_3d": {"volumes": "images"}}
IGNORED = {
    "multi_hot": {"num_tokens", "kwargs"},
    "einsum": {"kwargs"},
    "rearrange": {"axes_lengths"},
}


@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if op.name not in WITHOUT_CLASS],
                         ids=lambda op: op.name)  # fmt: skip
def test_function(op: Op) -> None:
    cls = getattr(import_module(module_of(op)), op.class_name)
    assert cls.__module__ == module_of(op)
    ignored = {"self", "name", *IGNORED.get(op.name, set())}
    settings = set(inspect.signature(cls.__init__).parameters) - ignored
    operands = [p for p in inspect.signature(cls.call).parameters if p not in ignored]
    ours = [n for n in op.arguments if n not in ignored]
    assert {name for name in ours if is_setting(op, name)} == settings
    if not op.variadic or op.takes_any_name:
        names = RENAMED.get(op.name, {})
        assert [names.get(n, n) for n in ours if not is_setting(op, n)] == operands


def recorded(function: str, given: dict[str, Any]) -> tuple[int, set[str]]:
    """How many operands Keras records by place in a call of a function, and which by name."""
    tensors = {
        n: keras.KerasTensor(shape) for n, shape in given.items() if isinstance(shape, tuple)
    }
    made = getattr(keras.ops, function)(**{**given, **tensors})
    arguments = made._keras_history.operation._inbound_nodes[0].arguments
    return len(arguments.args), set(arguments.kwargs)


@pytest.mark.parametrize(
    ("function", "given"),
    [
        ("average", {"x": (2, 3), "weights": (2, 3)}),
        ("pad", {"x": (2, 3), "pad_width": 1, "constant_values": 2.0}),
        ("rms_normalization", {"x": (2, 3), "scale": (3,)}),
        (
            "dot_product_attention",
            {"query": (2, 5, 2, 4), "key": (2, 5, 2, 4), "value": (2, 5, 2, 4),
             "bias": (2, 2, 5, 5), "mask": (2, 2, 5, 5), "scale": 0.5},
        ),
        ("where", {"condition": (2, 3), "x1": (2, 3), "x2": 0.0}),
        ("add", {"x1": (2, 3), "x2": 0.0}),
    ],
)  # fmt: skip
def test_operands_by_name(function: str, given: dict[str, Any]) -> None:
    parts = parts_of(FUNCTIONS[function], given)
    assert (len(parts.args), set(parts.kwargs)) == recorded(function, given)


def test_functions_without_a_class() -> None:
    modules = [import_module(f"keras.src.ops.{n}") for n in ("numpy", "core", "nn", "math")]
    for name in WITHOUT_CLASS:
        found = [getattr(module, FUNCTIONS[name].class_name, None) for module in modules]
        assert not any(isinstance(cls, type) and cls.__module__ == m.__name__
                       for cls, m in zip(found, modules, strict=True)), name  # fmt: skip
        assert hasattr(keras.ops, name)
