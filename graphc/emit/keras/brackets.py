"""Which expressions are broken in brackets of their own, rather than in new ones around them."""

from __future__ import annotations

import ast

from graphc.emit.keras.precedence import ATOM, COMPARE, NOT, OR, POWER, SIGN, SUM, TEST, tightness

_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)


def can_do_without(node: ast.expr) -> bool:
    """Whether an expression is broken in its own brackets rather than in new ones around it."""
    counts = _operators(node)
    if not _has_brackets(node) or TEST in counts:
        return False
    if not counts:
        return True
    return counts.count(min(counts)) == 1 and (_ends_in_brackets(node) or _begins_in_them(node))


def _operators(node: ast.expr) -> list[int]:
    """The operators outside of brackets, by how tightly they bind."""
    if isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        return _operators(node.func if isinstance(node, ast.Call) else node.value)
    if isinstance(node, ast.UnaryOp):
        return [*([NOT] if isinstance(node.op, ast.Not) else []), *_operators(node.operand)]
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
    return [] if tightness(node) < least else _operators(node)


def _has_brackets(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(node.args or node.keywords) or _has_brackets(node.func)
    if isinstance(node, (ast.Subscript, ast.List, ast.Tuple, ast.Dict, *_COMPREHENSIONS)):
        return True
    return any(
        _has_brackets(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)
    )


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
