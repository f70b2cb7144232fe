"""Holes to loop variables: which are needed, what they are called, what they run over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.folding.unify import SIZE, Hole
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import Record
from graphc.syntax import nodes

Values = tuple[nodes.Expression | None, ...]
"""A value for each turn; None in turns that have no use for one."""

Turns = tuple[int, ...]

_COUNTERS = ("i", "j", "k", "n", "m")
MOST_COLUMNS = 6
FEWEST_ALIKE = 3
"""In how many turns two columns have to agree that have different meanings."""
MOST_CONSIDERED = 60
"""How many different columns are looked at, most of which have to follow from others."""
MOST_KINDS = 4
"""How many different values a column may have for others to depend on which it is."""

# `4 * filters` says something where both are numbers of filters; other ratios are by chance.
LEAST_BASE = 4
MOST_RATIO = 8


HAS = "has_"
"""What names begin with that tell whether a turn has something."""


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
        return _whole(self.values)

    @property
    def is_word(self) -> bool:
        """Whether it is a part of names that is no number."""
        return self.hint in _WORDS

    @property
    def turns(self) -> Turns:
        """The turns that have a value."""
        return tuple(turn for turn, value in enumerate(self.values) if value is not None)

    @property
    def is_whole(self) -> bool:
        """Whether every turn has a value."""
        return None not in self.values


def _whole(values: Sequence[nodes.Expression | None]) -> list[int] | None:
    found = [v.value for v in values if isinstance(v, nodes.Literal)]
    is_whole = len(found) == len(values) and all(type(v) is int for v in found)
    return [v for v in found if isinstance(v, int)] if is_whole else None


class Plan(Record):
    """What a loop runs over: its variables with their values, and what each hole is then."""

    bases: tuple[tuple[Column, str], ...]
    meanings: dict[Values, nodes.Expression]
    count: int
    tests: dict[Turns, nodes.Expression]

    __hash__ = object.__hash__

    @property
    def size(self) -> int:
        """How much the head of the loop holds to read."""
        return 3 + len(self.bases) * (self.count + 1) + self.count * (len(self.bases) > 1)


def plan(
    holes: Sequence[Hole],
    count: int,
    is_free: Callable[[str], bool],
    parts: Sequence[tuple[Turns, str]] = (),
    most: int = MOST_COLUMNS,
    *,
    chooses: bool = True,
) -> Plan:
    """The plan for a body with these holes, in the order of the text. Raises `TooMany`.

    `parts` are sets of turns that have statements which others lack, and words for them. A plan
    that `chooses` has values that depend on which of a few another is.
    """
    ordered = _in_order(holes)
    bases: list[tuple[Column, str]] = []
    meanings: dict[Values, nodes.Expression] = {}
    taken: set[str] = set()

    def add(column: Column) -> str:
        name = _name(column, lambda each: is_free(each) and each not in taken)
        taken.add(name)
        bases.append((column, name))
        if len(bases) > most:
            raise TooMany
        return name

    # What derives comes last, and what not all turns have behind what they have.
    for column in sorted(ordered, key=_order):
        meaning = _derived(column, bases, chooses=chooses)
        meanings[column.values] = build.name(add(column)) if meaning is None else meaning
    tests: dict[Turns, nodes.Expression] = {}
    for turns, word in parts:
        test = _test(turns, bases, count)
        if test is None:
            column = _told(turns, word, count)
            add(column)
            test = _test(turns, bases[-1:], count) or build.name(bases[-1][1])
        tests[turns] = test
    places = {column.values: place for place, column in enumerate(ordered)}
    bases.sort(
        key=lambda base: places.get(base[0].values, -1 if base[0].is_number else len(places))
    )
    return _renamed(bases, Plan(tuple(bases), meanings, count, tests))


def _renamed(ordered: list[tuple[Column, str]], made: Plan) -> Plan:
    """A plan whose names are numbered in the order of the text: `filters`, then `filters_2`."""
    names: dict[str, str] = {}
    for hint in {column.hint for column, _ in ordered}:
        own = [name for column, name in ordered if column.hint == hint and name.startswith(hint)]
        own = [name for name in own if name in _numbered(hint) or name == hint]
        names.update(zip(own, sorted(own, key=(hint, *_numbered(hint)).index), strict=True))
    if all(old == new for old, new in names.items()):
        return made

    def change(node: Any) -> Any:
        return (
            build.name(names[node.id])
            if isinstance(node, nodes.Name) and node.id in names
            else node
        )

    return Plan(
        tuple((column, names.get(name, name)) for column, name in ordered),
        {values: rewritten(meaning, change) for values, meaning in made.meanings.items()},
        made.count,
        {turns: rewritten(test, change) for turns, test in made.tests.items()},
    )


def _order(column: Column) -> tuple[bool, bool, list[int]]:
    return not column.is_whole, column.numbers is None, column.numbers or []


def _test(turns: Turns, bases: Sequence[tuple[Column, str]], count: int) -> nodes.Expression | None:
    """What tells these turns from the others, by a column that there is."""
    others = tuple(turn for turn in range(count) if turn not in turns)

    def rank(base: tuple[Column, str]) -> int:
        is_kind = 2 * len(set(base[0].values)) <= count and len(set(base[0].values)) <= MOST_KINDS
        return 0 if is_kind and not base[0].is_number else 1 if base[0].is_number else 2

    for column, name in sorted(bases, key=rank):
        test = _compared(column, name, turns, others)
        if test is not None:
            return test
    return None


def _compared(column: Column, name: str, turns: Turns, others: Turns) -> nodes.Expression | None:
    """A comparison of a column that holds in some turns and not in others."""
    numbers = column.numbers
    if numbers is not None and column.is_number:
        inside = [numbers[turn] for turn in turns]
        outside = [numbers[turn] for turn in others]
        if min(inside) > max(outside) and len(set(inside)) > 1:
            return build.compare(build.name(name), ">", build.literal(max(outside)))
        if max(inside) < min(outside) and len(set(inside)) > 1:
            return build.compare(build.name(name), "<", build.literal(min(outside)))
    values = column.values
    for operator, some, rest in (("==", turns, others), ("!=", others, turns)):
        value = values[some[0]]
        if any(values[turn] != value for turn in some) or value in [values[r] for r in rest]:
            continue
        if type(value) is nodes.Literal and isinstance(value.value, bool):
            is_so = value.value == (operator == "==")
            return build.name(name) if is_so else build.negated(build.name(name))
        if value is None or isinstance(value, nodes.Literal):
            return build.compare(build.name(name), operator, value or build.literal(None))
    return None


def _told(turns: Turns, word: str, count: int) -> Column:
    """A column that tells these turns from the others: a count, or truth values."""
    if turns[-1] - turns[0] == len(turns) - 1 and (turns[0] == 0 or turns[-1] == count - 1):
        return Column(tuple(map(build.literal, range(count))), "", is_number=True)
    truths = tuple(build.literal(turn in turns) for turn in range(count))
    return Column(truths, f"{HAS}{word}", is_number=False)


def loop(body: tuple[Any, ...], made: Plan, is_free: Callable[[str], bool]) -> nodes.For:
    """The loop with a body that has holes."""
    names = [name for _, name in made.bases]
    if not names:
        names = [next(each for each in _COUNTERS + _numbered("i") if is_free(each))]
    targets = tuple(nodes.Target(build.SPAN, name, None) for name in names)
    iterable = iterable_of([column for column, _ in made.bases], made.count)
    return nodes.For(build.SPAN, targets, iterable, filled(body, made))


def filled(body: tuple[Any, ...], made: Plan) -> tuple[Any, ...]:
    """A body with what its holes are."""
    result: tuple[Any, ...] = rewritten(
        body, lambda node: made.meanings[node.values] if isinstance(node, Hole) else node
    )
    return result


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
    """The columns, names' numbers first, then their words, then the rest as they stand."""
    once: dict[tuple[int, str, bool], Hole] = {}
    for hole in holes:
        once.setdefault((id(hole.values), hole.hint, hole.is_number), hole)
    if len(once) > MOST_CONSIDERED:
        raise TooMany
    found: dict[Values, Column] = {}
    for hole in once.values():
        before = found.get(hole.values)
        if before is None or (before.is_number and not hole.is_number) or before.hint == SIZE:
            found[hole.values] = Column(hole.values, hole.hint, hole.is_number)
    return sorted(found.values(), key=lambda each: (not each.is_number, not each.is_word))


