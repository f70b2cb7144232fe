"""Which expressions are broken in brackets of their own, rather than in new ones around them."""

from __future__ import annotations

import ast

from graphc.emit.keras.precedence import ATOM, COMPARE, NOT, OR, POWER, SIGN, SUM, TEST, tightness

_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)

_BRACKETS = ATOM + 1
"""Stands among operators for a part in brackets, whatever is inside."""


def can_do_without(node: ast.expr) -> bool:
    """Whether an expression is broken in its own brackets rather than in new ones around it."""
    found = _outside(node)
    operators = [each for each in found if each != _BRACKETS]
    if _BRACKETS not in found or TEST in operators:
        return False
    if not operators:
        return True
    is_single = operators.count(min(operators)) == 1
    return is_single and (_ends_in_brackets(node) or _begins_in_them(node))


def _outside(node: ast.expr) -> list[int]:
    """The operators outside of brackets, by how tightly they bind, and the brackets."""
    if isinstance(node, ast.Call):
        return [*([_BRACKETS] if _is_bracketed(node) else []), *_inner(node.func, ATOM)]
    if isinstance(node, ast.Subscript):
        return [_BRACKETS, *_inner(node.value, ATOM)]
    if isinstance(node, ast.Attribute):
        return _inner(node.value, ATOM)
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict, *_COMPREHENSIONS)):
        return [_BRACKETS]
    if isinstance(node, ast.UnaryOp):
        own = [NOT] if isinstance(node.op, ast.Not) else []
        return own + _inner(node.operand, tightness(node))
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.test, node.orelse]
        return [TEST, *(each for part in parts for each in _inner(part, OR))]
    if isinstance(node, ast.BoolOp):
        own = [OR] * (len(node.values) - 1)
        return own + [e for part in node.values for e in _inner(part, tightness(node) + 1)]
    if isinstance(node, ast.Compare):
        own = [COMPARE] * len(node.ops)
        parts = [node.left, *node.comparators]
        return own + [each for part in parts for each in _inner(part, SUM)]
    if isinstance(node, ast.BinOp):
        own_tightness = tightness(node)
        if isinstance(node.op, ast.Pow):
            return [POWER, *_inner(node.left, ATOM), *_inner(node.right, SIGN)]
        left = _inner(node.left, own_tightness)
        return [own_tightness, *left, *_inner(node.right, own_tightness + 1)]
    return []


def _inner(node: ast.expr, least: int) -> list[int]:
    """Those of a part, which has to bind as tightly as this to stand without brackets."""
    return [_BRACKETS] if tightness(node) < least else _outside(node)


def _is_bracketed(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(node.args or node.keywords)
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts)
    return isinstance(node, (ast.Dict, *_COMPREHENSIONS))


def _ends_in_brackets(node: ast.expr) -> bool:
    least = tightness(node)
    if isinstance(node, ast.UnaryOp):
        last, least = node.operand, least - 1
    elif isinstance(node, ast.BinOp):
        last = node.right
        least = SIGN - 1 if isinstance(node.op, ast.Pow) else least
    elif isinstance(node, ast.BoolOp):
        last = node.values[-1]
    elif isinstance(node, ast.Compare):
        last = node.comparators[-1]
    else:
        return _is_bracketed(node)
    return tightness(last) <= least or _ends_in_brackets(last)


def _begins_in_them(node: ast.expr) -> bool:
    least = tightness(node) - 1
    if isinstance(node, ast.BinOp):
        first = node.left
        least = POWER if isinstance(node.op, ast.Pow) else least
    elif isinstance(node, ast.BoolOp):
        first, least = node.values[0], least + 1
    elif isinstance(node, ast.Compare):
        first, least = node.left, least + 1
    else:
        return isinstance(node, (ast.List, ast.Tuple, ast.Dict)) and _is_bracketed(node)
    return tightness(first) <= least or _begins_in_them(first)
