"""What stands behind a value: `.shape`, and `[…]`."""

from __future__ import annotations

import ast

from graphc.emit.keras.context import Context
from graphc.emit.keras.operators import LAZY
from graphc.emit.keras.tree import Untranslatable, call, constant, subscript
from graphc.emit.keras.values import holds_size
from graphc.syntax import nodes


def attribute(context: Context, node: nodes.Attribute) -> ast.expr:
    """`x.shape`."""
    value = context.expr(node.value)
    if not isinstance(value, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        raise Untranslatable(f"`{node.span.text}` has no counterpart")
    return ast.Attribute(value, node.name)


def index(context: Context, node: nodes.Index) -> ast.expr:
    """`x[…]`."""
    calls = context.calls(node)
    if calls and any(holds_size(list(c.arguments.values())) for c in calls):
        return context.sized(calls, {"x": context.expr(node.value)})
    if not calls:
        context.no_size(node)
    value = context.expr(node.value)
    if calls and any("indices" in c.arguments for c in calls):
        return call("ops.take", value, context.expr(node.items[0]), keywords={"axis": constant(0)})
    function = value.func if isinstance(value, ast.Call) else None
    if isinstance(function, ast.Name) and function.id in LAZY[:3]:
        value = call("list", value)
    items = [context.expr(item) for item in node.items]
    if node.is_tuple and len(items) == 1:
        return ast.Subscript(value, ast.Tuple(items))
    return subscript(value, *items)


def slice(context: Context, node: nodes.Slice) -> ast.expr:
    """`a:b`."""
    bounds = [None if b is None else context.expr(b) for b in (node.lower, node.upper, node.step)]
    return ast.Slice(*bounds)
