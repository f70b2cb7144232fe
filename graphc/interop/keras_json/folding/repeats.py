"""Finds runs of statements that repeat, and folds the one that shortens the text most.

The search is over the forms of statements, which differ in nothing but values. Where a run may
begin at several statements of its period, it begins where fewest variables are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphc.interop.keras_json.folding.columns import TooMany, loop
from graphc.interop.keras_json.folding.shape import form, size
from graphc.interop.keras_json.folding.unify import NoMatch, unify
from graphc.interop.keras_json.known_names import is_known
from graphc.record import Record
from graphc.syntax import nodes

LONGEST_PERIOD = 250
LEAST_SAVED = 20
"""How much shorter a loop has to be, as `size` counts: a layer is about ten."""
LEAST_SHARE = 0.25
WEIGHTS = (2.0, 1.0, 4.0)
"""How much more a loop of many turns counts than one of few that saves as much."""
LEAST_TURNS = (20, 50, 100, 200)
"""How much a turn has to hold, where short periods come first: loops in loops."""
MOST_TRIALS = 400
"""How many candidates are looked at for each loop; the most promising come first."""


class _Candidate(Record):
    start: int
    period: int
    turns: int
    bound: int


_Trial = tuple[int, nodes.For | None, tuple[nodes.Statement, ...]]
"""What a loop would save, the loop, and its statements, which are kept since ids stand for them."""


def folded(
    statements: Sequence[nodes.Statement], is_taken: Callable[[str], bool]
) -> list[nodes.Statement]:
    """The statements with loops where those shorten them."""
    trials: dict[Any, _Trial] = {}
    strategies = [*map(_MostSaved, WEIGHTS), *map(_ShortestPeriod, LEAST_TURNS)]
    results = [_folded(statements, is_taken, each, trials) for each in strategies]
    return min(results, key=lambda each: size(tuple(each)))


class _Strategy:
    """Which of several loops comes first: none is best for all models, so that all are tried."""

    def rank(self, saved: int, candidate: _Candidate) -> tuple[float, ...]:
        """What is greatest for the best candidate, were it to save so much."""
        raise NotImplementedError


class _MostSaved(_Strategy):
    """What saves most, by a weight for many turns."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def rank(self, saved: int, candidate: _Candidate) -> tuple[float, ...]:
        return (saved * (1 - 1 / candidate.turns) ** self.weight,)


class _ShortestPeriod(_Strategy):
    """What has the shortest turns, of those that hold at least so much."""

    def __init__(self, least: int) -> None:
        self.least = least

    def rank(self, saved: int, candidate: _Candidate) -> tuple[float, ...]:
        is_long = candidate.bound >= self.least * (candidate.turns - 1)
        return (is_long, -candidate.period if is_long else 0, saved)


def _folded(
    statements: Sequence[nodes.Statement],
    is_taken: Callable[[str], bool],
    strategy: _Strategy,
    trials: dict[Any, _Trial],
) -> list[nodes.Statement]:
    current = list(statements)
    while True:
        best = _best(current, is_taken, strategy, trials)
        if best is None:
            return current
        candidate, made = best
        end = candidate.start + candidate.period * candidate.turns
        current[candidate.start : end] = [made]


def _best(
    statements: list[nodes.Statement],
    is_taken: Callable[[str], bool],
    strategy: _Strategy,
    trials: dict[Any, _Trial],
) -> tuple[_Candidate, nodes.For] | None:
    numbers: dict[Any, int] = {}
    keys = [numbers.setdefault(form(each), len(numbers)) for each in statements]
    sizes = [size(each) for each in statements]
    candidates = sorted(
        _candidates(keys, sizes),
        key=lambda c: (strategy.rank(c.bound, c), -c.period, -c.start),
        reverse=True,
    )
    tensors = set(_bound(tuple(statements)))
    best: tuple[_Candidate, nodes.For] | None = None
    best_rank: tuple[float, ...] = ()
    for number, candidate in enumerate(candidates):
        if number > MOST_TRIALS or strategy.rank(candidate.bound, candidate) <= best_rank:
            break
        end = candidate.start + candidate.period * candidate.turns
        window = tuple(statements[candidate.start : end])
        key = (candidate.period, *map(id, window))
        if key not in trials:
            trials[key] = (*_trial(window, candidate, tensors, is_taken), window)
        saved, made, _ = trials[key]
        rank = strategy.rank(saved, candidate)
        if made is not None and saved >= LEAST_SAVED and rank > best_rank:
            best, best_rank = (candidate, made), rank
    return best


def _candidates(keys: list[int], sizes: list[int]) -> Iterator[_Candidate]:
    count = len(keys)
    sums = [0]
    for each in sizes:
        sums.append(sums[-1] + each)
    for period in range(1, min(count // 2, LONGEST_PERIOD) + 1):
        start = 0
        while start + period < count:
            if keys[start] != keys[start + period]:
                start += 1
                continue
            end = start
            while end + period < count and keys[end] == keys[end + period]:
                end += 1
            for first in range(start, min(end - period, start + period - 1) + 1):
                turns = (end - first) // period + 1
                bound = sums[first + period * turns] - sums[first + period]
                yield _Candidate(first, period, turns, bound)
            start = end + 1


def _trial(
    window: tuple[nodes.Statement, ...],
    candidate: _Candidate,
    tensors: set[str],
    is_taken: Callable[[str], bool],
) -> tuple[int, nodes.For | None]:
    """How much a loop saves, and the loop; none where it would not be worth reading."""
    period = candidate.period
    turns = [window[i : i + period] for i in range(0, len(window), period)]
    others = tensors | set(_names(window))
    try:
        made = loop(
            unify(turns),
            len(turns),
            lambda name: name not in others and not is_taken(name) and not is_known(name),
        )
    except (NoMatch, TooMany):
        return 0, None
    before = size(window)
    saved = before - size(made)
    return (saved, made) if saved >= LEAST_SHARE * before else (0, None)


def _bound(node: Any) -> Iterator[str]:
    """The names of tensors and layers: those that loops run over may be taken by other loops."""
    if isinstance(node, tuple):
        for item in node:
            yield from _bound(item)
    elif isinstance(node, nodes.For):
        yield from _bound(node.body)
    elif isinstance(node, nodes.Assign):
        for target in nodes.bound_targets(node.targets):
            yield target.name
    elif isinstance(node, nodes.Input) and node.name is not None:
        yield node.name


def _names(node: Any) -> Iterator[str]:
    """All names that stand in a tree."""
    if isinstance(node, tuple):
        for item in node:
            yield from _names(item)
    elif isinstance(node, nodes.Target):
        yield node.name
    elif isinstance(node, nodes.Name):
        yield node.id
    elif isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            yield from _names(getattr(node, field))
