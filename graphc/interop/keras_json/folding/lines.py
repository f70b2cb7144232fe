"""Bodies of several models as one list of steps, whose tensors are told apart by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.interop.keras_json.folding.facts import names_in
from graphc.interop.keras_json.folding.flow import Step, flow, named
from graphc.interop.keras_json.folding.shape import form, size
from graphc.interop.keras_json.names import names_in as names_of
from graphc.record import Record, replace
from graphc.syntax import nodes


class Line(Record):
    """A step, and the statement that stands there if it is in no block."""

    step: Step
    statement: nodes.Statement | None


class LineFact(Record):
    """Of one line: a number that stands for its form, and how much it holds."""

    key: int
    size: int


class Lines:
    """The lines of all bodies; each body ends with one that is in no block."""

    def __init__(self, bodies: Sequence[Sequence[nodes.Statement]]) -> None:
        self.taken = {name for body in bodies for each in body for name in names_in(each)}
        self.names: list[str] = []
        self._facts: dict[int, tuple[Line, LineFact]] = {}
        self._keys: dict[Any, int] = {}
        self._ends: list[Line] = []
        self._written: dict[int, tuple[Line, nodes.Statement]] = {}
        lines: list[Line] = []
        for body in bodies:
            lines += self._of(body)
            self._ends.append(lines[-1])
        self.set(lines)

    def _of(self, body: Sequence[nodes.Statement]) -> list[Line]:
        stream = flow(body)
        offset = len(self.names)
        self.names += stream.names
        held: set[int] = set()
        """The layers that are bound to names, and what is made of nothing: no block takes them."""
        fixed = {each.name for each in body if isinstance(each, nodes.Weight)}
        lines = []
        for statement, step in zip(body, stream.steps, strict=True):
            is_fixed = not isinstance(step.tree, nodes.Assign) or not step.reads
            if is_fixed:
                if isinstance(statement, nodes.Assign):
                    held.update(step.binds)
            elif not held.isdisjoint(step.reads) or not fixed.isdisjoint(names_in(statement)):
                is_fixed = True
            moved = replace(
                step,
                tree=None if is_fixed else step.tree,
                reads=tuple(each + offset for each in step.reads),
                binds=tuple(each + offset for each in step.binds),
            )
            lines.append(Line(moved, statement if is_fixed else None))
        return lines

    def set(self, lines: list[Line]) -> None:
        """Replace the lines."""
        self.lines = lines
        self.last = {value: place for place, line in enumerate(lines) for value in line.step.reads}
        """Where each tensor is taken last."""

    def whole_from(self) -> list[int]:
        """For each place, from where on the steps before it make one tensor that is taken there.

        It has to be what the last of them makes; where it is not, none of them do.
        """
        found = []
        live: list[int] = []
        """Where each live tensor was made."""
        ends: dict[int, list[int]] = {}
        for place in range(len(self.lines) + 1):
            for made in ends.pop(place - 1, ()):
                live.remove(made)
            if place:
                for value in self.lines[place - 1].step.binds:
                    if (last := self.last.get(value, -1)) >= place:
                        live.append(place - 1)
                        ends.setdefault(last, []).append(place - 1)
            if not live or live[-1] != place - 1:
                found.append(place)
            else:
                found.append(live[-2] + 1 if len(live) > 1 else 0)
        return found

    def fact(self, line: Line) -> LineFact:
        """What is known of a line: its key is equal for those that may stand for each other."""
        found = self._facts.get(id(line))
        if found is None:
            tree = line.step.tree
            fact = LineFact(-1, 0)
            if tree is not None:
                named = tuple(each.is_automatic for each in names_of(tree) if not each.is_inner)
                key = self._keys.setdefault((form(tree), named), len(self._keys))
                fact = LineFact(key, size(tree))
            found = self._facts[id(line)] = (line, fact)
        return found[1]

    def bodies(self) -> tuple[tuple[nodes.Statement, ...], ...]:
        """The statements of each body."""
        bodies: list[tuple[nodes.Statement, ...]] = []
        body: list[nodes.Statement] = []
        for line in self.lines:
            body.append(self._statement(line))
            if line is self._ends[len(bodies)]:
                bodies.append(tuple(body))
                body = []
        return tuple(bodies)

    def _statement(self, line: Line) -> nodes.Statement:
        if line.statement is not None:
            return line.statement
        found = self._written.get(id(line))
        if found is None:
            reads = [self.names[value] for value in line.step.reads]
            binds = [self.names[value] for value in line.step.binds]
            found = line, named(line.step.tree, reads, binds)
            self._written[id(line)] = found
        return found[1]
