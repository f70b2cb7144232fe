"""Calls of layers and of functions on tensors, from arguments by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.operands import Operand, Operands
from graphc.declare.rules import Optional, Rule
from graphc.declare.scope import TRAINING
from graphc.emit.keras.tree import attribute, call, structured, subscript
from graphc.emit.keras.values import index_expression, op_path
from graphc.ir.graph import TensorRef
from graphc.ir.structure import filled
from graphc.layers.model_layer import MASK, ModelLayer

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "true_divide": ast.Div,
    "floor_divide": ast.FloorDiv, "mod": ast.Mod, "power": ast.Pow, "matmul": ast.MatMult,
}  # fmt: skip
"""The functions that have an operator in Python."""
COMPARING: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt, "less_equal": ast.LtE, "greater": ast.Gt, "greater_equal": ast.GtE,
}  # fmt: skip
"""Those that compare: of a number on the left, Python asks the tensor for the opposite, `x > 0`."""

Spell = Callable[[Any], ast.expr]


def array(made: ast.expr) -> ast.expr:
    """Nested lists of numbers as an operand: Keras asks operands for their dtype."""
    return call("ops.convert_to_tensor", made)


def takes_array(rule: Rule) -> bool:
    """Whether nested lists of numbers that an argument is given are one operand."""
    rule = rule.rule if isinstance(rule, Optional) else rule
    return type(rule) is Operand


def item_rule(rule: Rule) -> Rule:
    """The rule of the items, where an argument is given a list."""
    return Operand() if isinstance(rule, Operands) else Rule()


def operand(made: ast.expr, rule: Rule) -> ast.expr:
    """What is piped into a function, with the lists in it that are operands as arrays."""
    if not isinstance(made, (ast.List, ast.Tuple)):
        return made
    if takes_array(rule):
        has_tensor = any(isinstance(each, (ast.Name, ast.Call)) for each in ast.walk(made))
        return made if has_tensor else array(made)
    return type(made)([operand(item, item_rule(rule)) for item in made.elts])


def numpy_array(made: ast.Call, dtype: str) -> ast.Call:
    """A call that makes a tensor as one that makes NumPy's array, with the dtype that it has."""
    keywords = list(made.keywords)
    if dtype != "bool" and len(made.args) < 2 and not any(k.arg == "dtype" for k in keywords):
        keywords.append(ast.keyword("dtype", ast.Constant(dtype)))
    return ast.Call(attribute("np.array"), made.args, keywords)


def op_call(op: Op, arguments: Mapping[str, Any], spell: Spell, *, operators: bool) -> ast.expr:
    """A call of a function; with Python's operators where there are such and it `operators`."""
    values = list(arguments.values())
    if op.name == "get_item":
        return subscript(spell(values[0]), *_key(values[1], spell))
    if operators and len(values) == 2:
        left, right = values
        if op.name in BINARY:
            return ast.BinOp(spell(left), BINARY[op.name](), spell(right))
        if op.name in COMPARING and isinstance(left, TensorRef):
            return ast.Compare(spell(left), [COMPARING[op.name]()], [spell(right)])
    if operators and op.name == "negative":
        return ast.UnaryOp(ast.USub(), spell(values[0]))
    if op.variadic:
        args, named = op.split(arguments)
        return call(
            op_path(op), *map(spell, args), keywords={n: spell(v) for n, v in named.items()}
        )
    # Each value is spelled once: a layer in the making gives out the names of its inputs in order.
    args = _by_place(op, arguments, spell)
    return call(op_path(op), *args, keywords=_by_name(op, arguments, spell, len(args)))


def _key(key: Any, spell: Spell) -> list[ast.expr]:
    made = index_expression(key, spell)
    if isinstance(made, ast.Tuple) and len(made.elts) > 1:
        return list(made.elts)
    return [made]


def _by_place(op: Op, arguments: Mapping[str, Any], spell: Spell) -> list[ast.expr]:
    """The arguments that are given by place."""
    args: list[ast.expr] = []
    for name, argument in op.arguments.items():
        if name not in arguments or argument.is_keyword_only:
            break
        if not argument.is_required and args and not isinstance(argument.rule, Operand):
            break
        args.append(spell(arguments[name]))
    return args


def _by_name(op: Op, arguments: Mapping[str, Any], spell: Spell, count: int) -> dict[str, ast.expr]:
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


def layer_call(
    layer: Layer, callee: ast.expr, arguments: Mapping[str, ast.expr], by_place: int
) -> ast.expr:
    """A layer applied to its arguments, of which the first are given by place, as in the source."""
    if isinstance(layer, ModelLayer):
        given = dict(arguments)
        options = {}
        for name in (MASK, TRAINING):
            if name in given and name not in layer.parameters:
                options[name] = given.pop(name)
        names = layer.parameters if set(layer.parameters) == set(given) else tuple(given)
        structure = layer.input_structure
        inputs = [given[name] for name in names]
        masks = options.get(MASK)
        if isinstance(masks, ast.List) and len(masks.elts) == len(inputs):
            options[MASK] = structured(filled(structure, masks.elts))
        whole = structured(filled(structure, inputs))
        if by_place:
            made = call(callee, whole, keywords=options)
        else:
            made = call(callee, keywords={ModelLayer.name_of_inputs: whole, **options})
        return in_order(layer, made)
    items = list(arguments.items())
    args = [value for _, value in items[:by_place]]
    made = call(callee, *args, keywords=dict(items[by_place:]))
    return call("keras.tree.flatten", made) if layer.nests_results else made


def in_order(layer: ModelLayer, made: ast.Call) -> ast.expr:
    """What a model gives, one after the other where it gives it in a dict, or in lists in lists."""
    if layer.graph is None or layer.graph.output_structure is None:
        return made
    listed = call("keras.tree.flatten", made)
    return listed if len(layer.graph.outputs) > 1 else ast.Subscript(listed, ast.Constant(0))
