"""Matching the dims of an annotation against those of a tensor."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from graphc.ir.dim_arithmetic import (
    UNKNOWN,
    Dim,
    SymbolicDim,
    polynomial_of,
    substitute,
    variable,
)
from graphc.ir.dim_compare import at_least, compare_equal
from graphc.ir.dim_polynomial import (
    Polynomial,
    add,
    constant_of,
    divide,
    is_too_large,
    names_in,
    split,
    variable_atom,
)
from graphc.ir.dim_solve import is_never_zero, staircase, zeros


def unify(
    pattern: Dim, actual: Dim, bindings: dict[str, Dim], free: AbstractSet[str]
) -> bool | None:
    """Match a dim against a pattern: True if it fits, False if it never does, None if it may.

    Variables in `free` stand for whatever makes the pattern fit: those bound already are replaced,
    and one more is solved for and added to `bindings`, where there is one solution. A size of 0
    or less is none; one that is bound to `UNKNOWN` may still be bound to something better. Variables that are not in `free` are the same as in the dim.
    """
    if pattern is UNKNOWN:
        return True
    if isinstance(pattern, int):
        return pattern == actual if isinstance(actual, int) else _fits(pattern, actual)
    # The dim may use the same names for other sizes, so the free ones get names of their own.
    unbound = [name for name in pattern.names if bindings.get(name, UNKNOWN) is UNKNOWN]
    wanted = [name for name in unbound if name in free]
    own: dict[str, Dim] = {name: variable(f"'{name}") for name in wanted}
    reduced = substitute(pattern, {**bindings, **own})
    if not wanted or reduced is UNKNOWN:
        return _fits(reduced, actual)
    if reduced == own[wanted[0]]:
        return _bind(wanted[0], actual, bindings)
    if actual is UNKNOWN:
        return None
    return _solve(wanted, polynomial_of(reduced), polynomial_of(actual), bindings)


def _fits(pattern: Dim, actual: Dim) -> bool | None:
    return compare_equal(pattern, actual).is_equal


def _bind(name: str, size: Dim, bindings: dict[str, Dim]) -> bool:
    if at_least(size, 1) is False:
        return False
    bindings[name] = size
    return True


def _solve(
    wanted: list[str], pattern: Polynomial, actual: Polynomial, bindings: dict[str, Dim]
) -> bool | None:
    """Solve ``pattern == actual`` for the one wanted variable, if only one is left."""
    difference = add(actual, pattern, -1)
    left = [name for name in wanted if f"'{name}" in names_in(difference)]
    if len(left) == 1:
        (name,) = left
        found = _linear_solution(f"'{name}", difference)
        if found is None:
            found = _only_size(f"'{name}", difference)
        if found is not None:
            return _bind(name, found, bindings)
    return False if is_never_zero(difference) else None


def _linear_solution(name: str, difference: Polynomial) -> Dim | None:
    """The x in ``a*x + b == 0``, where it is a whole expression without x."""
    parts = split(difference, variable_atom(name))
    if parts is None or not parts[0]:
        return None
    factor, rest = parts
    quotient, left = divide(rest, factor)
    if left or name in names_in(quotient) | names_in(factor) or is_too_large(quotient):
        return None
    number = constant_of(quotient)
    return -number if number is not None else -SymbolicDim(quotient)


def _only_size(name: str, difference: Polynomial) -> int | None:
    """The one number at which a difference of one variable is zero."""
    stairs = staircase(difference)
    if stairs is None or stairs.name != name:
        return None
    found = zeros(stairs)
    return found.sizes[0] if found.period is None and len(found.sizes) == 1 else None
