"""Outputs of a body."""

from __future__ import annotations

import ast
from typing import Any

from graphc.elaborate.values import TensorValue
from graphc.emit.keras.assignments import choose
from graphc.emit.keras.body import TEMPORARY, Body
from graphc.emit.keras.mentions import has_long_pipe
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.tree import Untranslatable, assign, call
from graphc.syntax import nodes

_STEP = "x"
"""What people call the tensor that goes through a model."""


def write_output(body: Body, node: nodes.Output) -> None:
    """Outputs: returned at the end, or put into a list from inside of a loop or choice."""
    names = [item.name for item in node.items]
    if _is_top_level(body, node):
        for item in node.items:
            value = _structure(body, item.value) or _output_value(body, item, len(node.items))
            body.outputs.append((item.name, value))
        return
    if any(names):
        raise Untranslatable("named outputs in a loop or choice")
    body.output_list = body.output_list or body.fresh(avoid=frozenset(TEMPORARY))
    for item in node.items:
        values = body.values(item.value)
        if any(not isinstance(v, TensorValue) for v in values):
            raise Untranslatable("several outputs at once in a loop or choice")
        append = ast.Attribute(ast.Name(body.output_list), "append")
        body.out.append(ast.Expr(call(append, body.value(item.value))))


def _structure(body: Body, node: nodes.Expression) -> ast.expr | None:
    """Outputs in a dict, or in lists in lists, as they stand; None where there is no structure."""
    if not any(map(_is_nested, body.values(node))):
        return None
    return _displayed(body, node)


def _is_nested(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, (list, tuple, dict)) for item in value)
    return isinstance(value, dict)


def _displayed(body: Body, node: nodes.Expression) -> ast.expr:
    if isinstance(node, nodes.DictDisplay):
        keys: list[ast.expr | None] = [body.expr(key) for key, _ in node.items]
        return ast.Dict(keys, [_displayed(body, item) for _, item in node.items])
    if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)):
        return ast.List([_displayed(body, item) for item in node.items])
    return body.value(node)


def _output_value(body: Body, item: nodes.OutputItem, count: int) -> ast.expr:
    later = [each for each in body.node.body if isinstance(each, nodes.Output)]
    is_alone = count == 1 and len(later) == 1
    last = None if body.is_block else body.outputs_name
    if isinstance(item.value, nodes.Conditional) and has_long_pipe(item.value):
        target = nodes.Target(item.span, "", None)
        body.locals[""] = last if is_alone and last is not None else body.fresh()
        choose(body, item.value, (target,))
        return ast.Name(body.locals.pop(""))
    made = body.value(item.value, _step_name(body, last) if is_alone else None)
    values = body.values(item.value)
    if any(isinstance(v, (list, tuple)) for v in values):
        return ast.Starred(made)
    if isinstance(made, ast.Name) or (body.is_block and is_alone):
        return made
    own = body.outputs_name if is_alone else _output_name(body, item)
    body.out.append(assign(own, made))
    return ast.Name(own)


def _step_name(body: Body, last: str | None) -> str | None:
    """What the steps to the one output of a model are bound to; None for what is free.

    Nothing stands behind the last statement that could read what `x` was before.
    """
    if last is None:
        return None
    *_, end = (each for each in body.node.body if not isinstance(each, nodes.Require))
    if not isinstance(end, nodes.Output):
        return last if last not in body.locals else None
    inputs = [each.name or "" for each in body.node.body if isinstance(each, nodes.Input)]
    kept = {body.input_names.get(each, body.locals[each]) for each in inputs}
    return None if _STEP in kept or _STEP in body.translator.module.taken else _STEP


def _output_name(body: Body, item: nodes.OutputItem) -> str:
    names = {v.name for v in body.values(item.value) if isinstance(v, TensorValue)}
    base = item.name or (names.pop() if len(names) == 1 else "output")
    own = identifier(base.replace(".", "_"), body.taken)
    body.taken.add(own)
    return own


def _is_top_level(body: Body, node: nodes.Output) -> bool:
    """Whether an output stands in the body itself."""
    return any(each is node for each in body.node.body)
