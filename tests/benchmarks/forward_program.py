"""A program's text taken apart: which statement is executed on which arrays, how often."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Statement:
    """A line of `run`, and what its names stand for each time that it is executed."""

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
    return list(_arrays_in(list(globals_of(program).values())))


def _arrays_in(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, list | tuple):
            yield from _arrays_in(value)


def arena_of(program: Any) -> Any:
    """The bytes that the values of a program are in, with a few before that align them."""
    roots = {id(root): root for root in map(root_of, arrays_of(program))}
    size = program.arena_size
    found = [x for x in roots.values() if x.dtype == np.uint8 and size <= x.size <= size + 4096]
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


def beside(program: Any) -> dict[int, Any]:
    """Arrays that the program writes to, but that are not in its arena, by their addresses."""
    arena = arena_of(program)
    written = (
        space[name]
        for each in statements(program)
        for space in each.spaces
        for name in each.targets
    )
    roots = (root_of(array) for array in written if not is_in(array, arena))
    return {address(root): root for root in roots}


def run_of(program: Any) -> tuple[ast.Module, ast.FunctionDef]:
    """The text, and the function in it that a call runs."""
    tree = ast.parse(program.source)
    (run,) = (x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == "run")
    return tree, run


def executions(program: Any) -> Iterator[tuple[ast.stmt, dict[str, Any]]]:
    """Each line that a call of the program executes, in turn, and what its names stand for."""

    def within(body: list[ast.stmt], space: dict[str, Any]) -> Iterator[Any]:
        for node in body:
            if isinstance(node, ast.For):
                names = [each.id for each in node.target.elts]
                for row in space[node.iter.id]:
                    yield from within(node.body, space | dict(zip(names, row, strict=True)))
            else:
                yield node, space

    yield from within(run_of(program)[1].body, globals_of(program))


def statements(program: Any) -> list[Statement]:
    """The lines of a program in the order of its text."""
    found: dict[int, Statement] = {}
    for node, space in executions(program):
        found.setdefault(id(node), Statement(node, [])).spaces.append(space)
    return list(found.values())
