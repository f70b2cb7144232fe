"""Names for the values of a function.

The last value of a layer has the layer's name; a value that the next layer uses up is called `x`,
as one would. A name is used again when its value is needed no more, so that its memory is free.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping, Sequence

from graphc.emit.keras.spelling import identifier
from graphc.emit.numpy.statements import Bound, Loop, Statement, number_of
from graphc.ir.origin import Origin

FLOW = "x"
"""What goes from one layer to the next."""


def sections(statements: Sequence[Statement]) -> list[list[int]]:
    """The places of statements, those of one layer together."""
    found: list[list[int]] = []
    for place, each in enumerate(statements):
        if found and statements[found[-1][0]].origin is each.origin:
            found[-1].append(place)
        else:
            found.append([place])
    return found


class Names:
    """What the values of one function are called."""

    def __init__(
        self, statements: Sequence[Statement], results: Sequence[ast.expr], taken: set[str],
        *, wanted: Mapping[int, str] | None = None, first: int = 0, keeps_all: bool = False,
    ) -> None:  # fmt: skip
        """Names for values; those of `wanted` are asked for.

        What the first statements bind is kept up to the last of them, or all is to the end.
        """
        self.taken = taken
        self.of: dict[int, str] = {}
        self.dead_after: dict[int, list[str]] = {}
        """Names that nothing reads behind a statement, by its place."""
        self._statements = statements
        self._asked = wanted or {}
        self._last: dict[int, int] = {}
        self._given: set[int] = set()
        self._section: dict[int, int] = {}
        self._ends: set[int] = set()
        for number, places in enumerate(sections(statements)):
            self._section.update(dict.fromkeys(places, number))
            self._ends.add(places[-1])
        self._reads = [set(_reads(each)) for each in statements]
        for place, reads in enumerate(self._reads):
            for value in reads:
                self._last[value] = place
        end = len(statements)
        for value in {n for each in results for n in numbers_in(each)}:
            self._last[value] = end
        for statement in statements[:first]:
            assert isinstance(statement, Bound)
            for value in [each for each in statement.targets if each is not None]:
                self._given.add(value)
                self._last[value] = max(first, self._last.get(value, 0))
        if keeps_all:
            self._last = dict.fromkeys(self._last, end)
        self._held: dict[str, int] = {}
        for place in range(end):
            self._name(place)

    def _name(self, place: int) -> None:
        statement = self._statements[place]
        gone = [each for each, value in self._held.items() if self._last.get(value, -1) <= place]
        if isinstance(statement, Loop):
            inner: set[str] = set()
            self._name_loop(statement, inner)
        else:
            for each in gone:
                del self._held[each]
            for number in statement.targets:
                if number is not None:
                    self._take(self._wanted(place, statement, number), number)
        dead = [
            each for each, value in self._held.items() if self._last.get(value, -1) <= place
        ] + [each for each in gone if each not in self._held]
        # Nothing is freed by forgetting an input: who calls has it.
        kept = {FLOW, *(self.of[number] for number in self._given if number in self.of)}
        self.dead_after[place] = [each for each in dict.fromkeys(dead) if each not in kept]
        for each in dead:
            self._held.pop(each, None)

    def _name_loop(self, loop: Loop, inner: set[str]) -> None:
        """Names in a loop are its own: what it reads is read again in each turn."""
        layer = _layer_name(loop.origin)
        for number in loop.states:
            self._take("state", number)
        for number in loop.stacks:
            self._take(layer or "outputs", number)
        self._name_inner_loop(loop, inner)

    def _name_inner_loop(self, loop: Loop, inner: set[str]) -> None:
        self._inner(loop.index, "step", inner)
        for each in loop.body:
            if isinstance(each, Loop):
                for number in (*each.states, *each.stacks):
                    self._inner(number, "inner", inner)
                self._name_inner_loop(each, inner)
            else:
                for target in each.targets:
                    if target is not None:
                        self._inner(target, each.word, inner)

    def _inner(self, number: int, base: str, inner: set[str]) -> None:
        found = numbered(base, self.taken | set(self._held) | inner)
        inner.add(found)
        self.of[number] = found

    def _take(self, base: str, number: int) -> None:
        found = numbered(base, self.taken | set(self._held))
        self._held[found] = number
        self.of[number] = found

    def _wanted(self, place: int, statement: Bound, number: int) -> str:
        if number in self._asked:
            return self._asked[number]
        section, last = self._section[place], self._last.get(number, place)
        reader = self._section.get(last)
        is_free = FLOW not in self._held and FLOW not in self.taken
        if is_free and reader is not None and reader <= section + 1:
            return FLOW
        if place in self._ends:
            return _layer_name(statement.origin) or statement.word
        return statement.word


def numbered(base: str, taken: Container[str]) -> str:
    """The first of base, base_2, base_3, … that is not taken."""
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}_{number}"
    return found


def _layer_name(origin: Origin | None) -> str:
    return "" if origin is None else identifier(origin.call.name.replace(".", "_"))


def numbers_in(node: ast.AST) -> Iterator[int]:
    """The values that an expression reads."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            number = number_of(each.id)
            if number is not None:
                yield number


def _reads(statement: Statement) -> Iterator[int]:
    if isinstance(statement, Bound):
        yield from numbers_in(statement.value)
        return
    for expression in (*statement.begin, *statement.after, *statement.slices):
        yield from numbers_in(expression)
    for each in statement.body:
        yield from _reads(each)
