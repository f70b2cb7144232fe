"""Holes to loop variables: which are needed, what they are called, what they run over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.folding.unify import Hole
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import Record
from graphc.syntax import nodes

Values = tuple[nodes.Expression, ...]

_COUNTERS = ("i", "j", "k", "n", "m")
MOST_COLUMNS = 6

# `4 * filters` says something where both are numbers of filters; other ratios are by chance.
LEAST_BASE = 4
MOST_RATIO = 8


class TooMany(Exception):
    """More variables than a person would want to read."""


class Column(Record):
    """Values that differ from turn to turn."""

    values: Values
    hint: str
    is_number: bool

    @property
    def numbers(self) -> list[int] | None:
        """The values, if all are whole numbers."""
        found = [v.value for v in self.values if isinstance(v, nodes.Literal)]
        is_whole = len(found) == len(self.values) and all(type(v) is int for v in found)
        return [v for v in found if isinstance(v, int)] if is_whole else None


class Plan(Record):
    """What a loop runs over: its variables with their values, and what each hole is then."""

    bases: tuple[tuple[Column, str], ...]
    meanings: dict[Values, nodes.Expression]
    count: int

    __hash__ = object.__hash__

    @property
    def size(self) -> int:
        """How much the head of the loop holds to read."""
        return 3 + len(self.bases) * (self.count + 1) + self.count * (len(self.bases) > 1)


def plan(holes: Sequence[Hole], count: int, is_free: Callable[[str], bool]) -> Plan:
    """The plan for a body with these holes, in the order of the text. Raises `TooMany`."""
    ordered = _in_order(holes)
    bases: list[tuple[Column, str]] = []
    meanings: dict[Values, nodes.Expression] = {}
    taken: set[str] = set()
    for column in sorted(ordered, key=lambda c: c.numbers or [0]):  # what derives comes last
        meaning = _derived(column, bases)
        if meaning is None:
            name = _name(column, lambda each: is_free(each) and each not in taken)
            taken.add(name)
            bases.append((column, name))
            if len(bases) > MOST_COLUMNS:
                raise TooMany
            meaning = build.name(name)
        meanings[column.values] = meaning
    places = {column.values: place for place, column in enumerate(ordered)}
    bases.sort(key=lambda base: places[base[0].values])
    return Plan(tuple(bases), meanings, count)


def loop(body: tuple[Any, ...], made: Plan, is_free: Callable[[str], bool]) -> nodes.For:
    """The loop with a body that has holes."""
    filled = rewritten(body, lambda node: _filled(node, made.meanings))
    names = [name for _, name in made.bases]
    if not names:
        names = [next(each for each in _COUNTERS + _numbered("i") if is_free(each))]
    targets = tuple(nodes.Target(build.SPAN, name, None) for name in names)
    iterable = _iterable([column for column, _ in made.bases], made.count)
    return nodes.For(build.SPAN, targets, iterable, filled)


def _filled(node: Any, meanings: dict[Values, nodes.Expression]) -> Any:
    return meanings[node.values] if isinstance(node, Hole) else node


def holes_in(node: Any) -> Iterator[Hole]:
    """The holes of a tree in the order of the text."""
    if isinstance(node, Hole):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from holes_in(item)
    elif isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            yield from holes_in(getattr(node, field))


def _in_order(holes: Sequence[Hole]) -> list[Column]:
    """The columns, names' numbers first, then as they stand."""
    found: dict[Values, Column] = {}
    for hole in holes:
        before = found.get(hole.values)
        if before is None or (before.is_number and not hole.is_number):
            found[hole.values] = Column(hole.values, hole.hint, hole.is_number)
    return sorted(found.values(), key=lambda column: not column.is_number)


def _derived(column: Column, bases: list[tuple[Column, str]]) -> nodes.Expression | None:
    """A column as one that there is already, a few more or several times as much."""
    numbers = column.numbers
    if numbers is None:
        return None
    for base, name in bases:
        others = base.numbers
        if others is None:
            continue
        if column.is_number and base.is_number:
            differences = {a - b for a, b in zip(numbers, others, strict=True)}
            if len(differences) == 1:
                more = differences.pop()
                sign = "+" if more > 0 else "-"
                return build.binary(sign, build.name(name), build.literal(abs(more)))
        is_kin = column.hint == base.hint and not column.is_number and not base.is_number
        if is_kin and min(others) >= LEAST_BASE:
            ratios = {a / b for a, b in zip(numbers, others, strict=True)}
            ratio = ratios.pop()
            if not ratios and ratio == int(ratio) and 1 < ratio <= MOST_RATIO:
                return build.binary("*", build.literal(int(ratio)), build.name(name))
    return None


def _name(column: Column, is_free: Callable[[str], bool]) -> str:
    hint = column.hint
    if hint.isidentifier() and len(hint) > 1 and is_free(hint):
        return hint
    if not hint or column.is_number:
        return next(each for each in _COUNTERS + _numbered("i") if is_free(each))
    return next(each for each in _numbered(hint) if is_free(each))


def _numbered(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{number}" for number in range(2, 100))


def _iterable(columns: list[Column], count: int) -> nodes.Expression:
    if not columns:
        return build.call("range", [build.argument(build.literal(count))])
    if len(columns) == 1:
        return _single(columns[0])
    rows = zip(*(column.values for column in columns), strict=True)
    return build.listed(build.grouped(row) for row in rows)


def _single(column: Column) -> nodes.Expression:
    numbers = column.numbers
    if numbers is not None:
        step = numbers[1] - numbers[0]
        is_even = all(b - a == step for a, b in pairwise(numbers))
        if is_even and (step == 1 or (step > 1 and len(numbers) > 2 and column.is_number)):
            bounds = [numbers[0], numbers[-1] + 1] if numbers[0] else [numbers[-1] + 1]
            bounds = [numbers[0], numbers[-1] + 1, step] if step != 1 else bounds
            return build.call("range", [build.argument(build.literal(each)) for each in bounds])
    letters = [v.value for v in column.values if isinstance(v, nodes.Literal)]
    if all(isinstance(each, str) and len(each) == 1 for each in letters) and letters:
        return build.literal("".join(map(str, letters)))
    return build.listed(column.values)
