"""Where a size is zero, or not negative: exactly, for the shape that most comparisons have.

Sums of one variable and of quotients by numbers, whatever is inside them, climb like a staircase:
after a period, each value comes again, higher or lower by one and the same rise. ``H - H // 2``
has period 2 and rise 1; ``H % 2`` has period 2 and rise 0. So one period tells everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm

from graphc.ir.dim_bounds import NO_LEAST, interval
from graphc.ir.dim_polynomial import (
    CONSTANT,
    Atom,
    Polynomial,
    Quotient,
    Variable,
    constant_of,
    evaluate_polynomial,
    names_in,
)
from graphc.record import Record

# A walk of so many steps takes about ten milliseconds.
PERIOD_LIMIT = 8192


class Staircase(Record):
    """A polynomial with ``value(size + period) == value(size) + rise`` for its one variable."""

    name: str
    polynomial: Polynomial
    period: int
    rise: int

    def value(self, size: int) -> int:
        """The polynomial's value for a size."""
        return evaluate_polynomial(self.polynomial, {self.name: size})


class Zeros(Record):
    """The sizes at which a staircase is zero, in order; residues, where it has a `period`."""

    name: str
    sizes: tuple[int, ...]
    period: int | None

    @property
    def is_everywhere(self) -> bool:
        """Whether there is no other size."""
        return self.period is not None and len(self.sizes) == self.period


class Threshold(Record):
    """Where a staircase is not negative: from `first` on, or up to `last`, or at residues."""

    name: str
    first: int | None = None
    last: int | None = None
    residues: Zeros | None = None


def staircase(polynomial: Polynomial) -> Staircase | None:
    """The polynomial as a staircase, if it is one and its period not too long to walk."""
    names = names_in(polynomial)
    climb = _climb(polynomial) if len(names) == 1 else None
    if climb is None or climb[0] > PERIOD_LIMIT:
        return None
    return Staircase(next(iter(names)), polynomial, *climb)


def _climb(polynomial: Polynomial) -> tuple[int, int] | None:
    """Period and rise."""
    parts = []
    for monomial, coefficient in polynomial.items():
        if monomial:
            climb = _atom_climb(monomial[0]) if len(monomial) == 1 else None
            if climb is None:
                return None
            parts.append((coefficient, *climb))
    period = lcm(*(part for _, part, _ in parts))
    return period, sum(factor * rise * (period // part) for factor, part, rise in parts)


def _atom_climb(atom: Atom) -> tuple[int, int] | None:
    if isinstance(atom, Variable):
        return 1, 1
    if not isinstance(atom, Quotient):
        return None
    number, climb = constant_of(atom.denominator), _climb(atom.numerator)
    if number is None or climb is None:
        return None
    # So many periods that the numerator has risen by a multiple of the divisor.
    times = number // gcd(number, climb[1])
    return climb[0] * times, climb[1] * times // number


def zeros(stairs: Staircase, least: int = 1) -> Zeros:
    """Where a staircase is zero, among the sizes from `least` on."""
    sizes = []
    for size in range(least, least + stairs.period):
        value = stairs.value(size)
        if stairs.rise == 0:
            if value == 0:
                sizes.append(size % stairs.period)
            continue
        periods, rest = divmod(-value, stairs.rise)
        if rest == 0 and periods >= 0:
            sizes.append(size + periods * stairs.period)
    return Zeros(stairs.name, tuple(sorted(sizes)), None if stairs.rise else stairs.period)


def threshold(stairs: Staircase, least: int = 1) -> bool | Threshold | None:
    """Where a staircase is not negative: everywhere, nowhere, at these sizes; None if scattered."""
    sizes = range(least, least + stairs.period)
    if stairs.rise == 0:
        residues = tuple(sorted(s % stairs.period for s in sizes if stairs.value(s) >= 0))
        if len(residues) in (0, stairs.period):
            return bool(residues)
        return Threshold(stairs.name, residues=Zeros(stairs.name, residues, stairs.period))
    # In each class of sizes a period apart, the sign changes at most once.
    before, after = [], []
    for size in sizes:
        value = stairs.value(size) if stairs.rise > 0 else -stairs.value(size) - 1
        periods = max(0, -(value // abs(stairs.rise)))
        after.append(size + periods * stairs.period)
        if periods:
            before.append(size + (periods - 1) * stairs.period)
    first, last = min(after), max(before, default=least - 1)
    if last < least:
        return stairs.rise > 0
    if first < last:
        return None
    return Threshold(stairs.name, first) if stairs.rise > 0 else Threshold(stairs.name, None, last)


def is_never_zero(polynomial: Polynomial, least: Mapping[str, int] = NO_LEAST) -> bool:
    """Whether it can be shown that a polynomial is not zero for any sizes."""
    low, high = interval(polynomial, least)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return True
    common = gcd(*(c for m, c in polynomial.items() if m))
    if common and polynomial.get(CONSTANT, 0) % common:
        return True
    stairs = staircase(polynomial)
    return stairs is not None and not zeros(stairs, least.get(stairs.name, 1)).sizes
