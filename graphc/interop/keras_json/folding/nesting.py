"""One loop over a table as a loop in a loop: stages, and blocks that are counted in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.folding.columns import Column, Plan, filled, iterable_of
from graphc.interop.keras_json.folding.facts import names_in
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import Record, replace
from graphc.syntax import nodes

MOST_CHOICES = 2
"""How many values may depend on whether a block is the first or the last of its stage."""

_TRUE, _FALSE = build.literal(True), build.literal(False)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Runs = tuple[tuple[int, ...], ...]


class _NotNested(Exception):
    """The table has no such order."""


class _Inner(Record):
    """What counts in a stage: its name, where it begins, and whether it is a letter."""

    name: str
    start: int
    is_letter: bool

    def value(self, place: int) -> nodes.Expression:
        """The value of the block at a place in its stage."""
        if self.is_letter:
            return build.literal(_LETTERS[place])
        return build.literal(self.start + place)

    def iterable(self, depth: nodes.Expression, most: int) -> nodes.Expression:
        """What the blocks of a stage run over."""
        if self.is_letter:
            letters = build.literal(_LETTERS[:most])
            if depth == build.literal(most):
                return letters
            return nodes.Index(
                build.SPAN, letters, (nodes.Slice(build.SPAN, None, depth, None),), False
            )
        if not self.start:
            return build.call("range", [build.argument(depth)])
        bounds = [build.literal(self.start), self.last(depth, more=1)]
        return build.call("range", map(build.argument, bounds))

    def last(self, depth: nodes.Expression, more: int = 0) -> nodes.Expression:
        """The value of the last block of a stage."""
        more += self.start - 1
        if isinstance(depth, nodes.Literal) and isinstance(depth.value, int):
            return build.literal(depth.value + more)
        if not more:
            return depth
        return build.binary("+" if more > 0 else "-", depth, build.literal(abs(more)))


def nested(body: tuple[Any, ...], made: Plan, is_free: Callable[[str], bool]) -> nodes.For | None:
    """The loops for a plan, if its table has stages; else None."""
    for outer, outer_name in made.bases:
        runs = _runs(outer)
        if runs is None:
            continue
        for column, name in made.bases:
            inner = None if column is outer else _inner(column, name, runs)
            if inner is not None:
                try:
                    stages = [
                        build.compare(build.name(outer_name), "==", value)
                        for run in runs
                        if (value := outer.values[run[0]]) is not None
                    ]
                    return _nested(body, made, is_free, inner, runs, stages)
                except _NotNested:
                    continue
    return None


def _runs(column: Column) -> Runs | None:
    """The turns of each stage, by a column that counts stages."""
    numbers = column.numbers
    if numbers is None or not column.is_number:
        return None
    runs = tuple(
        tuple(some) for _, some in groupby(range(len(numbers)), lambda turn: numbers[turn])
    )
    firsts = [numbers[run[0]] for run in runs]
    is_counted = firsts == sorted(set(firsts))
    return runs if is_counted and len(runs) > 1 and 2 * len(runs) <= len(numbers) + 1 else None


def _inner(column: Column, name: str, runs: Runs) -> _Inner | None:
    numbers = column.numbers
    if numbers is not None and column.is_number:
        start = numbers[0]
        is_counted = all(
            [numbers[turn] for turn in run] == list(range(start, start + len(run))) for run in runs
        )
        return _Inner(name, start, False) if is_counted and start >= 0 else None
    letters = [getattr(value, "value", None) for value in column.values]
    if max(map(len, runs)) > len(_LETTERS):
        return None
    is_lettered = all([letters[turn] for turn in run] == list(_LETTERS[: len(run)]) for run in runs)
    return _Inner(name, 0, True) if is_lettered else None


def _nested(
    body: tuple[Any, ...],
    made: Plan,
    is_free: Callable[[str], bool],
    inner: _Inner,
    runs: Runs,
    stages: Sequence[nodes.Expression],
) -> nodes.For:
    """The loops for stages, each told by one of the tests."""
    tree = filled(body, made)
    taken = {name for _, name in made.bases}
    lengths = list(dict.fromkeys(map(len, runs)))
    depth: nodes.Expression = build.literal(lengths[0])
    columns: list[tuple[str, tuple[nodes.Expression | None, ...]]] = []
    choices: dict[str, tuple[nodes.Expression, Any, tuple[Any, ...]]] = {}
    flags: dict[str, nodes.Expression] = {}
    depth_name = next(
        name
        for name in ("depth", "blocks", "turns", "depth_2")
        if name not in taken and is_free(name)
    )
    if len(lengths) > 1:
        depth = build.name(depth_name)
    first = build.compare(build.name(inner.name), "==", inner.value(0))
    last = build.compare(build.name(inner.name), "==", inner.last(depth))
    tested = set(names_in(tuple(_tests(tree))))
    for column, name in made.bases:
        if name == inner.name:
            continue
        values = [[column.values[turn] for turn in run] for run in runs]
        if not column.is_whole:
            if name in tested:
                raise _NotNested
            values = [[v for v in some if v is not None] or [None] for some in values]
        if all(len(set(some)) == 1 for some in values):
            columns.append((name, tuple(some[0] for some in values)))
            continue
        if not column.is_whole or column.is_number or len(choices) == MOST_CHOICES:
            raise _NotNested
        for place, test in ((0, first), (-1, last)):
            if place and inner.is_letter:
                raise _NotNested
            rest = {v for some in values for v in (some[1:] if place == 0 else some[:-1])}
            if len(rest) == 1:
                chosen = tuple(some[place] for some in values)
                if rest == {_FALSE} and chosen.count(_TRUE) == 1:
                    flags[name] = build.binary("and", test, stages[chosen.index(_TRUE)])
                    break
                choices[name] = (test, rest.pop(), chosen)
                columns.append((name, chosen))
                break
        else:
            raise _NotNested
    if len(lengths) > 1:
        columns.insert(1, (depth_name, tuple(build.literal(len(run)) for run in runs)))
    tree = rewritten(tree, lambda node: _with_choices(_with_flags(node, flags), choices))
    most = max(lengths)
    loop = nodes.For(build.SPAN, (build.target(inner.name),), inner.iterable(depth, most), tree)
    return nodes.For(
        build.SPAN,
        tuple(build.target(name) for name, _ in columns),
        iterable_of([Column(values, "", is_number=True) for _, values in columns], len(runs)),
        (loop,),
    )


def _tests(node: Any) -> list[Any]:
    found: list[Any] = []

    def see(each: Any) -> Any:
        if isinstance(each, nodes.Branch) and each.test is not None:
            found.append(each.test)
        if isinstance(each, nodes.Conditional):
            found.append(each.test)
        return each

    rewritten(node, see)
    return found


def _with_flags(node: Any, flags: dict[str, nodes.Expression]) -> Any:
    return flags[node.id] if isinstance(node, nodes.Name) and node.id in flags else node


def _with_choices(node: Any, choices: dict[str, tuple[nodes.Expression, Any, Any]]) -> Any:
    """A node with conditions for values that are others in the first or the last block."""
    if isinstance(node, nodes.FString) and any(name in choices for name in names_in(node)):
        raise _NotNested
    if isinstance(node, nodes.Name) and node.id in choices:
        test, otherwise, _ = choices[node.id]
        if otherwise == _FALSE and type(otherwise.value) is bool:
            return build.binary("and", test, node)
        return nodes.Conditional(build.SPAN, node, test, otherwise)
    if isinstance(node, nodes.Comparison) and isinstance(node.operands[0], nodes.Conditional):
        return _compared(node, choices)
    if isinstance(node, nodes.Branch) and node.test is not None:
        return _without_asking_again(node)
    return node


def _without_asking_again(branch: nodes.Branch) -> nodes.Branch:
    """A branch in which its own test is not asked for once more."""
    test = branch.test
    known = {test, test.left} if isinstance(test, nodes.Binary) else {test}

    def chosen(node: Any) -> Any:
        return node.value if isinstance(node, nodes.Conditional) and node.test in known else node

    return replace(branch, body=rewritten(branch.body, chosen))


def _compared(
    node: nodes.Comparison, choices: dict[str, tuple[nodes.Expression, Any, Any]]
) -> nodes.Expression:
    """A comparison of such a value: what it comes to where the block is not that one is known."""
    value, wanted = node.operands
    assert isinstance(value, nodes.Conditional)
    if not isinstance(value.value, nodes.Name) or value.value.id not in choices:
        return node
    test, otherwise, chosen = choices[value.value.id]
    (operator,) = node.operators
    if operator not in ("==", "!=") or (otherwise == wanted) == (operator == "=="):
        raise _NotNested
    if all((each == wanted) == (operator == "==") for each in chosen):
        return test
    return build.binary("and", test, build.compare(value.value, operator, wanted))
