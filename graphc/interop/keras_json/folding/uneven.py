"""Loops whose turns are not all alike: what some of them lack stands behind `if`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.build import LayerName
from graphc.interop.keras_json.folding.align import Row, align
from graphc.interop.keras_json.folding.columns import HAS, Plan, TooMany, holes_in, loop, plan
from graphc.interop.keras_json.folding.flow import Flow, flow, named
from graphc.interop.keras_json.folding.nesting import nested
from graphc.interop.keras_json.folding.shape import size
from graphc.interop.keras_json.folding.turns import Turns, turns
from graphc.interop.keras_json.folding.unify import Hole, NoMatch, unify
from graphc.interop.keras_json.folding.wiring import Wiring, wire
from graphc.interop.keras_json.known_names import is_known
from graphc.interop.keras_json.names import names_in
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import Record
from graphc.syntax import nodes

MOST_COLUMNS = 9
MOST_TRIALS = 12
MOST_LOOPS = 20
MOST_EFFORT = 5_000
"""How many statements are looked through for all loops."""
LEAST_SAVED = 60
LEAST_SHARE = 0.35
TEST_COST = 12
"""How much a condition counts to read."""
COPY_COST = 4
CHAIN_COST = 16
"""How much a copy counts, and each tensor but the first that a turn leaves for the next."""
ODD_COST = 40
"""How much more one counts that holds in a single turn."""
TOLD_COST = 40
MOST_TOLD = 1
"""How much a variable counts that is there for a condition alone, and how many there are."""
LEAST_ROWS = 0.4
MOST_OWN = 4
"""How much of the loop each turn has at least, and how many statements that no other turn has."""
MOST_PARTS = 5
"""How many different conditions a loop may have."""


class _Trial(Record):
    saved: int
    bounds: tuple[int, int]
    statements: tuple[nodes.Statement, ...]

    __hash__ = object.__hash__


def folded_unevenly(
    statements: Sequence[nodes.Statement], is_taken: Callable[[str], bool]
) -> list[nodes.Statement]:
    """The statements with those loops, each the one that saves most of what is left."""
    current = list(statements)
    effort = 0
    for _ in range(MOST_LOOPS):
        effort += len(current)
        if effort > MOST_EFFORT:
            break
        trial = _best(current, is_taken)
        if trial is None:
            break
        current[slice(*trial.bounds)] = trial.statements
    return current


def _best(statements: list[nodes.Statement], is_taken: Callable[[str], bool]) -> _Trial | None:
    stream = flow(statements)
    sizes = [size(each) for each in statements]
    found: dict[tuple[Any, ...], tuple[int, Turns, list[Row]]] = {}
    for each in turns(stream):
        rows = align(each.keys, each.bounds)
        if rows is None:
            continue
        count = len(each.bounds) - 1
        parts = len({row.turns for row in rows})
        if parts > 1 and (_is_periodic(rows, count) or _is_lopsided(rows, count)):
            continue
        bound = sum(sizes[each.bounds[0] : each.bounds[-1]])
        bound -= sum(max(sizes[p] for p in row.places if p is not None) for row in rows)
        bound -= TEST_COST * (parts - 1)
        key = (each.bounds, tuple(row.places for row in rows))
        if bound >= LEAST_SAVED and parts <= MOST_PARTS + 1 and key not in found:
            found[key] = (bound, each, rows)
    best: _Trial | None = None
    for bound, each, rows in sorted(found.values(), key=lambda f: -f[0])[:MOST_TRIALS]:
        if best is not None and bound <= best.saved:
            break
        trial = _trial(statements, stream, each, rows, is_taken)
        if trial is not None and (best is None or trial.saved > best.saved):
            best = trial
    return best


def _is_lopsided(rows: list[Row], count: int) -> bool:
    """Whether a turn has much that no other has, or little of what the others have."""
    had = Counter(turn for row in rows for turn in row.turns)
    own = Counter(row.turns for row in rows if len(row.turns) == 1)
    least = min(had[turn] for turn in range(count))
    return least < LEAST_ROWS * len(rows) or max(own.values(), default=0) > MOST_OWN


def _is_periodic(rows: list[Row], count: int) -> bool:
    """Whether several turns are really one, since what they lack recurs."""
    sets = {frozenset(row.turns) for row in rows}
    return any(
        count % period == 0
        and all((turn + period) % count in turns for turns in sets for turn in turns)
        for period in range(2, count // 2 + 1)
    )


def _trial(
    statements: list[nodes.Statement],
    stream: Flow,
    each: Turns,
    rows: list[Row],
    is_taken: Callable[[str], bool],
) -> _Trial | None:
    count = len(each.bounds) - 1
    start, end = each.bounds[0], each.bounds[-1]
    try:
        trees = [_unified(stream, row, count) for row in rows]
    except NoMatch:
        return None
    wiring = wire(stream, rows, each.bounds, lambda name: is_taken(name) or is_known(name))
    if wiring is None:
        return None
    trees = [
        named(tree, wiring.reads[number], wiring.binds[number]) for number, tree in enumerate(trees)
    ]
    others = set(stream.names) | wiring.names

    def is_free(name: str) -> bool:
        return name not in others and not is_taken(name) and not is_known(name)

    groups = [(key, list(some)) for key, some in groupby(range(len(rows)), lambda n: rows[n].turns)]
    parts: dict[tuple[int, ...], str] = {}
    for key, some in groups:
        if len(key) < count:
            parts.setdefault(key, _word(trees[some[0]]))
    holes = [hole for tree in trees for hole in holes_in(tree)]
    try:
        made = plan(holes, count, is_free, tuple(parts.items()), MOST_COLUMNS)
    except TooMany:
        return None
    body: list[nodes.Statement] = [_copy(*pair) for pair in wiring.first]
    body += _conditional([(key, [trees[number] for number in some]) for key, some in groups], made)
    body += [_copy(*pair) for pair in wiring.last]
    result = [
        *(_copy(*pair) for pair in wiring.before),
        nested(tuple(body), made, is_free) or loop(tuple(body), made, is_free),
        *(_copy(*pair) for pair in wiring.after),
    ]
    return _weighed(statements[start:end], result, made, wiring, (start, end))


def _conditional(
    groups: list[tuple[tuple[int, ...], list[nodes.Statement]]], made: Plan
) -> list[nodes.Statement]:
    """The statements of a turn, with conditions for those that some turns lack."""
    body: list[nodes.Statement] = []
    place = 0
    while place < len(groups):
        key, part = groups[place]
        place += 1
        if len(key) == made.count:
            body += part
            continue
        rest = groups[place] if place < len(groups) else ((), [])
        if sorted([*key, *rest[0]]) == list(range(made.count)):
            body.append(build.either(made.tests[key], part, rest[1]))
            place += 1
        else:
            body.append(build.when(made.tests[key], part))
    return body


def _weighed(
    before: list[nodes.Statement],
    after: list[nodes.Statement],
    made: Plan,
    wiring: Wiring,
    bounds: tuple[int, int],
) -> _Trial | None:
    was = sum(map(size, before))
    saved = was - sum(map(size, after)) - TEST_COST * len(made.tests)
    saved -= COPY_COST * wiring.copies + CHAIN_COST * (wiring.chains - 1)
    told = sum(column.hint.startswith(HAS) for column, _ in made.bases)
    saved -= TOLD_COST * told
    saved -= ODD_COST * sum(len(turns) == 1 for turns in made.tests)
    if told > MOST_TOLD or saved < LEAST_SAVED or saved < LEAST_SHARE * was:
        return None
    return _Trial(saved, bounds, tuple(after))


def _unified(stream: Flow, row: Row, count: int) -> Any:
    """The one tree for a row, whose holes have a value for each turn that has the row."""
    trees = [stream.steps[place].tree for place in row.places if place is not None]
    tree = unify(trees)
    if len(trees) == count:
        return tree

    def spread(node: Any) -> Any:
        if not isinstance(node, Hole):
            return node
        values: list[nodes.Expression | None] = [None] * count
        for turn, value in zip(row.turns, node.values, strict=True):
            values[turn] = value
        return Hole(build.SPAN, tuple(values), node.hint, node.is_number)

    return rewritten(tree, spread)


def _copy(target: str, source: str) -> nodes.Statement:
    return build.assign([target], build.name(source))


def _word(tree: Any) -> str:
    """What a statement makes, in a word."""
    for label in _labels(tree):
        words = re.findall(r"[A-Za-z]{2,}", label)
        if words:
            return str(words[-1]).lower()
    return "more"


def _labels(tree: Any) -> list[str]:
    found: list[str] = []

    def see(node: Any) -> Any:
        if isinstance(node, nodes.FString):
            found.append("_".join(part for part in node.parts if isinstance(part, str)))
        return node

    rewritten(tree, see)
    return found + [
        label.base or str(label.value) for label in names_in(tree) if isinstance(label, LayerName)
    ]
