"""Operators of Python, and how tightly expressions bind."""

from __future__ import annotations

import ast
from math import isfinite

from graphc.emit.keras.spelling import string
from graphc.emit.keras.tree import Number

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.And: "and", ast.Or: "or", ast.Eq: "==",
    ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.Not: "not ", ast.USub: "-",
}  # fmt: skip

# How tightly expressions bind.
TEST, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)


def tightness(node: ast.expr) -> int:
    """How tightly an expression binds: what stands in it binds as tightly, or is in parentheses."""
    if isinstance(node, ast.IfExp):
        return TEST
    if isinstance(node, ast.BoolOp):
        return OR if isinstance(node.op, ast.Or) else AND
    if isinstance(node, ast.UnaryOp):
        return NOT if isinstance(node.op, ast.Not) else SIGN
    if isinstance(node, ast.Compare):
        return COMPARE
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return SUM
        return POWER if isinstance(node.op, ast.Pow) else PRODUCT
    if isinstance(node, ast.Constant) and _is_negative(node):
        return SIGN
    return ATOM


def _is_negative(node: ast.Constant) -> bool:
    return isinstance(node.value, (int, float)) and constant_text(node).startswith("-")


def group_of(node: ast.expr) -> int:
    """What breaks together: `and` and `or` do, and so do comparisons."""
    found = tightness(node)
    return OR if found == AND else found


def constant_text(node: ast.Constant) -> str:
    """A literal."""
    value = node.value
    if isinstance(value, str):
        return string(value)
    if isinstance(node, Number):
        return node.spelling
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if value is ...:
        return "..."
    return repr(value)
