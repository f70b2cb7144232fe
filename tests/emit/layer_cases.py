"""The cases of the differential tests as texts of the language."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from tests.differential.harness import L, T
from tests.differential.test_argument_samples import ELSEWHERE, LAYERS, inputs, samples

MODULES = (
    "activation", "attention", "convolution", "core", "merging", "normalization", "pooling",
    "preprocessing", "recurrent", "regularization", "reshaping", "wrappers",
)  # fmt: skip


def table_cases() -> Iterator[tuple[Any, ...]]:
    """The rows of the tables: a layer and its inputs."""
    for name in MODULES:
        module = import_module(f"tests.differential.test_{name}")
        for function in vars(module).values():
            for mark in getattr(function, "pytestmark", ()):
                if mark.name == "parametrize":
                    yield from _rows(mark.args[1])


def _rows(values: Any) -> Iterator[tuple[Any, ...]]:
    for each in values:
        row = getattr(each, "values", each)
        row = row[0] if hasattr(each, "marks") and len(row) == 1 else row
        if isinstance(row, tuple) and row and isinstance(row[0], L):
            yield row


def argument_cases() -> Iterator[tuple[Any, ...]]:
    """Every sample that the rule of an argument allows."""
    for name in LAYERS:
        yield (L(name, **LAYERS[name][1]), *inputs(name))
        for layer, argument in samples(name, "valid"):
            if (name, argument) not in ELSEWHERE:
                yield (layer, *inputs(name))


def text_of(case: tuple[Any, ...]) -> str | None:
    """A model that applies the layer of a case; None for what has no text."""
    layer, *given = case
    made: list[str] = []
    names: list[str] = []
    for value in given:
        piped = _input(value, made)
        if piped is None:
            return None
        names.append(piped)
    source = names[0] if len(names) == 1 else f"({', '.join(names)})"
    lines = [f"    {line}\n" for line in made]
    spelled = _layer(layer)
    return f"model net {{\n{''.join(lines)}    output {source} -> {spelled}\n}}\n"


def _input(value: Any, made: list[str]) -> str | None:
    if isinstance(value, (list, tuple)):
        items = [_input(item, made) for item in value]
        return None if None in items else f"[{', '.join(map(str, items))}]"
    if not isinstance(value, T) or value.masked:
        return None
    name = f"input_{len(made)}"
    dims = ", ".join("?" if dim is None else str(dim) for dim in value.dims)
    dtype = "" if value.dtype == "float32" else value.dtype
    made.append(f"input {name}: {dtype}[{dims}]")
    return name


def _layer(layer: L) -> str:
    args = [_value(each) for each in layer.args]
    args += [f"{name}={_value(each)}" for name, each in layer.config.items()]
    return f"{layer.class_name}({', '.join(args)})"


def _value(value: Any) -> str:
    if isinstance(value, L):
        return _layer(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return str(value) if hasattr(value, "changed_values") else repr(value)
