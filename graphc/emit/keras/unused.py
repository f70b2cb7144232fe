"""What nothing reads: assignments, the loops and choices around them, names of loops."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from graphc.emit.keras.aliases import without_aliases
from graphc.emit.keras.tree import Aside, Comment, loads
from graphc.emit.keras.unpacking import sizes_together


def without_unused(body: list[ast.stmt]) -> list[ast.stmt]:
    """A body without names that nothing reads: what only they need goes too.

    A layer that is applied in vain stays, without a name for what it gives: Keras numbers it.
    """
    body = without_aliases(body)
    while True:
        read = {each for statement in body for each in loads(statement)}
        cleaned = _cleaned(body, read)
        if _size(cleaned) == _size(body):
            break
        body = cleaned
    _blank_loop_names(cleaned)
    return sizes_together(cleaned)


def _size(body: Sequence[ast.stmt]) -> int:
    return sum(1 for statement in body for _ in ast.walk(statement))


def _cleaned(body: Sequence[ast.stmt], read: set[str]) -> list[ast.stmt]:
    made: list[ast.stmt] = []
    for each in body:
        if isinstance(each, ast.Assign) and _is_unread(each, read):
            if not _is_idle(each.value):
                is_named = isinstance(each.targets[0], ast.Name)
                made.append(ast.Expr(each.value) if is_named else each)
            elif made and isinstance(made[-1], Aside):
                made.pop()
        elif isinstance(each, ast.For):
            inner = _cleaned(each.body, read)
            if not all(isinstance(statement, Comment) for statement in inner):
                made.append(ast.For(each.target, each.iter, inner, []))
        elif isinstance(each, ast.If):
            made += _cleaned_choice(each, read)
        else:
            made.append(each)
    return made


def _cleaned_choice(node: ast.If, read: set[str]) -> Iterator[ast.If]:
    first, rest = _cleaned(node.body, read), _cleaned(node.orelse, read)
    if all(isinstance(statement, Comment) for statement in rest):
        rest = []
    if not all(isinstance(statement, Comment) for statement in first):
        yield ast.If(node.test, first, rest)
    elif rest:
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), rest, [])


def _is_unread(node: ast.Assign, read: set[str]) -> bool:
    (target,) = node.targets
    names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
    return names.isdisjoint(read)


def _is_idle(value: ast.expr) -> bool:
    """Whether nothing is made by a value but itself."""
    return not any(isinstance(each, ast.Call) and not _is_pure(each) for each in ast.walk(value))


def _is_pure(node: ast.Call) -> bool:
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in _PURE
    while isinstance(called, ast.Attribute):
        called = called.value
    return isinstance(called, ast.Name) and called.id in ("math", "ops")


_PURE = {"len", "range", "enumerate", "zip", "list", "reversed", "min", "max", "sum", "int",
         "float", "str", "round", "abs", "bool", "any", "all", "sorted"}  # fmt: skip


def _blank_loop_names(body: list[ast.stmt]) -> None:
    """Mark the names of loops that their bodies do not read, and nothing after them: `_`."""
    loops = [n for each in body for n in ast.walk(each) if isinstance(n, ast.For)]
    everywhere = Counter(name for each in body for name in loads(each))
    inside: Counter[str] = Counter()
    for name in {name.id for loop in loops for name in _names(loop)}:
        # A loop inside another of the same name is counted with it: there the name stays.
        around = [loop for loop in loops if name in {each.id for each in _names(loop)}]
        inside[name] = sum(list(_body_loads(loop)).count(name) for loop in around)
    for loop in loops:
        read = set(_body_loads(loop))
        for each in _names(loop):
            if each.id not in read and inside[each.id] == everywhere[each.id]:
                each.id = "_" if each is loop.target else f"_{each.id}"


def _names(loop: ast.For) -> list[ast.Name]:
    return [each for each in ast.walk(loop.target) if isinstance(each, ast.Name)]


def _body_loads(loop: ast.For) -> Iterator[str]:
    for each in loop.body:
        yield from loads(each)
