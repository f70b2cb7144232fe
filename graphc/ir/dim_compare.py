"""Whether sizes are equal, or large enough, for all, some or no sizes of their variables.

Most questions are answered by the canonical form, most others exactly by `dim_solve`. What is left
is tried with some hundreds of assignments: one that differs is a counterexample to show; where
none does, the two are taken for equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain

from graphc.ir.dim_arithmetic import UNKNOWN, Dim, SymbolicDim, evaluate, polynomial_of, variables
from graphc.ir.dim_bounds import interval
from graphc.ir.dim_conditions import least_condition, zero_condition
from graphc.ir.dim_polynomial import Polynomial, add, constant
from graphc.ir.dim_samples import assignments
from graphc.ir.dim_solve import Threshold, is_never_zero, staircase, threshold
from graphc.record import Record

# How many assignments without elements to pass over in search of one with them.
PATIENCE = 64


class Witness(Record):
    """Sizes at which two dims differ, and what the two are there."""

    sizes: dict[str, int]
    first: int
    second: int


class Comparison(Record):
    """Whether two dims are equal: True for all sizes, False for none, None for some.

    `witness` shows that they may differ. Without one, None means that nothing is known, because
    an operand is unknown.
    """

    left: Dim
    right: Dim
    is_equal: bool | None
    witness: Witness | None = None

    @property
    def condition(self) -> str | None:
        """For which sizes they are equal, where this is for some and simple to say."""
        if self.is_equal is not None or self.witness is None:
            return None
        return zero_condition(polynomial_of(self.left), polynomial_of(self.right))


def compare_equal(first: Dim, second: Dim, positive: Iterable[Dim] = ()) -> Comparison:
    """Whether two dims are equal, for all sizes at which the dims in `positive` are at least 1."""
    if isinstance(first, int) and isinstance(second, int):
        same = first == second
        return Comparison(first, second, same, None if same else Witness({}, first, second))
    if first is UNKNOWN or second is UNKNOWN:
        return Comparison(first, second, None)
    if first == second:
        return Comparison(first, second, True)
    return _compare(first, second, _symbolic(positive))


def equality_condition(first: Dim, second: Dim) -> str | None:
    """For which sizes two dims are equal, where this is for some and simple to say."""
    return compare_equal(first, second).condition


def at_least(dim: Dim, least: int, positive: Iterable[Dim] = ()) -> bool | None:
    """Whether a dim is at least a number: True for all sizes, False for none, None for some."""
    if isinstance(dim, int):
        return dim >= least
    if dim is UNKNOWN:
        return None
    low, high = dim.bounds
    if low is not None and low >= least:
        return True
    if high is not None and high < least:
        return False
    return _at_least(dim, least, _symbolic(positive))


def bound_condition(dim: Dim, least: int) -> str | None:
    """For which sizes a dim is at least a number, where this is for some and simple to say."""
    if isinstance(dim, int) or dim is UNKNOWN or at_least(dim, least) is not None:
        return None
    return least_condition(dim.polynomial, least)


def examples(
    first: Dim, second: Dim, holds: Callable[[int, int], bool]
) -> tuple[dict[str, int], dict[str, int]] | None:
    """Sizes at which something holds of two dims, and sizes at which it does not, if both are found."""
    found: dict[bool, dict[str, int]] = {}
    names = sorted({*variables(first), *variables(second)})
    difference = add(polynomial_of(first), polynomial_of(second), -1)
    for sizes in _trials((difference,), names, (), {}):
        values = _values((first, second), sizes)
        if values is not None:
            found.setdefault(holds(*values), {name: sizes[name] for name in names})
            if len(found) == 2:
                return found[True], found[False]
    return None


def _symbolic(positive: Iterable[Dim]) -> tuple[SymbolicDim, ...]:
    return tuple(dim for dim in positive if isinstance(dim, SymbolicDim) and dim is not UNKNOWN)


@lru_cache(maxsize=4096)
def _compare(first: Dim, second: Dim, positive: tuple[SymbolicDim, ...]) -> Comparison:
    difference = add(polynomial_of(first), polynomial_of(second), -1)
    names = sorted({*variables(first), *variables(second)})
    least = _least_sizes(positive)
    any_tried = False
    best: Witness | None = None
    patience = PATIENCE
    for sizes in _trials((difference,), names, positive, least):
        values = _values((first, second), sizes)
        if values is None:
            continue
        any_tried = True
        if values[0] == values[1]:
            continue
        witness = Witness({name: sizes[name] for name in names}, *values)
        if min(values) >= 1:
            best = witness
            break
        best = best or witness  # a tensor without elements is a poor example
        patience -= 1
        if not patience:
            break
    if best is None:
        return Comparison(first, second, True if any_tried else None)
    never = is_never_zero(difference, least)
    return Comparison(first, second, False if never else None, best)


@lru_cache(maxsize=4096)
def _at_least(dim: SymbolicDim, least: int, positive: tuple[SymbolicDim, ...]) -> bool | None:
    reduced = add(dim.polynomial, constant(least), -1)
    sizes = _least_sizes(positive)
    low, high = interval(reduced, sizes)
    if low is not None and low >= 0:
        return True
    if high is not None and high < 0:
        return False
    stairs = staircase(reduced)
    if stairs is not None:
        found = threshold(stairs, sizes.get(stairs.name, 1))
        return found if isinstance(found, bool) else None
    answers = set()
    for trial in _trials((reduced,), list(dim.names), positive, sizes):
        values = _values((dim,), trial)
        if values is not None:
            answers.add(values[0] >= least)
    return True if answers == {True} else None


# Assignments to try


def _trials(
    polynomials: tuple[Polynomial, ...],
    names: list[str],
    positive: tuple[SymbolicDim, ...],
    least: dict[str, int],
) -> Iterator[dict[str, int]]:
    """Assignments at which all of `positive` that the names bear upon are positive."""
    bearing = [dim for dim in positive if not set(names).isdisjoint(dim.names)]
    every = tuple(sorted({*names, *(name for dim in bearing for name in dim.names)}))
    concerned = *polynomials, *(dim.polynomial for dim in bearing)
    trials: Iterable[dict[str, int]] = assignments(concerned, every, least)
    stairs = staircase(polynomials[0])
    if stairs is not None and len(every) == 1:
        # Two periods leave nothing to chance.
        start = least.get(stairs.name, 1)
        walk = ({stairs.name: size} for size in range(start, start + 2 * stairs.period))
        trials = chain(trials, walk)
    for sizes in trials:
        values = _values(bearing, sizes)
        if values is not None and min(values, default=1) >= 1:
            yield sizes


def _values(dims: Iterable[Dim], sizes: dict[str, int]) -> list[int] | None:
    """The dims' values, or None where a division by zero leaves one without."""
    try:
        return [evaluate(dim, sizes) for dim in dims]
    except ZeroDivisionError:
        return None


def _least_sizes(positive: tuple[SymbolicDim, ...]) -> dict[str, int]:
    """The least size of each variable that a dim of `positive` sets a limit to."""
    least: dict[str, int] = {}
    for dim in positive:
        stairs = staircase(add(dim.polynomial, constant(1), -1))
        found = None if stairs is None else threshold(stairs)
        if isinstance(found, Threshold) and found.first is not None:
            least[found.name] = max(found.first, least.get(found.name, 1))
    return least
