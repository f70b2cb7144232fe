"""Equality of trees, whatever the layout of their texts."""

from __future__ import annotations

from graphc.source import Span
from graphc.syntax import nodes


def same_tree(a: nodes.Node, b: nodes.Node) -> bool:
    """Whether two trees mean the same, wherever their nodes stand.

    A layer's name may be given as an argument in the one and with `as` in the other. Of
    files, the comments count too.
    """
    return _same(a, b)


def _same(a: object, b: object) -> bool:
    if isinstance(a, nodes.Call | nodes.Named):
        a = _with_name_outside(a)
    if isinstance(b, nodes.Call | nodes.Named):
        b = _with_name_outside(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, nodes.Comment) and isinstance(b, nodes.Comment):
        return a.span.text.rstrip() == b.span.text.rstrip()
    if isinstance(a, nodes.Node):
        return all(_same(getattr(a, f), getattr(b, f)) for f in type(a).__fields__)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return isinstance(a, Span) or a == b


def _with_name_outside(node: nodes.Call | nodes.Named) -> nodes.Call | nodes.Named:
    """Write `Dense(3, name="a")` and `Dense(3) as a` alike, as `Dense(3) as "a"`."""
    if isinstance(node, nodes.Named):
        if isinstance(node.name, nodes.Name):
            return nodes.Named(node.span, node.value, nodes.Literal(node.span, node.name.id))
        return node
    argument = name_argument(node)
    if argument is None:
        return node
    others = tuple(other for other in node.arguments if other is not argument)
    call = nodes.Call(node.span, node.function, others)
    assert isinstance(argument.value, nodes.Literal | nodes.FString)
    return nodes.Named(node.span, call, argument.value)


def name_argument(call: nodes.Call) -> nodes.Argument | None:
    """The argument that names a layer by a text that is written out."""
    found = [argument for argument in call.arguments if argument.name == "name"]
    if len(found) != 1:
        return None
    value = found[0].value
    is_text = isinstance(value, nodes.Literal) and isinstance(value.value, str) and value.value
    return found[0] if is_text or isinstance(value, nodes.FString) else None
