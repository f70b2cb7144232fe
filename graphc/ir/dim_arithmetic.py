"""The type of symbolic sizes and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

from graphc.ir.dim_bounds import Interval, interval
from graphc.ir.dim_division import extremum, floor_divide
from graphc.ir.dim_polynomial import (
    CONSTANT,
    SIZE_LIMIT,
    Atom,
    Extremum,
    Polynomial,
    Quotient,
    Variable,
    add,
    constant,
    constant_of,
    evaluate_polynomial,
    is_too_large,
    multiply,
    names_in,
    scale,
    variable_atom,
)
from graphc.ir.dim_text import polynomial_text


class SymbolicDim:
    """A size with variables in it: never a number, which is always a plain int.

    ``==`` asks whether two are the same expression in canonical form, and nothing orders them
    or takes them for true: what holds for which sizes is for `compare_equal` and `at_least`.
    """

    __slots__ = ("_bounds", "_hash", "_names", "_text", "polynomial")

    polynomial: Polynomial
    _bounds: Interval | None
    _hash: int | None
    _names: tuple[str, ...] | None
    _text: str | None

    def __init__(self, polynomial: Polynomial) -> None:
        self.polynomial = polynomial
        self._bounds = self._hash = self._names = self._text = None

    # Facts, each computed once

    @property
    def bounds(self) -> Interval:
        """The least and the greatest value that can be shown, None where there is none."""
        if self._bounds is None:
            self._bounds = interval(self.polynomial)
        return self._bounds

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables, sorted."""
        if self._names is None:
            self._names = tuple(sorted(names_in(self.polynomial)))
        return self._names

    def __str__(self) -> str:
        if self._text is None:
            self._text = polynomial_text(self.polynomial)
        return self._text

    def __repr__(self) -> str:
        return str(self)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.polynomial.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is SymbolicDim and self.polynomial == other.polynomial)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return SymbolicDim, (self.polynomial,)

    # Arithmetic

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            total = self.polynomial.get(CONSTANT, 0) + other
            polynomial = dict(self.polynomial)
            if total:
                polynomial[CONSTANT] = total
            else:
                polynomial.pop(CONSTANT, None)
            return SymbolicDim(polynomial)
        if isinstance(other, SymbolicDim):
            return _dim(add(self.polynomial, other.polynomial))
        return NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return self + -other
        if isinstance(other, SymbolicDim):
            return _dim(add(self.polynomial, other.polynomial, -1))
        return NotImplemented

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __neg__(self) -> Dim:
        return SymbolicDim(scale(self.polynomial, -1))

    def __pos__(self) -> Dim:
        return self

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _dim(scale(self.polynomial, other))
        if isinstance(other, SymbolicDim):
            if len(self.polynomial) * len(other.polynomial) > 4 * SIZE_LIMIT:
                return UNKNOWN
            return _dim(multiply(self.polynomial, other.polynomial))
        return NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        return _floor_divide(self, other) if isinstance(other, _DIM) else NotImplemented

    def __rfloordiv__(self, other: Dim) -> Dim:
        return _floor_divide(other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Dim) -> Dim:
        if isinstance(other, _DIM):
            return self - other * _floor_divide(self, other)
        return NotImplemented

    def __rmod__(self, other: Dim) -> Dim:
        return (
            other - self * _floor_divide(other, self) if isinstance(other, int) else NotImplemented
        )

    def __pow__(self, power: Dim) -> Dim:
        if isinstance(power, SymbolicDim):
            return UNKNOWN
        if not isinstance(power, int):
            return NotImplemented
        if power < 0:
            raise ValueError(f"a size needs a power of at least 0, got {power}")
        result: Dim = 1
        for _ in range(power):
            result = result * self
            if result is UNKNOWN:
                break
        return result

    def __rpow__(self, base: int) -> Dim:
        return base if base in (0, 1) else UNKNOWN

    # What would be misjudged in silence

    def __bool__(self) -> NoReturn:
        raise TypeError(f"whether {self} is zero depends on the sizes; use compare_equal")

    def _refuse_order(self, other: object) -> NoReturn:
        raise TypeError(f"the order of {self} and {other} depends on the sizes; use at_least")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order


Dim: TypeAlias = int | SymbolicDim
"""The size of one axis of a tensor."""

_DIM = (int, SymbolicDim)


class UnknownDim(SymbolicDim):
    """A size about which nothing is known; it makes whatever is computed with it unknown."""

    __slots__ = ()

    def __str__(self) -> str:
        return "?"

    def __hash__(self) -> int:
        return hash(UnknownDim)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> str:
        return "UNKNOWN"

    def _absorb(self, other: object = None) -> Dim:
        return self if other is None or isinstance(other, _DIM) else NotImplemented

    __add__ = __radd__ = __sub__ = __rsub__ = __neg__ = __pos__ = _absorb
    __rfloordiv__ = __rmod__ = __rpow__ = _absorb

    def __mul__(self, other: Dim) -> Dim:
        return 0 if isinstance(other, int) and other == 0 else self._absorb(other)

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        if isinstance(other, int) and other == 0:
            raise ZeroDivisionError("division of a size by zero")
        return self._absorb(other)

    __mod__ = __floordiv__

    def __pow__(self, power: Dim) -> Dim:
        return 1 if isinstance(power, int) and power == 0 else self._absorb(power)

    @property
    def bounds(self) -> Interval:
        """Nothing is known."""
        return None, None


