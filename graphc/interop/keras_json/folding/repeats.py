"""Finds runs of statements that repeat, and folds the one that shortens the text most.

The search is over the forms of statements, which differ in nothing but values. Where a run may
begin at several statements of its period, it begins where fewest variables are needed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import eq
from typing import Any

from graphc.interop.keras_json.folding.columns import Plan, TooMany, loop, plan
from graphc.interop.keras_json.folding.facts import Facts
from graphc.interop.keras_json.folding.shape import size
from graphc.interop.keras_json.folding.uneven import folded_unevenly
from graphc.interop.keras_json.known_names import is_known
from graphc.record import Record
from graphc.syntax import nodes

LONGEST_PERIOD = 250
LEAST_SAVED = 20
LEAST_SAVED_BY_TWO = 60
"""How much shorter a loop has to be, as `size` counts, a layer being about ten; a loop of two turns
is worth reading only if they are long."""
LEAST_SHARE = 0.25
TENSOR_COST = 3
"""What each tensor counts that a turn takes from before: turns of a loop begin where branches have
joined."""
WEIGHTS = (2.0, 1.0, 4.0)
"""How much more a loop of many turns counts than one of few that saves as much."""
LEAST_TURNS = (20, 50, 100, 200)
"""How much a turn has to hold, where short periods come first: loops in loops."""
MOST_TRIALS = 400
"""How many candidates are looked at for each loop; the most promising come first."""
MOST_TRIED = 50_000
"""How many statements these may have in all."""
MOST_EFFORT = 4_000_000
"""How many pairs of statements each strategy compares: what is left then stays as it is."""
TRIAL_EFFORT = 10
"""How many of them looking at a statement of a candidate counts."""


class _Candidate(Record):
    start: int
    period: int
    turns: int
    bound: int

    @property
    def end(self) -> int:
        return self.start + self.period * self.turns


def folded(
    statements: Sequence[nodes.Statement], is_taken: Callable[[str], bool], facts: Facts
) -> list[nodes.Statement]:
    """The statements with loops where those shorten them; `facts` are what is known already."""
    strategies = [*map(_MostSaved, WEIGHTS), *map(_ShortestPeriod, LEAST_TURNS)]
    uneven = folded_unevenly(statements, is_taken)
    results = [_folded(statements, is_taken, each, facts) for each in strategies]
    if any(isinstance(each, nodes.For) for each in uneven):
        results += [_folded(uneven, is_taken, each, facts) for each in strategies[1::3]]
    return min(results, key=lambda each: size(tuple(each)))


class _Strategy(ABC):
    """Which of several loops comes first: none is best for all models, so that all are tried."""

    @abstractmethod
    def rank(self, saved: int, candidate: _Candidate) -> tuple[float, ...]:
        """What is greatest for the best candidate, were it to save so much."""


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
    facts: Facts,
) -> list[nodes.Statement]:
    current = list(statements)
    effort = 0
    while True:
        effort += len(current) * min(len(current) // 2, LONGEST_PERIOD)
        if effort > MOST_EFFORT:
            return current
        best, tried = _best(current, is_taken, strategy, facts)
        effort += TRIAL_EFFORT * tried
        if best is None:
            return current
        candidate, made = best
        current[candidate.start : candidate.end] = [made]


def _best(
    statements: list[nodes.Statement],
    is_taken: Callable[[str], bool],
    strategy: _Strategy,
    facts: Facts,
) -> tuple[tuple[_Candidate, nodes.For] | None, int]:
    """The best candidate with its loop, and how many statements were looked at for it."""
    keys = [facts.of(each).key for each in statements]
    sizes = [facts.of(each).size for each in statements]
    candidates = sorted(
        _candidates(keys, sizes),
        key=lambda c: (strategy.rank(c.bound, c), -c.period, -c.start),
        reverse=True,
    )
    tensors = {name for each in statements for name in facts.of(each).binds}
    best: tuple[_Candidate, _Trial] | None = None
    best_rank: tuple[float, ...] = ()
    tried = 0
    for number, candidate in enumerate(candidates):
        if number > MOST_TRIALS or tried > MOST_TRIED:
            break
        if strategy.rank(candidate.bound, candidate) <= best_rank:
            break
        tried += candidate.end - candidate.start
        trial = _trial(statements, candidate, tensors, is_taken, facts)
        if trial is None:
            continue
        least = LEAST_SAVED_BY_TWO if candidate.turns == 2 else LEAST_SAVED
        rank = strategy.rank(trial.saved, candidate)
        if trial.saved >= least and rank > best_rank:
            best, best_rank = (candidate, trial), rank
    if best is None:
        return None, tried
    candidate, trial = best
    return (candidate, loop(trial.body, trial.plan, trial.is_free)), tried


class _Trial(Record):
    saved: int
    body: tuple[Any, ...]
    plan: Plan
    is_free: Callable[[str], bool]

    __hash__ = object.__hash__


def _trial(
    statements: list[nodes.Statement],
    candidate: _Candidate,
    tensors: set[str],
    is_taken: Callable[[str], bool],
    facts: Facts,
) -> _Trial | None:
    """What a loop would save; None where it would not be worth reading."""
    start, period = candidate.start, candidate.period
    units = []
    for place in range(start, start + period):
        unit = facts.unified(tuple(statements[place : candidate.end : period]))
        if unit is None:
            return None
        units.append(unit)
    run = statements[start : candidate.end]

    used: set[str] = set()  # of most candidates nobody asks

    def is_free(name: str) -> bool:
        if not used:
            used.update(tensors, *(facts.of(each).names for each in run))
        return name not in used and not is_taken(name) and not is_known(name)

    try:
        made = plan([hole for unit in units for hole in unit.holes], candidate.turns, is_free)
    except TooMany:
        return None
    before = sum(facts.of(each).size for each in run)
    derived = sum(
        not isinstance(made.meanings[hole.values], nodes.Name)
        for unit in units
        for hole in unit.holes
    )
    saved = before - sum(unit.size for unit in units) - made.size - 2 * derived
    saved -= TENSOR_COST * len(_taken(statements[start : start + period], tensors, facts))
    if saved < LEAST_SHARE * before:
        return None
    return _Trial(saved, tuple(unit.tree for unit in units), made, is_free)


def _candidates(keys: list[int], sizes: list[int]) -> Iterator[_Candidate]:
    count = len(keys)
    sums = [0]
    for each in sizes:
        sums.append(sums[-1] + each)
    for period in range(1, min(count // 2, LONGEST_PERIOD) + 1):
        is_same = bytes(map(eq, keys, islice(keys, period, None)))
        start = is_same.find(1)
        while start >= 0:
            end = is_same.find(0, start)
            end = len(is_same) if end < 0 else end
            for first in range(start, min(end - period, start + period - 1) + 1):
                turns = (end - first) // period + 1
                bound = sums[first + period * turns] - sums[first + period]
                yield _Candidate(first, period, turns, bound)
            start = is_same.find(1, end)


def _taken(turn: Sequence[nodes.Statement], tensors: set[str], facts: Facts) -> set[str]:
    """The tensors that a turn takes from before it."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in turn:
        fact = facts.of(statement)
        found |= (fact.reads & tensors) - bound
        bound |= fact.binds
    return found
