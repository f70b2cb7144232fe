"""Second names of things: what is read of them can be read of the first."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from graphc.emit.keras.tree import Aside, loads


def without_aliases(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """A function's body without `a = b`, where both stay what they are for as long as `a` is read.

    The statement stays where a comment is on its line.
    """
    bound = Counter(name for each in body for name in _bound(each))
    made: list[ast.stmt] = []
    for place, each in enumerate(body):
        later = body[place + 1 :]
        names = _alias(each)
        is_told = bool(made) and isinstance(made[-1], Aside)
        if names is None or is_told or bound[names[0]] > 1 or not _stays(*names, later):
            made.append(each)
            continue
        for node in (node for statement in later for node in ast.walk(statement)):
            if isinstance(node, ast.Name) and node.id == names[0]:
                node.id = names[1]
    return made


def _alias(node: ast.stmt) -> tuple[str, str] | None:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
        (target,) = node.targets
        if isinstance(target, ast.Name):
            return target.id, node.value.id
    return None


def _stays(alias: str, name: str, later: Sequence[ast.stmt]) -> bool:
    """Whether a name is bound anew only when its alias has been read for the last time."""
    places = [place for place, each in enumerate(later) if name in set(_bound(each))]
    if not places:
        return True
    first = places[0]
    # The value of an assignment is read before its target is bound.
    is_read_first = isinstance(later[first], ast.Assign)
    rest = later[first + 1 :] if is_read_first else later[first:]
    return not any(alias in set(loads(each)) for each in rest)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, those within it too."""
    for node in ast.walk(statement):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.For, ast.AugAssign)):
            targets = [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
