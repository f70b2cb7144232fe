"""For which sizes something holds, in a few words: ``H % 32 == 0``, ``H >= 3``, ``T == S + 1``."""

from __future__ import annotations

from graphc.ir.dim_polynomial import (
    CONSTANT,
    Polynomial,
    Variable,
    add,
    common_monomial,
    constant,
    content_of,
    scale,
    without_factor,
)
from graphc.ir.dim_solve import Threshold, Zeros, staircase, threshold, zeros
from graphc.ir.dim_text import polynomial_text

# What is longer explains nothing.
LENGTH_LIMIT = 60
LIST_LIMIT = 4


def zero_condition(first: Polynomial, second: Polynomial) -> str | None:
    """For which sizes two polynomials are equal, which they are for some."""
    difference = add(first, second, -1)
    monomial = _positive_monomial(difference)
    number = content_of(difference)
    reduced = without_factor(difference, monomial, number)
    stairs = staircase(reduced)
    if stairs is not None:
        return _zeros_text(zeros(stairs))
    # The last two are for remainders, which two sides would take apart.
    none: Polynomial = {}
    pairs = _sides(reduced), (first, second), (reduced, none), (scale(reduced, -1), none)
    return _shortest("==", *pairs)


def least_condition(polynomial: Polynomial, least: int) -> str | None:
    """For which sizes a polynomial is at least a number, which it is for some."""
    reduced = add(polynomial, constant(least), -1)
    if least == 1:
        # A product is positive where a factor is that multiplies positive ones.
        monomial = _positive_monomial(polynomial)
        reduced = add(without_factor(polynomial, monomial), constant(1), -1)
    stairs = staircase(reduced)
    if stairs is not None:
        found = threshold(stairs)
        return _threshold_text(found) if isinstance(found, Threshold) else None
    left, right = _sides(reduced)
    if len(right) > 1 and right.get(CONSTANT) == 1:
        return _shortest(">", (left, add(right, constant(1), -1)))
    return _shortest(">=", (left, right), (add(reduced, constant(least)), constant(least)))


def _positive_monomial(polynomial: Polynomial) -> tuple[Variable, ...]:
    monomial = common_monomial((polynomial,))
    return tuple(atom for atom in monomial if isinstance(atom, Variable))


def _sides(difference: Polynomial) -> tuple[Polynomial, Polynomial]:
    left = {m: c for m, c in difference.items() if c > 0}
    right = {m: -c for m, c in difference.items() if c < 0}
    return left, right


def _shortest(operator: str, *pairs: tuple[Polynomial, Polynomial]) -> str | None:
    texts = []
    for left, right in pairs:
        if operator == "==" and set(left) <= {CONSTANT}:
            left, right = right, left  # noqa: PLW2901  the number goes last
        texts.append(f"{polynomial_text(left)} {operator} {polynomial_text(right)}")
    best = min(texts, key=len)
    return best if len(best) <= LENGTH_LIMIT else None


def _threshold_text(found: Threshold) -> str | None:
    if found.first is not None:
        return f"{found.name} >= {found.first}"
    if found.last is not None:
        return f"{found.name} <= {found.last}"
    assert found.residues is not None
    return _zeros_text(found.residues)


def _zeros_text(found: Zeros) -> str | None:
    if not found.sizes:
        return None
    if found.period is None:
        return _range_text(found.name, found.sizes, 1, None)
    period, residues = _shortest_period(found.sizes, found.period)
    if period == 1:
        return None
    name = f"{found.name} % {period}"
    if len(residues) == period - 1 > 1:
        (missing,) = set(range(period)) - set(residues)
        return f"{name} != {missing}"
    return _wrapped_text(found.name, residues, period) or _range_text(name, residues, 0, period - 1)


def _wrapped_text(name: str, residues: tuple[int, ...], period: int) -> str | None:
    """Residues in a row that runs past the period, such as 7, 0 and 1 of 8."""
    first = next(r for r in residues if (r - 1) % period not in residues)
    row = {(first + i) % period for i in range(len(residues))}
    if first + len(residues) <= period or row != set(residues):
        return None
    return f"({name} + {period - first}) % {period} <= {len(residues) - 1}"


def _shortest_period(residues: tuple[int, ...], period: int) -> tuple[int, tuple[int, ...]]:
    there = set(residues)
    for shorter in range(1, period):
        if period % shorter == 0 and all((r + shorter) % period in there for r in residues):
            return shorter, tuple(r for r in residues if r < shorter)
    return period, residues


def _range_text(name: str, values: tuple[int, ...], low: int, high: int | None) -> str | None:
    """The condition that a name has one of these values, when it has none outside the limits."""
    first, last = values[0], values[-1]
    if first == last:
        return f"{name} == {first}"
    if last - first == len(values) - 1:
        if first == low:
            return f"{name} <= {last}"
        return f"{name} >= {first}" if last == high else f"{first} <= {name} <= {last}"
    return f"{name} in {values}" if len(values) <= LIST_LIMIT else None
