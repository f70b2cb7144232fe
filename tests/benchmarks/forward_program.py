"""A program's text taken apart: which statement is executed on which arrays, how often."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Statement:
    """A line of `run`, and the arrays by their names each time that it is executed."""

    node: ast.stmt
    spaces: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return ast.unparse(self.node)

    @property
    def targets(self) -> list[str]:
        """The names of the arrays that it writes all elements of."""
        node = self.node
        if isinstance(node, ast.Assign):  # a[...], b[...] = …
            return [target.value.id for target in _flat(node.targets)]
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            return []
        call = node.value
        words = {word.arg: word.value for word in call.keywords}
        if "out" in words:
            return [words["out"].id]
        if isinstance(call.func, ast.Attribute):  # a.fill(0)
            return [call.func.value.id]
        if "where" in words:
            return []
        place = -1 if call.func.id.endswith("_into") else 0
        return [call.args[place].id]

    @property
    def operands(self) -> list[str]:
        """The names of the arrays that it reads, in their order."""
        written = list(self.targets)
        names = []
        for node in ast.walk(self.node):
            if isinstance(node, ast.Name):
                if node.id in written:
                    written.remove(node.id)  # as the target; again, it is an operand too
                elif any(isinstance(space.get(node.id), np.ndarray) for space in self.spaces[:1]):
                    names.append(node.id)
        return names


def _flat(targets: list[Any]) -> list[Any]:
    return [each for target in targets for each in getattr(target, "elts", [target])]


def globals_of(program: Any) -> dict[str, Any]:
    """What the names in a program's text stand for."""
    space: dict[str, Any] = program._run.__globals__
    return space


def arrays_of(program: Any) -> list[Any]:
    """All arrays that a program's statements are about, in its arena and outside."""
    space = globals_of(program)
    rows = [row for key, table in space.items() if key.startswith("blocks") for row in table]
    found = [*space.values(), *(x for row in rows for x in row)]
    return [x for x in found if isinstance(x, np.ndarray)]


def arena_of(program: Any) -> Any:
    """The bytes that the values of a program are in."""
    roots = {id(root): root for root in map(root_of, arrays_of(program))}
    found = [x for x in roots.values() if x.dtype == np.uint8 and x.size == program.arena_size]
    assert len(found) == 1
    return found[0]


def root_of(array: Any) -> Any:
    """The array that owns another one's memory."""
    while array.base is not None:
        base = array.base
        array = base.obj if isinstance(base, memoryview) else base
    return array


def address(array: Any) -> int:
    """Where an array's first element is."""
    found: int = array.__array_interface__["data"][0]
    return found


def is_in(array: Any, arena: Any) -> bool:
    """Whether an array lies in an arena."""
    return 0 <= address(array) - address(arena) < arena.size


def run_of(program: Any) -> tuple[ast.Module, ast.FunctionDef]:
    """The text, and the function in it that a call runs."""
    tree = ast.parse(program.source)
    (run,) = (x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == "run")
    return tree, run


def loops(program: Any) -> Iterator[tuple[list[Statement], int]]:
    """The loops of a program, each with how often it runs; what is in none runs once."""
    space = globals_of(program)
    for node in run_of(program)[1].body:
        if isinstance(node, ast.For):
            names = [each.id for each in node.target.elts]
            rows = space[node.iter.id]
            spaces = [space | dict(zip(names, row, strict=True)) for row in rows]
            yield [Statement(each, spaces) for each in node.body], len(rows)
        else:
            yield [Statement(node, [space])], 1
