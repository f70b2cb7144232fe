"""Division rounded down, maximum and minimum, each in one form for what is equal.

A quotient keeps only what the division leaves open: multiples of the divisor are taken out of the
numerator, so that ``(T + 2) // 2`` is ``T // 2 + 1`` and the coefficients that stay are between 0
and the divisor; a quotient inside a quotient is merged, so that ``(T // 2) // 2`` is ``T // 4``.
What is true only where the divisor is not zero is taken for true: where it is zero, there is
no value.
"""

from __future__ import annotations

from math import gcd

from graphc.ir.dim_bounds import interval, is_positive
from graphc.ir.dim_polynomial import (
    CONSTANT,
    Extremum,
    Polynomial,
    Quotient,
    add,
    common_monomial,
    constant,
    constant_of,
    content_of,
    divide,
    extremum_atom,
    key_of,
    multiply,
    quotient_atom,
    scale,
    without_factor,
)


def floor_divide(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """``dividend // divisor``, rounded down as Python does."""
    if not divisor:
        raise ZeroDivisionError("division of a size by zero")
    number = constant_of(divisor)
    if number is not None:
        return _divide_by_number(dividend, number)
    return _divide_by_symbol(dividend, divisor)


def remainder(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """``dividend % divisor``, of the divisor's sign as in Python."""
    return add(dividend, multiply(divisor, floor_divide(dividend, divisor)), -1)


# By a number


def _divide_by_number(dividend: Polynomial, number: int) -> Polynomial:
    if number < 0:
        return _divide_by_number(scale(dividend, -1), -number)
    whole = {m: c // number for m, c in dividend.items() if c % number == 0}
    rest = {m: c for m, c in dividend.items() if c % number}
    low, high = interval(rest)
    if low is not None and high is not None and low // number == high // number:
        return add(whole, constant(low // number))
    if all(coefficient < 0 for monomial, coefficient in rest.items() if monomial):
        # Then -((-x + d - 1) // d), which is x // d, has the positive numerator.
        turned = add(constant(number - 1), rest, -1)
        return add(whole, _divide_by_number(turned, number), -1)
    taken = {m: c // number for m, c in rest.items() if c // number}
    left = {m: c % number for m, c in rest.items()}
    return add(add(whole, taken), _divide_left(left, number))


def _divide_left(left: Polynomial, number: int) -> Polynomial:
    """The quotient of a polynomial whose coefficients are from 1 to `number` - 1."""
    factors = [coefficient for monomial, coefficient in left.items() if monomial]
    if not factors:
        return {}
    common = gcd(number, *factors)
    if common > 1:
        number //= common
        left = {m: c // common for m, c in left.items() if c // common}
    merged = _merged(left, constant(number))
    if merged is not None:
        return floor_divide(*merged)
    return {(quotient_atom(left, constant(number)),): 1}


def _merged(dividend: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial] | None:
    """``(x // d + y) // divisor`` as ``(x + d*y) // (d*divisor)``, for a positive divisor.

    Only where one quotient stands in the dividend, lest the result depend on which was chosen.
    """
    holders = [m for m in dividend if any(isinstance(atom, Quotient) for atom in m)]
    if len(holders) != 1 or len(holders[0]) != 1 or dividend[holders[0]] != 1:
        return None
    (quotient,) = holders[0]
    assert isinstance(quotient, Quotient)
    others = {m: c for m, c in dividend.items() if m != holders[0]}
    if constant_of(quotient.denominator) is None and constant_of(others) is None:
        return None  # the product of two polynomials is no simpler
    inner = add(quotient.numerator, multiply(quotient.denominator, others))
    return inner, multiply(quotient.denominator, divisor)


# By a polynomial


def _divide_by_symbol(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    if all(coefficient < 0 for coefficient in divisor.values()):
        dividend, divisor = scale(dividend, -1), scale(divisor, -1)
    whole, rest = divide(dividend, divisor)
    if not rest:
        return whole
    monomial = common_monomial((rest, divisor))
    number = gcd(content_of(rest), content_of(divisor))
    if monomial or number > 1:
        rest, divisor = (without_factor(p, monomial, number) for p in (rest, divisor))
        return add(whole, floor_divide(rest, divisor))
    if not is_positive(divisor):
        return add(whole, {(quotient_atom(rest, divisor),): 1})
    near = _near_quotient(rest, divisor)
    if near is not None:
        return add(whole, constant(near))
    merged = _merged(rest, divisor)
    if merged is not None:
        return add(whole, floor_divide(*merged))
    return add(whole, {(quotient_atom(rest, divisor),): 1})


def _near_quotient(dividend: Polynomial, divisor: Polynomial) -> int | None:
    """0 or -1, where bounds show that this is the quotient by a positive divisor."""
    low, high = interval(dividend)
    if low is not None and low >= 0:
        return 0 if is_positive(add(divisor, dividend, -1)) else None
    if high is not None and high < 0:
        above = interval(add(divisor, dividend))[0]
        return -1 if above is not None and above >= 0 else None
    return None


# Maximum and minimum


def extremum(kind: str, options: list[Polynomial]) -> Polynomial:
    """The ``"max"`` or ``"min"`` of several polynomials."""
    flat = [inner for option in options for inner in _flattened(kind, option)]
    kept = _undominated(kind, flat)
    if len(kept) == 1:
        return kept[0]
    shared = {m: c for m, c in kept[0].items() if all(p.get(m) == c for p in kept)}
    kept = [add(option, shared, -1) for option in kept]
    number = gcd(*map(content_of, kept))
    atom = extremum_atom(kind, [without_factor(option, CONSTANT, number) for option in kept])
    return add(shared, {(atom,): number})


def _flattened(kind: str, option: Polynomial) -> list[Polynomial]:
    """``max(a, b) + c`` as ``a + c`` and ``b + c``."""
    holders = [m for m in option if any(isinstance(atom, Extremum) for atom in m)]
    if len(holders) != 1 or len(holders[0]) != 1 or option[holders[0]] < 0:
        return [option]
    (atom,) = holders[0]
    if not isinstance(atom, Extremum) or atom.kind != kind:
        return [option]
    rest = {m: c for m, c in option.items() if m != holders[0]}
    return [add(rest, inner, option[holders[0]]) for inner in atom.options]


def _undominated(kind: str, options: list[Polynomial]) -> list[Polynomial]:
    """The options that may be the outcome, in an order that does not depend on theirs."""
    sign = 1 if kind == "max" else -1
    kept: list[Polynomial] = []
    for option in sorted(options, key=key_of):
        if any(_never_below(other, option, sign) for other in kept):
            continue
        kept = [other for other in kept if not _never_below(option, other, sign)]
        kept.append(option)
    return kept


def _never_below(first: Polynomial, second: Polynomial, sign: int) -> bool:
    low = interval(add(scale(first, sign), second, -sign))[0]
    return low is not None and low >= 0
