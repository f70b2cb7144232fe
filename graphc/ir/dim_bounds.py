"""Between which numbers a polynomial stays, whatever the sizes of its variables.

Interval arithmetic loses what two terms have in common: ``T - 2*(T // 2)`` is 0 or 1, but T
alone is anything. So an interval is narrowed in two ways. A product is expanded about the least
value of its atoms: ``B*T - T`` is ``(b + 1)*(t + 1) - (t + 1) = b*t + b`` with b and t from 0 on.
And a quotient ``q = p // d`` is traded for ``(p - r)/d``, where the remainder r is from 0 to
``d - 1``, so that p meets what it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graphc.ir.dim_polynomial import (
    Atom,
    Extremum,
    Polynomial,
    Quotient,
    Variable,
    add,
    atoms_of,
    constant,
    constant_of,
    divide,
    multiply,
    scale,
    split,
)

Interval: TypeAlias = tuple[int | None, int | None]
"""The least and the greatest value; None where there is none."""

NO_LEAST: Mapping[str, int] = {}

# Each trade may ask for two intervals, so that the work may double with each.
TRADES = 4


def interval(
    polynomial: Polynomial, least: Mapping[str, int] = NO_LEAST, trades: int = TRADES
) -> Interval:
    """An interval that holds every value, where variables are at least 1, or `least`.

    `trades` is how many quotients may be traded, one inside the result of another.
    """
    low, high = found = _termwise(polynomial, least)
    if (low is not None and low == high) or not _has_both_signs(polynomial):
        return found
    if any(len(monomial) > 1 for monomial in polynomial):
        found = _intersection(found, _expanded(polynomial, least))
    for atom in reversed(atoms_of(polynomial)) if trades else ():
        if isinstance(atom, Quotient):
            traded = _traded(polynomial, atom, least, trades)
            if traded is not None:
                return _intersection(found, traded)
    return found


def atom_interval(atom: Atom, least: Mapping[str, int] = NO_LEAST) -> Interval:
    """An interval that holds every value of an atom."""
    if least and not atom.names.isdisjoint(least):
        return _atom_interval(atom, least)
    if atom.bounds is None:
        atom.bounds = _atom_interval(atom, NO_LEAST)
    return atom.bounds


def is_positive(polynomial: Polynomial) -> bool:
    """Whether every value is certain to be at least 1."""
    low = interval(polynomial)[0]
    return low is not None and low >= 1


def _atom_interval(atom: Atom, least: Mapping[str, int]) -> Interval:
    if isinstance(atom, Variable):
        return least.get(atom.name, 1), None
    if isinstance(atom, Quotient):
        return _quotient(interval(atom.numerator, least), interval(atom.denominator, least))
    assert isinstance(atom, Extremum)
    intervals = [interval(option, least) for option in atom.options]
    lows, highs = [low for low, _ in intervals], [high for _, high in intervals]
    if atom.kind == "max":
        return _greatest_known(lows), _greatest(highs)
    return _least(lows), _least_known(highs)


def _greatest(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else None


def _greatest_known(values: list[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _least(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return min(known) if len(known) == len(values) else None


def _least_known(values: list[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _quotient(numerator: Interval, denominator: Interval) -> Interval:
    small, large = denominator
    if small is None or small < 1:
        return None, None
    low, high = numerator
    if low is not None:
        low = low // small if low < 0 else (low // large if large is not None else 0)
    if high is not None:
        high = high // small if high >= 0 else (high // large if large is not None else -1)
    return low, high


def _has_both_signs(polynomial: Polynomial) -> bool:
    signs = {coefficient > 0 for monomial, coefficient in polynomial.items() if monomial}
    return len(signs) == 2


def _intersection(first: Interval, second: Interval) -> Interval:
    return _greatest_known([first[0], second[0]]), _least_known([first[1], second[1]])


def _termwise(
    polynomial: Polynomial, least: Mapping[str, int], shift: Mapping[Atom, int] | None = None
) -> Interval:
    low: int | None = 0
    high: int | None = 0
    for monomial, coefficient in polynomial.items():
        found: Interval = (1, 1)
        for atom in monomial:
            found = _product(found, _shifted(atom, least, shift))
        if coefficient < 0:
            found = found[1], found[0]
        low = None if low is None or found[0] is None else low + coefficient * found[0]
        high = None if high is None or found[1] is None else high + coefficient * found[1]
        if low is None and high is None:
            break
    return low, high


def _shifted(atom: Atom, least: Mapping[str, int], shift: Mapping[Atom, int] | None) -> Interval:
    low, high = atom_interval(atom, least)
    if shift is None or atom not in shift:
        return low, high
    return 0, None if high is None else high - shift[atom]


def _product(first: Interval, second: Interval) -> Interval:
    if first == (1, 1):
        return second
    (a, b), (c, d) = first, second
    if a is not None and c is not None and a >= 0 and c >= 0:
        return a * c, None if b is None or d is None else b * d
    if a is None or b is None or c is None or d is None:
        return None, None
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def _expanded(polynomial: Polynomial, least: Mapping[str, int]) -> Interval:
    shift: dict[Atom, int] = {}
    for atom in atoms_of(polynomial):
        low = atom_interval(atom, least)[0]
        if low is not None:
            shift[atom] = low
    result: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        if len(monomial) > 4:  # 2**n terms from each
            return None, None
        term = constant(coefficient)
        for atom in monomial:
            term = multiply(term, {(atom,): 1, **constant(shift.get(atom, 0))})
        result = add(result, term)
    return _termwise(result, least, shift)


def _traded(
    polynomial: Polynomial, atom: Quotient, least: Mapping[str, int], trades: int
) -> Interval | None:
    """The interval found with ``p // d`` written as ``(p - r)/d``; None where that needs more."""
    parts = split(polynomial, atom)
    if parts is None:
        return None
    factor, rest = parts
    number = constant_of(atom.denominator)
    if number is None:
        return _traded_by_symbol(factor, rest, atom, least, trades)
    # number*polynomial is factor*p + number*rest - factor*r, with r from 0 to number - 1.
    multiple = add(multiply(factor, atom.numerator), rest, number)
    low, high = _hull(multiple, scale(factor, number - 1), least, trades)
    return None if low is None else -(-low // number), None if high is None else high // number


def _traded_by_symbol(
    factor: Polynomial, rest: Polynomial, atom: Quotient, least: Mapping[str, int], trades: int
) -> Interval | None:
    # Where factor is n*d, factor*q is n*(p - r), with r from 0 to d - 1.
    if len(factor) != len(atom.denominator):
        return None
    exact, left = divide(factor, atom.denominator)
    number = constant_of(exact)
    if left or number is None:
        return None
    low = interval(atom.denominator, least)[0]
    if low is None or low < 1:
        return None
    slack = add(factor, constant(number), -1)
    return _hull(add(rest, atom.numerator, number), slack, least, trades)


def _hull(
    polynomial: Polynomial, slack: Polynomial, least: Mapping[str, int], trades: int
) -> Interval:
    """The interval of ``polynomial - t*slack`` for t between 0 and 1."""
    plain = low, high = interval(polynomial, least, trades - 1)
    number = constant_of(slack)
    if number is None:
        reduced = interval(add(polynomial, slack, -1), least, trades - 1)
    else:
        reduced = (
            None if low is None else low - number,
            None if high is None else high - number,
        )
    return _least([plain[0], reduced[0]]), _greatest([plain[1], reduced[1]])