def _derived(
    column: Column, bases: list[tuple[Column, str]], *, chooses: bool
) -> nodes.Expression | None:
    """A column as one that there is already, a few more or several times as much."""
    turns = column.turns
    values = tuple(column.values[turn] for turn in turns)
    numbers = _whole(values)
    for base, name in bases:
        others = tuple(base.values[turn] for turn in turns)
        if None in others:
            continue
        is_kin = column.hint == base.hint and column.is_number == base.is_number
        if values == others and (is_kin or len(turns) >= FEWEST_ALIKE):
            return build.name(name)
        other_numbers = _whole(others)
        if numbers is not None and other_numbers is not None:
            found = _counted(column, base, numbers, other_numbers, name)
            if found is not None:
                return found
    if not chooses or column.is_number or column.is_word or len(turns) < FEWEST_ALIKE:
        return None
    return _chosen(values, turns, bases)


_WORDS = ("part", "letter", "name", "prefix", "suffix", "label")


def _counted(
    column: Column, base: Column, numbers: list[int], others: list[int], name: str
) -> nodes.Expression | None:
    """A column of numbers by another."""
    if column.is_number and base.is_number:
        differences = {a - b for a, b in zip(numbers, others, strict=True)}
        if len(differences) == 1 and (more := differences.pop()):
            sign = "+" if more > 0 else "-"
            return build.binary(sign, build.name(name), build.literal(abs(more)))
    if column.is_number or base.is_number:
        return None
    if column.hint != base.hint and len(set(numbers)) < FEWEST_ALIKE:
        return None
    for operator, some, rest in (("*", numbers, others), ("//", others, numbers)):
        if min(rest) >= LEAST_BASE:
            ratios = {a / b for a, b in zip(some, rest, strict=True)}
            ratio = ratios.pop()
            if not ratios and ratio == int(ratio) and 1 < ratio <= MOST_RATIO:
                factor, value = build.literal(int(ratio)), build.name(name)
                pair = (factor, value) if operator == "*" else (value, factor)
                return build.binary(operator, *pair)
    return None


