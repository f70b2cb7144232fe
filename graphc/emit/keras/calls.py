"""Calls of layers and of functions on tensors, from arguments by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.operands import Operand
from graphc.emit.keras.tree import call, subscript
from graphc.emit.keras.values import index_expression, op_path
from graphc.layers.model_layer import ModelLayer

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "true_divide": ast.Div,
    "floor_divide": ast.FloorDiv, "mod": ast.Mod, "power": ast.Pow, "matmul": ast.MatMult,
}  # fmt: skip
"""The functions that have an operator in Python."""
COMPARING: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt, "less_equal": ast.LtE, "greater": ast.Gt, "greater_equal": ast.GtE,
}  # fmt: skip

Spell = Callable[[Any], ast.expr]


def op_call(op: Op, arguments: Mapping[str, Any], spell: Spell, *, operators: bool) -> ast.expr:
    """A call of a function; with Python's operators where there are such and it `operators`."""
    values = list(arguments.values())
    if op.name == "get_item":
        return subscript(spell(values[0]), *_key(values[1], spell))
    if operators and len(values) == 2:
        left, right = values
        if op.name in BINARY:
            return ast.BinOp(spell(left), BINARY[op.name](), spell(right))
        if op.name in COMPARING:
            return ast.Compare(spell(left), [COMPARING[op.name]()], [spell(right)])
    if operators and op.name == "negative":
        return ast.UnaryOp(ast.USub(), spell(values[0]))
    if op.variadic:
        args, named = op.split(arguments)
        return call(
            op_path(op), *map(spell, args), keywords={n: spell(v) for n, v in named.items()}
        )
    return call(op_path(op), *_by_place(op, arguments, spell),
                keywords=_by_name(op, arguments, spell))  # fmt: skip


def _key(key: Any, spell: Spell) -> list[ast.expr]:
    made = index_expression(key, spell)
    if isinstance(made, ast.Tuple) and len(made.elts) > 1:
        return list(made.elts)
    return [made]


def _by_place(op: Op, arguments: Mapping[str, Any], spell: Spell) -> list[ast.expr]:
    args: list[ast.expr] = []
    for name, argument in op.arguments.items():
        if name not in arguments or argument.is_keyword_only:
            break
        if not argument.is_required and args and not isinstance(argument.rule, Operand):
            break
        args.append(spell(arguments[name]))
    return args


def _by_name(op: Op, arguments: Mapping[str, Any], spell: Spell) -> dict[str, ast.expr]:
    count = len(_by_place(op, arguments, spell))
    placed = list(op.arguments)[:count]
    return {
        name: spell(value)
        for name, value in arguments.items()
        if name not in placed and not _is_default(op, name, value)
    }


def _is_default(op: Op, name: str, value: Any) -> bool:
    argument = op.arguments.get(name)
    return (
        argument is not None
        and type(argument.default) is type(value)
        and bool(argument.default == value)
    )


def layer_call(layer: Layer, callee: ast.expr, arguments: Mapping[str, ast.expr]) -> ast.Call:
    """A layer applied to its arguments: what it needs by place, the rest by name."""
    if isinstance(layer, ModelLayer):
        given = list(arguments.values())
        masks = [name for name in arguments if name not in layer.parameters]
        if len(layer.parameters) > 1 and not masks:
            by_name = [arguments[name] for name in layer.parameters if name in arguments]
            return call(callee, ast.List(by_name if len(by_name) == len(given) else given))
        return call(callee, *given)
    required = max(1, len(layer.required_parameters))
    args: list[ast.expr] = []
    for name in layer.parameters[:required]:
        if name not in arguments:
            break
        args.append(arguments[name])
    placed = layer.parameters[: len(args)]
    keywords = {name: value for name, value in arguments.items() if name not in placed}
    return call(callee, *args, keywords=keywords)
