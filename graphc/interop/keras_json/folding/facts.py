"""What is known of statements, and of what they have in common: asked for again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.interop.keras_json.folding.columns import holes_in
from graphc.interop.keras_json.folding.shape import form, size
from graphc.interop.keras_json.folding.unify import Hole, NoMatch, unify
from graphc.record import Record, replace
from graphc.syntax import nodes


class Fact(Record):
    """Of one statement: a number that stands for its form, how much it holds, its names.

    `names` are all that stand in it, `reads` those used for their values, `binds` those bound.
    """

    key: int
    size: int
    names: frozenset[str]
    reads: frozenset[str]
    binds: frozenset[str]


class Unit(Record):
    """Of several statements: the one with holes that stands for them all."""

    tree: Any
    holes: tuple[Hole, ...]
    size: int


class Facts:
    """Facts by the identity of statements, which are kept for it."""

    def __init__(self) -> None:
        self._forms: dict[Any, int] = {}
        self._facts: dict[int, tuple[nodes.Statement, Fact]] = {}
        self._values: dict[Any, Any] = {}
        self._units: dict[tuple[int, ...], Unit | None] = {}

    def of(self, statement: nodes.Statement) -> Fact:
        """What is known of a statement."""
        found = self._facts.get(id(statement))
        if found is None:
            key = self._forms.setdefault(form(statement), len(self._forms))
            fact = Fact(
                key,
                size(statement),
                frozenset(names_in(statement)),
                frozenset(names_in(statement, reads_only=True)),
                frozenset(bound_in(statement)),
            )
            found = self._facts[id(statement)] = (statement, fact)
        return found[1]

    def unified(self, statements: tuple[nodes.Statement, ...]) -> Unit | None:
        """What stands for statements of one form, if they differ in values alone."""
        key = tuple(map(id, statements))
        if key not in self._units:
            try:
                tree = unify(statements)
                holes = tuple(map(self._known, holes_in(tree)))
                unit = Unit(tree, holes, size(tree))
            except NoMatch:
                unit = None
            self._units[key] = unit
        return self._units[key]

    def _known(self, hole: Hole) -> Hole:
        """A hole whose values are the same object wherever they are the same."""
        return replace(hole, values=self._values.setdefault(hole.values, hole.values))


def names_in(node: Any, *, reads_only: bool = False) -> Iterator[str]:
    """All names that stand in a tree, or those that stand there for their values."""
    if isinstance(node, tuple):
        for item in node:
            yield from names_in(item, reads_only=reads_only)
    elif isinstance(node, nodes.Target):
        if not reads_only:
            yield node.name
    elif isinstance(node, nodes.Name):
        yield node.id
    elif isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            yield from names_in(getattr(node, field), reads_only=reads_only)


def bound_in(node: Any) -> Iterator[str]:
    """The names of tensors and layers: those that loops run over may be taken by other loops."""
    if isinstance(node, nodes.For):
        for statement in node.body:
            yield from bound_in(statement)
    elif isinstance(node, nodes.If):
        for branch in node.branches:
            for statement in branch.body:
                yield from bound_in(statement)
    elif isinstance(node, nodes.Assign):
        for target in nodes.bound_targets(node.targets):
            yield target.name
    elif isinstance(node, nodes.Input) and node.name is not None:
        yield node.name