def _chosen(
    values: Values, turns: Turns, bases: list[tuple[Column, str]]
) -> nodes.Expression | None:
    """One of two values, by a column of few."""
    kinds = list(dict.fromkeys(values))
    if len(kinds) != 2:
        return None
    for base, name in bases:
        others = [base.values[turn] for turn in turns]
        if None in others or len(set(base.values)) > MOST_KINDS or base.is_number:
            continue
        for one, other in (kinds, kinds[::-1]):
            when = {b for value, b in zip(values, others, strict=True) if value == one}
            rest = {b for value, b in zip(values, others, strict=True) if value == other}
            if len(when) == 1 and not when & rest:
                (told,) = when
                if one is not None and told is not None and other is not None:
                    test = build.compare(build.name(name), "==", told)
                    return nodes.Conditional(build.SPAN, one, test, other)
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


def iterable_of(columns: list[Column], count: int) -> nodes.Expression:
    """What a loop runs over that has these columns."""
    if not columns:
        return build.call("range", [build.argument(build.literal(count))])
    if len(columns) == 1:
        return _single(columns[0])
    rows = zip(*(map(_shown, _evenly(column.values)) for column in columns), strict=True)
    return build.listed(build.grouped(row) for row in rows)


def _evenly(values: Values) -> Values:
    """Numbers without fractions like `1 / 7`, unless all are such."""
    if not any(isinstance(v, nodes.Literal) and v.value is not None for v in values):
        return values
    return tuple(map(_decimal, values))


def _decimal(value: nodes.Expression | None) -> nodes.Expression | None:
    if isinstance(value, nodes.Binary) and value.operator == "/":
        parts = _numbers((value.left, value.right))
        return value if parts is None else build.literal(parts[0] / parts[1])
    return value


def _numbers(values: Sequence[nodes.Expression]) -> list[float] | None:
    found = [v.value for v in values if isinstance(v, nodes.Literal)]
    numbers = [v for v in found if isinstance(v, (int, float))]
    return numbers if len(numbers) == len(values) else None


def _shown(value: nodes.Expression | None) -> nodes.Expression:
    return build.literal(None) if value is None else value


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
    return build.listed(map(_shown, column.values))
