"""The page of a layer: signature, arguments, inputs, and an example of what it makes."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from graphc.analysis.cost import for_one
from graphc.analysis.layer_example import LayerExample, layer_example
from graphc.declare.arg import Argument
from graphc.declare.definition import registry
from graphc.declare.layer import Layer
from graphc.declare.values import value_text
from graphc.ir.types import TensorType

_WIDTH = 96


def layer_page(cls: type[Layer]) -> str:
    """The page of one layer as plain text."""
    parts = [_signature(cls), inspect.cleandoc(cls.__doc__ or ""), _arguments(cls), _needs(cls)]
    example = layer_example(cls)
    if example is not None:
        parts.append(_example(example))
    return "\n\n".join(part for part in parts if part) + "\n"


def first_sentence(cls: type[Layer]) -> str:
    """The first line of a layer's documentation."""
    return inspect.cleandoc(cls.__doc__ or "").split("\n", maxsplit=1)[0]


def _signature(cls: type[Layer]) -> str:
    shown = []
    is_open = True
    for argument in _in_order(cls):
        if argument.is_keyword_only and is_open:
            shown.append("*")
            is_open = False
        shown.append(argument.name + ("" if argument.is_required else f"={_default(argument)}"))
    head = f"{cls.__name__}("
    return textwrap.fill(
        head + ", ".join(shown) + ")", _WIDTH, subsequent_indent="    ", break_long_words=False
    )


def _in_order(cls: type[Layer]) -> list[Argument]:
    """The arguments as a call gives them: those that every layer has come last."""
    return sorted(cls.arguments.values(), key=lambda argument: argument.is_keyword_only)


def _default(argument: Argument) -> str:
    return value_text(argument.default)


def _arguments(cls: type[Layer]) -> str:
    widest = max(map(len, cls.arguments), default=0)
    lines = ["Arguments"]
    for argument in _in_order(cls):
        text = argument.rule.sentence
        if not argument.is_required:
            text += f" (default {_default(argument)})"
        indent = " " * (widest + 4)
        filled = textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        lines.append(f"  {argument.name:<{widest}}  {filled.lstrip()}")
    return "\n".join(lines)


def _needs(cls: type[Layer]) -> str:
    parameters = cls.call.__code__.co_varnames[2 : cls.call.__code__.co_argcount]
    lines = [
        f"  {name}: {need.sentence}"
        for name in parameters
        if not callable(need := cls.needs.get(name)) and need is not None
    ]
    others = [name for name in parameters if name not in cls.needs]
    if others:
        lines.append(f"  {'also ' if lines else ''}{', '.join(others)}")
    return "\n".join(["Inputs", *lines]) if lines else ""


def _example(example: LayerExample) -> str:
    inputs = ", ".join(_input_text(value) for _, value in example.inputs)
    outputs = ", ".join(str(type) for type in example.signature.outputs)
    lines = ["Example", f"  {inputs} -> {example.layer} -> {outputs}"]
    for weight in example.signature.weights:
        kind = "" if weight.is_trainable else ", not trained"
        shape = ", ".join(map(str, weight.shape))
        lines.append(f"    {weight.path} [{shape}]{kind}")
    parameters = sum(weight.size for weight in example.signature.weights)
    cost = example.trace.cost
    lines.append(
        f"    {parameters:,} params, {_count(cost.macs)} MACs, {_count(cost.flops)} FLOPs "
        "per example"
    )
    return "\n".join(lines)


def _input_text(value: Any) -> str:
    if isinstance(value, TensorType):
        return str(value)
    return "[" + ", ".join(map(str, value)) + "]"


def _count(value: Any) -> str:
    count = for_one(value)
    return f"{count:,}" if isinstance(count, int) else str(count)


def layers_overview() -> str:
    """All layers by the module that defines them, each with its first sentence."""
    layers = registry("layer")
    names = {cls: name for name, cls in layers.items() if name == cls.__name__}
    families: dict[str, list[type[Layer]]] = {}
    for cls in names:
        families.setdefault(cls.__module__.rsplit(".", maxsplit=1)[-1], []).append(cls)
    widest = max(map(len, names.values()), default=0)
    lines = []
    for family in sorted(families):
        lines.append(family.replace("_", " "))
        lines += [
            f"  {cls.__name__:<{widest}}  {first_sentence(cls)}"
            for cls in sorted(families[family], key=lambda cls: cls.__name__)
        ]
    return "\n".join(lines) + "\n"
