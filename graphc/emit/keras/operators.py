"""Operators, comparisons and choices in expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from graphc.elaborate.values import TensorValue
from graphc.emit.keras.calls import COMPARING, array
from graphc.emit.keras.context import Context
from graphc.emit.keras.tree import Untranslatable, call, constant
from graphc.emit.keras.values import holds_size
from graphc.syntax import nodes

_OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "@": ast.MatMult,
}  # fmt: skip
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "in": ast.In, "not in": ast.NotIn,
}  # fmt: skip
_NAMES = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "true_divide", "//": "floor_divide",
    "%": "mod", "**": "power", "@": "matmul", "==": "equal", "!=": "not_equal", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "and": "logical_and",
    "or": "logical_or",
}  # fmt: skip
LAZY = ("enumerate", "zip", "reversed", "range")


def unary(context: Context, node: nodes.Unary) -> ast.expr:
    """`-a` and `not a`."""
    operand = context.expr(node.operand)
    calls = context.calls(node)
    if not calls:
        context.no_size(node)
        return ast.UnaryOp(ast.USub() if node.operator == "-" else ast.Not(), operand)
    if node.operator == "-" and context.all_fed(calls):
        return ast.UnaryOp(ast.USub(), operand)
    return call("ops.negative" if node.operator == "-" else "ops.logical_not", operand)


def binary(context: Context, node: nodes.Binary) -> ast.expr:
    """An operation with two operands."""
    calls = context.calls(node)
    if not calls:
        context.no_size(node)
    spell = _operand if calls else _plain
    left, right = spell(context, node.left), spell(context, node.right)
    operator = node.operator
    if operator in ("and", "or"):
        if calls:
            return call(f"ops.{_NAMES[operator]}", left, right)
        made = ast.And() if operator == "and" else ast.Or()
        if isinstance(left, ast.BoolOp) and type(left.op) is type(made):
            return ast.BoolOp(made, [*left.values, right])
        return ast.BoolOp(made, [left, right])
    if calls and not _has_operator(context, calls, node.left):
        return call(f"ops.{_NAMES[operator]}", left, right)
    if not calls and operator in ("+", "*"):
        left, right = _as_lists(context, node, left, right)
    return ast.BinOp(left, _OPERATORS[operator](), right)


def _operand(context: Context, node: nodes.Expression) -> ast.expr:
    """An operand of a function on tensors."""
    made = context.expr(node)
    return array(made) if context.are_lists(node) else made


def _has_operator(context: Context, calls: list[Any], left: nodes.Expression) -> bool:
    """Whether Keras is asked by Python's operator: where an array stands first, JAX or NumPy is."""
    if not context.all_fed(calls) or context.are_lists(left):
        return False
    return all(
        context.is_fed(each.model, value.node)
        for each in calls
        for value in context.values(left)
        if isinstance(value, TensorValue)
    )


def _plain(context: Context, node: nodes.Expression) -> ast.expr:
    return context.expr(node)


def _as_lists(
    context: Context, node: nodes.Binary, left: ast.expr, right: ast.expr
) -> tuple[ast.expr, ast.expr]:
    """The operands, as lists where they are of several kinds in Python."""
    sides = [context.values(node.left), context.values(node.right)]
    are_lists = [any(isinstance(each, (list, tuple, range)) for each in values) for values in sides]
    if not any(are_lists):
        return left, right
    made = []
    for expression, is_list in zip((left, right), are_lists, strict=True):
        wrap = is_list and not isinstance(expression, ast.List) and _may_be_tuple(expression)
        made.append(call("list", expression) if wrap else expression)
    return made[0], made[1]


def comparison(context: Context, node: nodes.Comparison) -> ast.expr:
    """Comparisons, chained or not."""
    calls = context.calls(node)
    operands = list(node.operands)
    if not calls:
        none = [each for each in operands if isinstance(each, nodes.Literal) and each.value is None]
        if none and node.operators in (("==",), ("!=",)):
            other = operands[0] if none[0] is operands[1] else operands[1]
            is_none = ast.Is() if node.operators == ("==",) else ast.IsNot()
            return ast.Compare(context.expr(other), [is_none], [constant(None)])
        if any(holds_size(value) for each in operands for value in context.values(each)):
            raise Untranslatable(f"`{node.span.text}` compares a size")
        made = [_comparable(context, each) for each in operands]
        ops = [_COMPARISONS[symbol]() for symbol in node.operators]
        return ast.Compare(made[0], ops, made[1:])
    result: ast.expr | None = None
    for index, symbol in enumerate(node.operators):
        left, right = _operand(context, operands[index]), _operand(context, operands[index + 1])
        is_tensor = all(isinstance(v, TensorValue) for v in context.values(operands[index]))
        has_operator = is_tensor and _has_operator(context, calls, operands[index])
        if _NAMES[symbol] in COMPARING and has_operator:
            each: ast.expr = ast.Compare(left, [_COMPARISONS[symbol]()], [right])
        else:
            each = call(f"ops.{_NAMES[symbol]}", left, right)
        result = each if result is None else call("ops.logical_and", result, each)
    assert result is not None
    return result


def _comparable(context: Context, node: nodes.Expression) -> ast.expr:
    """A shape is a list in the language, and a tuple in Keras."""
    made = context.expr(node)
    is_shape = isinstance(node, nodes.Attribute) and node.name == "shape"
    return call("list", made) if is_shape else made


def conditional(
    context: Context,
    node: nodes.Conditional,
    branch: Callable[[nodes.Expression], ast.expr] | None = None,
) -> ast.expr:
    """`a if c else b`; a branch is an expression, unless it is told how it is translated."""
    branch = branch or context.expr
    test = context.test(node.test)
    if isinstance(test, bool):
        return branch(node.value if test else node.otherwise)
    return ast.IfExp(test, branch(node.value), branch(node.otherwise))


def _may_be_tuple(expression: ast.expr) -> bool:
    """Whether Python may have something else than a list where the language has one."""
    if isinstance(expression, ast.Attribute):
        return expression.attr == "shape"
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
        return expression.func.id in LAZY
    return isinstance(expression, (ast.Tuple, ast.Subscript))
