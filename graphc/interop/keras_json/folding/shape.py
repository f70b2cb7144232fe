"""The form of statements, values aside: what repeats has the same form again and again."""

from __future__ import annotations

from typing import Any

from graphc.interop.keras_json.build import BlockCall
from graphc.interop.keras_json.finish import class_of
from graphc.interop.keras_json.folding.unify import Hole
from graphc.syntax import nodes


def form(node: Any) -> Any:
    """A hashable form: equal for statements that may differ in values alone."""
    if isinstance(node, tuple):
        return tuple(map(form, node))
    if isinstance(node, nodes.Literal):
        return "…"
    if isinstance(node, nodes.Named):
        return ("as", form(node.value))
    if isinstance(node, nodes.Call) and class_of(node) is not None:
        return node.function
    if isinstance(node, nodes.Call):
        given = tuple(form(each.value) for each in node.arguments if each.name is None)
        return (node.function, given)
    if isinstance(node, (nodes.Input, nodes.Output, nodes.Weight)):
        return id(node)
    if isinstance(node, nodes.For):
        return ("for", node.targets, form(node.body))
    if isinstance(node, (nodes.Name, nodes.Target)):
        return node
    if isinstance(node, nodes.Node):
        fields = type(node).__fields__
        return (type(node), *[form(getattr(node, field)) for field in fields if field != "span"])
    return node


def size(node: Any) -> int:
    """How much there is to read: about the number of words and numbers."""
    if isinstance(node, tuple):
        return sum(map(size, node))
    if isinstance(node, (nodes.Literal, nodes.Name, Hole)):
        return 1
    if isinstance(node, BlockCall):
        return size(node.written())
    if isinstance(node, nodes.Node):
        return 1 + sum(size(getattr(node, f)) for f in type(node).__fields__ if f != "span")
    return 0
