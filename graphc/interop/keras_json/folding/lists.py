"""Tensors that are taken together, or each by one of many joins far behind, as lists.

With `skips = skips + [x]` in each turn of a loop, what takes all of them need not name each, and
the way up of a U-Net is a loop that takes `skips[i]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.folding.flow import (
    Step,
    flow,
    masked_place,
    masked_read,
    masked_target,
    named,
)
from graphc.interop.keras_json.folding.shape import form
from graphc.interop.keras_json.known_names import is_known
from graphc.interop.keras_json.rewriting import rewritten
from graphc.interop.keras_json.variables import Variables, is_variable
from graphc.record import Record
from graphc.syntax import nodes

FEWEST = 3
"""How many tensors are worth a list."""
MOST_LISTS = 4


class _Joint(Record):
    """Tensors in the order in which they are made, taken by one list from a place of it on."""

    values: tuple[int, ...]
    step: int
    items: nodes.ListDisplay
    start: int


class _Stack(Record):
    """Tensors in the order in which they are made, and the steps and places that take them."""

    values: tuple[int, ...]
    takers: tuple[tuple[int, int], ...]


def with_lists(
    statements: Sequence[nodes.Statement], is_taken: Callable[[str], bool]
) -> tuple[nodes.Statement, ...] | None:
    """The statements with tensors in lists where that may help to fold them; None if nowhere."""
    stream = flow(statements)
    body = _Body(statements, list(stream.steps), list(stream.names))
    for number in range(MOST_LISTS):
        found = next(body.joints(), None) or next(body.stacks(), None)
        if found is None:
            return tuple(body.statements(is_taken)) if number else None
        body.collect(found, is_taken)
    return tuple(body.statements(is_taken))


class _Body:
    def __init__(
        self, statements: Sequence[nodes.Statement], steps: list[Step], names: list[str]
    ) -> None:
        self.lines: list[nodes.Statement | None] = [
            statement if step.tree is None else None
            for statement, step in zip(statements, steps, strict=True)
        ]
        self.steps = steps
        self.names = names
        self.keys: dict[Any, int] = {}
        self._note()

    def _note(self) -> None:
        self.makers = {
            value: place for place, step in enumerate(self.steps) for value in step.binds
        }

    def _key(self, place: int) -> int:
        """A number for the form of a step; below zero if it makes no one tensor."""
        step = self.steps[place]
        if not isinstance(step.tree, nodes.Assign) or len(step.binds) != 1 or not step.reads:
            return -1
        return self.keys.setdefault(form(step.tree), len(self.keys))

    def joints(self) -> Iterator[_Joint]:
        """Lists of tensors that are made one after the other in the same way."""
        for place, step in enumerate(self.steps):
            for items in _lists_in(step.tree):
                values = [step.reads[masked_place(item)] for item in items.items]
                makers = [self.makers[value] for value in values]
                keys = [self._key(maker) for maker in makers]
                start = 0
                while start < len(values):
                    end = start + 1
                    while (
                        end < len(values)
                        and keys[end] == keys[start] >= 0
                        and makers[end] > makers[end - 1]
                    ):
                        end += 1
                    if end - start >= FEWEST:
                        yield _Joint(tuple(values[start:end]), place, items, start)
                    start = end

    def stacks(self) -> Iterator[_Stack]:
        """Tensors made in the same way that are taken in the same way, behind the last of them."""
        groups: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
        for place, step in enumerate(self.steps):
            taker = self._key(place)
            for slot, value in enumerate(step.reads):
                maker = self.makers.get(value)
                if maker is None or taker < 0 or (key := self._key(maker)) < 0:
                    continue
                if place - maker > 1:
                    groups.setdefault((key, taker, slot), []).append((maker, place, value))
        for (_, _, slot), found in groups.items():
            found.sort()
            takers = [place for _, place, _ in found]
            is_apart = len({value for _, _, value in found}) == len(found)
            down, up = sorted(takers), sorted(takers, reverse=True)
            if len(found) < FEWEST or not is_apart or takers not in (down, up):
                continue
            if found[-1][0] < min(takers):
                values = tuple(value for _, _, value in found)
                yield _Stack(values, tuple((place, slot) for place in takers))

    def collect(self, found: _Joint | _Stack, is_taken: Callable[[str], bool]) -> None:
        """Put tensors into a list, and take them from it."""
        word = "parts" if isinstance(found, _Joint) else "skips"
        name = next(
            each
            for each in (word, *(f"{word}_{number}" for number in range(2, 100)))
            if each not in self.names and not is_taken(each) and not is_known(each)
        )
        first = len(self.names)
        self.names += [name] * (len(found.values) + 1)
        last = first + len(found.values)
        if isinstance(found, _Joint):
            self.steps[found.step] = _taking_all(self.steps[found.step], found, last)
        else:
            for number, (place, slot) in enumerate(found.takers):
                self.steps[place] = _taking_one(self.steps[place], slot, last, number)
        numbers = {self.makers[value]: number for number, value in enumerate(found.values)}
        begin = next(
            place for place, each in enumerate(self.lines) if not isinstance(each, nodes.Input)
        )
        steps: list[Step] = []
        lines: list[nodes.Statement | None] = []
        for place, (step, line) in enumerate(zip(self.steps, self.lines, strict=True)):
            if place == begin:
                steps.append(_empty(first))
                lines.append(None)
            steps.append(step)
            lines.append(line)
            if place in numbers:
                number = numbers[place]
                steps.append(_append(first + number, found.values[number]))
                lines.append(None)
        self.steps, self.lines = steps, lines
        self._note()

    def statements(self, is_taken: Callable[[str], bool]) -> list[nodes.Statement]:
        """The statements, with names that are as few as there can be."""
        fixed = {
            value: name
            for value, name in enumerate(self.names)
            if not is_variable(name) or self.lines[self.makers[value]] is not None
        }
        kept = set(fixed.values())
        variables = Variables(lambda name: name in kept or is_taken(name) or is_known(name))
        last = {value: place for place, step in enumerate(self.steps) for value in step.reads}
        names = dict(fixed)
        result: list[nodes.Statement] = []
        for place, (step, line) in enumerate(zip(self.steps, self.lines, strict=True)):
            reads = [names[value] for value in step.reads]
            for value in set(step.reads):
                if last[value] == place and value not in fixed:
                    variables.release(names[value])
            for value in step.binds:
                if value not in fixed:
                    names[value] = variables.take()
            for value in step.binds:
                if value not in last and value not in fixed:
                    variables.release(names[value])
            binds = [names[value] for value in step.binds]
            if line is None:
                result.append(named(step.tree, reads, binds))
            else:
                was = [self.names[value] for value in step.reads]
                result.append(_renamed(line, dict(zip(was, reads, strict=True))))
        return result


def _renamed(statement: nodes.Statement, names: dict[str, str]) -> nodes.Statement:
    def change(node: Any) -> Any:
        is_one = isinstance(node, nodes.Name) and node.id in names
        return build.name(names[node.id]) if is_one else node

    made: nodes.Statement = rewritten(statement, change)
    return made


def _lists_in(tree: Any) -> list[nodes.ListDisplay]:
    """The lists of tensors in a step."""
    found = []

    def see(node: Any) -> Any:
        is_list = isinstance(node, nodes.ListDisplay) and len(node.items) >= FEWEST
        if is_list and all(masked_place(item) >= 0 for item in node.items):
            found.append(node)
        return node

    rewritten(tree, see)
    return found


def _empty(value: int) -> Step:
    tree = nodes.Assign(build.SPAN, (masked_target(0),), build.listed(()))
    return Step(tree, (), (value,))


def _append(before: int, value: int) -> Step:
    longer = build.binary("+", masked_read(0), build.listed((masked_read(1),)))
    tree = nodes.Assign(build.SPAN, (masked_target(0),), longer)
    return Step(tree, (before, value), (before + 1,))


def _taking_all(step: Step, joint: _Joint, value: int) -> Step:
    """A step that takes a list with what stands around it."""
    items = joint.items.items
    end = joint.start + len(joint.values)
    whole: nodes.Expression = masked_read(len(step.reads))
    if joint.start:
        whole = build.binary("+", build.listed(items[: joint.start]), whole)
    if end < len(items):
        whole = build.binary("+", whole, build.listed(items[end:]))

    def change(node: Any) -> Any:
        return whole if node == joint.items else node

    return _without_gaps(rewritten(step.tree, change), (*step.reads, value), step.binds)


def _taking_one(step: Step, slot: int, value: int, number: int) -> Step:
    """A step that takes an item of a list where it has taken a tensor."""
    item = nodes.Index(build.SPAN, masked_read(len(step.reads)), (build.literal(number),), False)

    def change(node: Any) -> Any:
        return item if node == masked_read(slot) else node

    return _without_gaps(rewritten(step.tree, change), (*step.reads, value), step.binds)


def _without_gaps(tree: Any, reads: tuple[int, ...], binds: tuple[int, ...]) -> Step:
    """A step whose reads are those that stand in its tree, counted anew."""
    order: list[int] = []

    def change(node: Any) -> Any:
        place = masked_place(node)
        if place < 0:
            return node
        order.append(place)
        return masked_read(len(order) - 1)

    tree = rewritten(tree, change)
    return Step(tree, tuple(reads[place] for place in order), binds)
