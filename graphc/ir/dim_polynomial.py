"""Polynomials over atoms: the form in which every symbolic size is kept.

A polynomial is a dict from monomials to integer coefficients that are not zero; a monomial is a
tuple of atoms in the order of their keys, repeated as often as their power, and ``()`` is the
monomial of the constant. ``2*H + 1`` is ``{(H,): 2, (): 1}``. An atom is what addition and
multiplication cannot take apart: a variable, a quotient rounded down, a maximum or a minimum.
There is no atom for remainders: ``a % b`` is ``a - b*(a // b)``, so that what belongs together
cancels by itself.

There is one object for each atom, so that atoms compare and hash by identity, and polynomials as
dicts of them. Polynomials are never changed once they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar
from weakref import WeakValueDictionary

Monomial: TypeAlias = "tuple[Atom, ...]"
Polynomial: TypeAlias = "dict[Monomial, int]"

CONSTANT: Monomial = ()

# Past these an expression says nothing to anyone, and only costs time.
SIZE_LIMIT = 200
DEGREE_LIMIT = 32
COEFFICIENT_LIMIT = 2**128


class Atom:
    """What polynomials are made of; `key` spells it out and orders it among others.

    `size` counts the terms within, `names` are the variables. `bounds` is a place for the
    interval that holds for all sizes, once somebody has computed it.
    """

    __slots__ = ("__weakref__", "bounds", "key", "names", "size")

    key: str
    size: int
    names: frozenset[str]
    bounds: tuple[int | None, int | None] | None

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The value for given sizes of the variables."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.key


class Variable(Atom):
    """A size that a name stands for: any whole number from 1 on."""

    __slots__ = ("name",)

    name: str

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The size given for the name."""
        return sizes[self.name]

    def __reduce__(self) -> tuple[Any, ...]:
        return variable_atom, (self.name,)


class Quotient(Atom):
    """``numerator // denominator``."""

    __slots__ = ("denominator", "numerator")

    numerator: Polynomial
    denominator: Polynomial

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The quotient of the values."""
        return evaluate_polynomial(self.numerator, sizes) // evaluate_polynomial(
            self.denominator, sizes
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return quotient_atom, (self.numerator, self.denominator)


class Extremum(Atom):
    """The ``"max"`` or the ``"min"`` of several polynomials."""

    __slots__ = ("kind", "options")

    kind: str
    options: tuple[Polynomial, ...]

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The greatest or the least of the values."""
        values = [evaluate_polynomial(option, sizes) for option in self.options]
        return max(values) if self.kind == "max" else min(values)

    def __reduce__(self) -> tuple[Any, ...]:
        return extremum_atom, (self.kind, self.options)


# Making atoms

_atoms: WeakValueDictionary[str, Atom] = WeakValueDictionary()
_key_of = attrgetter("key")
A = TypeVar("A", bound=Atom)


def variable_atom(name: str) -> Variable:
    """The one atom for a variable of this name."""
    known = _atoms.get(name)
    if isinstance(known, Variable):
        return known
    atom = _new(Variable, name, 1, frozenset((name,)))
    atom.name = name
    return atom


def quotient_atom(numerator: Polynomial, denominator: Polynomial) -> Quotient:
    """The one atom for a quotient, of polynomials that `floor_divide` has reduced."""
    key = f"~({key_of(numerator)})//({key_of(denominator)})"
    known = _atoms.get(key)
    if isinstance(known, Quotient):
        return known
    names = names_in(numerator) | names_in(denominator)
    atom = _new(Quotient, key, size_of(numerator) + size_of(denominator), names)
    atom.numerator, atom.denominator = numerator, denominator
    return atom


def extremum_atom(kind: str, options: Iterable[Polynomial]) -> Extremum:
    """The one atom for a maximum or minimum, of options that `extremum` has reduced."""
    ordered = tuple(sorted(options, key=key_of))
    key = f"~~{kind}({','.join(map(key_of, ordered))})"
    known = _atoms.get(key)
    if isinstance(known, Extremum):
        return known
    names = frozenset[str]().union(*map(names_in, ordered))
    atom = _new(Extremum, key, sum(map(size_of, ordered)), names)
    atom.kind, atom.options = kind, ordered
    return atom


def _new(cls: type[A], key: str, size: int, names: frozenset[str]) -> A:
    atom = cls()
    atom.key, atom.size, atom.names, atom.bounds = key, size, names, None
    _atoms[key] = atom
    return atom


# Facts


def constant_of(polynomial: Polynomial) -> int | None:
    """The number that a polynomial is, if it is one."""
    if not polynomial:
        return 0
    return polynomial.get(CONSTANT) if len(polynomial) == 1 else None


def evaluate_polynomial(polynomial: Polynomial, sizes: Mapping[str, int]) -> int:
    """The value for given sizes of the variables."""
    total = 0
    for monomial, value in polynomial.items():
        for atom in monomial:
            value *= atom.evaluate(sizes)  # noqa: PLW2901  a running product
        total += value
    return total