# Nothing computes with this polynomial: every operator above is replaced.
UNKNOWN: SymbolicDim = UnknownDim({})


def _dim(polynomial: Polynomial) -> Dim:
    number = constant_of(polynomial)
    if number is not None:
        return number
    return UNKNOWN if is_too_large(polynomial) else SymbolicDim(polynomial)


def polynomial_of(dim: Dim) -> Polynomial:
    """The polynomial of a dim other than `UNKNOWN`."""
    return constant(dim) if isinstance(dim, int) else dim.polynomial


@lru_cache(maxsize=4096)
def _floor_divide(dividend: Dim, divisor: Dim) -> Dim:
    return _dim(floor_divide(polynomial_of(dividend), polynomial_of(divisor)))


# Functions


def variable(name: str) -> SymbolicDim:
    """The size that a name stands for, at least 1; the same name is the same size."""
    return SymbolicDim({(variable_atom(name),): 1})


BATCH_NAME = "B"
BATCH = variable(BATCH_NAME)
"""The number of examples in a batch."""


def dim_max(first: Dim, second: Dim) -> Dim:
    """The greater of two dims."""
    if isinstance(first, int) and isinstance(second, int):
        return max(first, second)
    return _extremum("max", first, second)


def dim_min(first: Dim, second: Dim) -> Dim:
    """The smaller of two dims."""
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    return _extremum("min", first, second)


@lru_cache(maxsize=1024)
def _extremum(kind: str, *options: Dim) -> Dim:
    if UNKNOWN in options:
        return UNKNOWN
    return _dim(extremum(kind, [polynomial_of(option) for option in options]))


def ceil_div(dividend: Dim, divisor: Dim) -> Dim:
    """The quotient rounded up."""
    low = lower_bound(divisor)
    if low is not None and low >= 1:
        return (dividend + divisor - 1) // divisor
    return -(-dividend // divisor)


def product(dims: Iterable[Dim]) -> Dim:
    """The product of dims, 1 for none: the number of elements in a shape."""
    result: Dim = 1
    for dim in dims:
        result = result * dim
    return result


def lower_bound(dim: Dim) -> int | None:
    """A number that the dim is never below, if one is known."""
    return dim if isinstance(dim, int) else dim.bounds[0]


def upper_bound(dim: Dim) -> int | None:
    """A number that the dim is never above, if one is known."""
    return dim if isinstance(dim, int) else dim.bounds[1]


def variables(dim: Dim) -> tuple[str, ...]:
    """The names of the variables that the dim depends on, sorted."""
    return () if isinstance(dim, int) else dim.names


def evaluate(dim: Dim, sizes: Mapping[str, int]) -> int:
    """The dim for given sizes of all its variables; `UNKNOWN` has no value."""
    if isinstance(dim, int):
        return dim
    if dim is UNKNOWN:
        raise ValueError("an unknown size has no value")
    return evaluate_polynomial(dim.polynomial, sizes)


def substitute(dim: Dim, sizes: Mapping[str, Dim]) -> Dim:
    """The dim with variables replaced, all at once; those not in `sizes` stay."""
    if isinstance(dim, int) or not any(name in sizes for name in dim.names):
        return dim
    return _substituted(dim.polynomial, sizes)


def linear_in(dim: Dim, name: str) -> tuple[int, Dim] | None:
    """The numbers k and r of a dim that is `k*T + r` for a variable T, which r is free of."""
    if isinstance(dim, int) or dim is UNKNOWN or name not in dim.names:
        return None
    rest = substitute(dim, {name: 0})
    factor = substitute(dim, {name: 1}) - rest
    if not isinstance(factor, int) or factor == 0 or dim != factor * variable(name) + rest:
        return None
    return factor, rest


def _substituted(polynomial: Polynomial, sizes: Mapping[str, Dim]) -> Dim:
    total: Dim = 0
    for monomial, coefficient in polynomial.items():
        term: Dim = coefficient
        for atom in monomial:
            term = term * _substituted_atom(atom, sizes)
        total = total + term
    return total


def _substituted_atom(atom: Atom, sizes: Mapping[str, Dim]) -> Dim:
    if isinstance(atom, Variable) and atom.name in sizes:
        return sizes[atom.name]
    if isinstance(atom, Quotient) and not atom.names.isdisjoint(sizes):
        return _substituted(atom.numerator, sizes) // _substituted(atom.denominator, sizes)
    if isinstance(atom, Extremum) and not atom.names.isdisjoint(sizes):
        options = [_substituted(option, sizes) for option in atom.options]
        return _extremum(atom.kind, *options)
    return SymbolicDim({(atom,): 1})


def text(dim: Dim) -> str:
    """The dim as a person writes it, which Python would read back."""
    return str(dim)


def shape_text(dims: Iterable[Dim]) -> str:
    """The dims between brackets."""
    return f"[{', '.join(map(str, dims))}]"
