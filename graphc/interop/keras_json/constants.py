"""Initializers and the like that many layers share, as constants of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.finish import class_of
from graphc.interop.keras_json.rewriting import rewritten
from graphc.syntax import nodes

FEWEST_USES = 3
_SHARED_FAMILIES = ("initializer", "regularizer", "constraint")


def with_constants(items: list[nodes.Item], is_taken: Callable[[str], bool]) -> list[nodes.Item]:
    """The items, with what is configured alike again and again made once, as a constant."""
    uses = Counter(each for item in items for each in _configured(item))
    names: dict[nodes.Call, str] = {}
    bound = {name for item in items for name in all_names(item)}
    for call, count in uses.items():
        cls = class_of(call)
        if count >= FEWEST_USES and cls is not None:
            name, number = cls.family, 1
            while is_taken(name) or name in bound or name in names.values():
                number += 1
                name = f"{cls.family}_{number}"
            names[call] = name
    if not names:
        return items
    constants = [nodes.Const(build.SPAN, name, build.SPAN, call) for call, name in names.items()]
    changed = [rewritten(item, lambda node: _named(node, names)) for item in items]
    return [*constants, *changed]


def _named(node: Any, names: dict[nodes.Call, str]) -> Any:
    is_constant = isinstance(node, nodes.Call) and node in names
    return build.name(names[node]) if is_constant else node


def _configured(node: Any) -> Iterator[nodes.Call]:
    """The calls that make initializers and the like of arguments that stand there."""
    if isinstance(node, tuple):
        for item in node:
            yield from _configured(item)
    elif isinstance(node, nodes.Node):
        if isinstance(node, nodes.Call) and node.arguments and _is_constant(node):
            yield node
            return
        for field in type(node).__fields__:
            yield from _configured(getattr(node, field))


def _is_constant(call: nodes.Call) -> bool:
    cls = class_of(call)
    if cls is None or cls.family not in _SHARED_FAMILIES:
        return False
    return not any(True for _ in _variables(call.arguments))


def _variables(node: Any) -> Iterator[str]:
    """The names in arguments that may be those of a loop."""
    if isinstance(node, nodes.Argument):
        yield from _variables(node.value)
    elif isinstance(node, nodes.Name):
        yield node.id
    elif isinstance(node, nodes.Call):
        yield from _variables(node.arguments)
    elif isinstance(node, tuple):
        for item in node:
            yield from _variables(item)
    elif isinstance(node, nodes.Expression) and not isinstance(node, nodes.Literal):
        for field in type(node).__fields__:
            yield from _variables(getattr(node, field))


def all_names(node: Any) -> Iterator[str]:
    """All names that stand in a tree, bound or used."""
    if isinstance(node, tuple):
        for item in node:
            yield from all_names(item)
    elif isinstance(node, (nodes.Target, nodes.Input, nodes.Definition)) and node.name:
        yield node.name
    elif isinstance(node, nodes.Name):
        yield node.id
    if isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            yield from all_names(getattr(node, field))