def atoms_of(polynomial: Polynomial) -> list[Atom]:
    """The atoms that stand in a polynomial, not those within them, in the order of their keys."""
    return sorted({atom for monomial in polynomial for atom in monomial}, key=_key_of)


def names_in(polynomial: Polynomial) -> frozenset[str]:
    """The names of the variables in a polynomial, and in the atoms of it."""
    return frozenset[str]().union(*(atom.names for monomial in polynomial for atom in monomial))


def size_of(polynomial: Polynomial) -> int:
    """How many terms there are, counting those within atoms."""
    return sum(1 if not m else sum([atom.size for atom in m]) for m in polynomial)


def is_too_large(polynomial: Polynomial) -> bool:
    """Whether a polynomial is past the limits."""
    size = 1 if CONSTANT in polynomial else 0
    for monomial, coefficient in polynomial.items():
        if len(monomial) > DEGREE_LIMIT or not -COEFFICIENT_LIMIT < coefficient < COEFFICIENT_LIMIT:
            return True
        for atom in monomial:
            size += atom.size
    return size > SIZE_LIMIT


def key_of(polynomial: Polynomial) -> str:
    """A text that equal polynomials share, and no others."""
    terms = [f"{c}{''.join(f'*{atom.key}' for atom in m)}" for m, c in polynomial.items()]
    return "+".join(sorted(terms)) if len(terms) > 1 else "".join(terms)


# Arithmetic


def constant(number: int) -> Polynomial:
    """A number as a polynomial."""
    return {CONSTANT: number} if number else {}


def add(first: Polynomial, second: Polynomial, factor: int = 1) -> Polynomial:
    """``first + factor*second``."""
    result = dict(first)
    for monomial, coefficient in second.items():
        total = result.get(monomial, 0) + factor * coefficient
        if total:
            result[monomial] = total
        else:
            result.pop(monomial, None)
    return result


def scale(polynomial: Polynomial, factor: int) -> Polynomial:
    """``factor*polynomial``."""
    return {m: factor * c for m, c in polynomial.items()} if factor else {}


def multiply(first: Polynomial, second: Polynomial) -> Polynomial:
    """``first*second``."""
    result: Polynomial = {}
    for m, c in first.items():
        for n, d in second.items():
            monomial = multiply_monomials(m, n)
            total = result.get(monomial, 0) + c * d
            if total:
                result[monomial] = total
            else:
                del result[monomial]
    return result


def multiply_monomials(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials."""
    if not first:
        return second
    return tuple(sorted(first + second, key=_key_of)) if second else first


def divide_monomials(dividend: Monomial, divisor: Monomial) -> Monomial | None:
    """The quotient of two monomials, or None where it is not one."""
    rest = list(dividend)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def divide(dividend: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and rest of polynomial division; no rest means that it is exact.

    What the divisor's leading term goes into is taken out, coefficients rounded down, so that
    ``dividend == quotient*divisor + rest`` always holds.
    """
    lead = max(divisor, key=_rank)
    leading = divisor[lead]
    quotient: Polynomial = {}
    rest, done = dividend, set[Monomial]()
    while len(quotient) < SIZE_LIMIT:
        # Higher monomials first: taking one out changes none above it.
        for monomial in sorted(rest, key=_rank, reverse=True):
            factor = None if monomial in done else divide_monomials(monomial, lead)
            if factor is not None and rest[monomial] // leading:
                break
        else:
            break
        done.add(monomial)
        term = {factor: rest[monomial] // leading}
        quotient = add(quotient, term)
        rest = add(rest, multiply(term, divisor), -1)
    return quotient, rest


def _rank(monomial: Monomial) -> tuple[int, list[str]]:
    return len(monomial), [atom.key for atom in monomial]


def split(polynomial: Polynomial, atom: Atom) -> tuple[Polynomial, Polynomial] | None:
    """``a`` and ``b`` in ``a*atom + b``, or None where a higher power of the atom stands."""
    factor: Polynomial = {}
    rest: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        if atom not in monomial:
            rest[monomial] = coefficient
            continue
        others = tuple([a for a in monomial if a is not atom])
        if len(others) != len(monomial) - 1:
            return None
        factor[others] = coefficient
    return factor, rest


def content_of(polynomial: Polynomial) -> int:
    """The greatest common divisor of the coefficients."""
    return gcd(*polynomial.values())


def common_monomial(polynomials: Iterable[Polynomial]) -> Monomial:
    """The greatest monomial that divides every term of every one."""
    monomials = [monomial for polynomial in polynomials for monomial in polynomial]
    common = list(monomials[0]) if monomials else []
    for monomial in monomials:
        rest = list(monomial)
        for atom in tuple(common):
            if atom in rest:
                rest.remove(atom)
            else:
                common.remove(atom)
        if not common:
            break
    return tuple(common)


def without_factor(polynomial: Polynomial, monomial: Monomial, number: int = 1) -> Polynomial:
    """The polynomial divided by a common factor of its terms."""
    result: Polynomial = {}
    for m, c in polynomial.items():
        rest = divide_monomials(m, monomial)
        assert rest is not None
        result[rest] = c // number
    return result
