"""How a size is written: as a person would, and as Python would read it back.

The canonical form is good for comparing and poor for reading, so it is rewritten first:
``64*a*b - 64*a`` as ``64*a*(b - 1)``, ``T - 2*(T // 2)`` as ``T % 2``, ``T + T // 2`` as
``3*T // 2``, ``(H + 1) // 2 - 1`` as ``(H - 3) // 2 + 1``. The last is how many windows of 3 fit
into H at stride 2; for stacked convolutions the window is what one output sees.
"""

from __future__ import annotations

from typing import TypeAlias

from graphc.ir.dim_polynomial import (
    CONSTANT,
    Atom,
    Extremum,
    Monomial,
    Polynomial,
    Quotient,
    Variable,
    add,
    atoms_of,
    common_monomial,
    constant,
    constant_of,
    content_of,
    divide,
    multiply,
    scale,
    split,
    without_factor,
)

# How tightly a text holds together.
SUM, PRODUCT, UNIT = 0, 1, 2
Text: TypeAlias = tuple[str, int]
Factors: TypeAlias = tuple[Text, ...]
Term: TypeAlias = tuple[int, Factors, int]
"""The number in front, the factors, and the degree."""
Division: TypeAlias = tuple[int, Polynomial, int]
"""The number in front, the numerator, and the number divided by."""


def polynomial_text(polynomial: Polynomial) -> str:
    """The polynomial as a formula."""
    return _formula(polynomial)[0]


def _formula(polynomial: Polynomial) -> Text:
    number = constant_of(polynomial)
    if number is not None:
        return str(number), UNIT if number >= 0 else PRODUCT
    if max(map(len, polynomial)) > 1:
        factors = _factors(polynomial)
        if len(factors) > 1:
            return _product_of(factors)
    terms, rest = _remainders(polynomial)
    divisions, rest = _gathered(rest)
    if not terms and len(divisions) == 1 and set(rest) == {CONSTANT}:
        windows = _windows(*divisions[0], rest[CONSTANT])
        if windows is not None:
            return windows
    for factor, numerator, number in divisions:
        terms.append((factor, (_division(numerator, "//", constant(number)),), 1))
    terms += [(c, _monomial_texts(m), len(m)) for m, c in rest.items()]
    return _sum(terms)


# Products


def _product_of(factors: list[Polynomial]) -> Text:
    number = 1
    texts: list[Text] = []
    for factor in factors:
        content = content_of(factor)
        if all(coefficient < 0 for coefficient in factor.values()):
            content = -content
        number *= content
        texts.append(_formula(without_factor(factor, CONSTANT, content)))
    return _product(number, tuple(texts))


def _factors(polynomial: Polynomial) -> list[Polynomial]:
    """Polynomials whose product this is; one where no factors are easily found."""
    monomial = common_monomial((polynomial,))
    rest = without_factor(polynomial, monomial)
    distinct = sorted(set(monomial), key=_reading_order)
    factors: list[Polynomial] = [{(atom,) * monomial.count(atom): 1} for atom in distinct]
    if constant_of(rest) is not None:
        return [polynomial]  # a single term is written as one
    for atom in atoms_of(rest):
        parts = split(rest, atom)
        if parts is None or constant_of(parts[0]) is not None:
            continue
        quotient, left = divide(parts[1], parts[0])
        if not left:  # rest is parts[0]*(atom + quotient)
            return [*factors, add({(atom,): 1}, quotient), *_factors(parts[0])]
    return [*factors, rest]


def _product(number: int, factors: Factors) -> Text:
    if number == 1 and len(factors) == 1:
        return factors[0]
    texts = [text if strength == UNIT else f"({text})" for text, strength in factors]
    if number == -1 and texts:
        return "-" + "*".join(texts), PRODUCT
    if number != 1 or not texts:
        texts.insert(0, str(number))
    return "*".join(texts), PRODUCT if len(texts) > 1 or number < 0 else UNIT


def _monomial_texts(monomial: Monomial) -> Factors:
    texts = []
    for atom in sorted(set(monomial), key=_reading_order):
        text, strength = _atom(atom)
        power = monomial.count(atom)
        if power > 1:
            base = text if strength == UNIT else f"({text})"
            text, strength = f"{base}**{power}", UNIT
        texts.append((text, strength))
    return tuple(texts)


def _reading_order(atom: Atom) -> tuple[int, str]:
    kinds = (Variable, Extremum, Quotient)
    return next(i for i, kind in enumerate(kinds) if isinstance(atom, kind)), atom.key


def _atom(atom: Atom) -> Text:
    if isinstance(atom, Variable):
        return atom.name, UNIT
    if isinstance(atom, Quotient):
        return _division(atom.numerator, "//", atom.denominator)
    assert isinstance(atom, Extremum)
    texts = [(constant_of(option) is not None, _formula(option)[0]) for option in atom.options]
    return f"{atom.kind}({', '.join(text for _, text in sorted(texts))})", UNIT


def _division(numerator: Polynomial, operator: str, denominator: Polynomial) -> Text:
    left, left_strength = _formula(numerator)
    right, right_strength = _formula(denominator)
    if left_strength == SUM:
        left = f"({left})"
    if right_strength != UNIT:
        right = f"({right})"
    return f"{left} {operator} {right}", PRODUCT


# Sums


def _sum(terms: list[Term]) -> Text:
    """Terms in reading order: what is positive first, longer products first, numbers last."""
    ordered = sorted(terms, key=_term_order)
    if all(number < 0 for number, factors, _ in ordered if factors):
        ordered.sort(key=lambda term: term[0] < 0)  # 5 - T, for want of a better start
    first = _product(*ordered[0][:2])
    if len(ordered) == 1:
        return first
    pieces = [first[0]]
    for number, factors, _ in ordered[1:]:
        pieces.append(" - " if number < 0 else " + ")
        pieces.append(_product(abs(number), factors)[0])
    return "".join(pieces), SUM


def _term_order(term: Term) -> tuple[bool, bool, int, int, list[str]]:
    number, factors, degree = term
    strength = min((strength for _, strength in factors), default=UNIT)
    return not factors, number < 0, -degree, -strength, [text for text, _ in factors]


def _remainders(polynomial: Polynomial) -> tuple[list[Term], Polynomial]:
    """The terms that are better written with ``%``, and the others."""
    for atom in atoms_of(polynomial):
        parts = split(polynomial, atom)
        if not isinstance(atom, Quotient) or parts is None:
            continue
        for dividend, divisor in _dividends(atom, polynomial):
            factor, left = divide(scale(parts[0], -1), divisor)
            rest = add(parts[1], multiply(factor, dividend), -1)
            if left or len(factor) != 1 or len(rest) + 1 >= len(polynomial):
                continue
            ((monomial, number),) = factor.items()
            text = _division(dividend, "%", divisor)
            more, rest = _remainders(rest)
            term = number, (*_monomial_texts(monomial), text), len(monomial) + 1
            return [term, *more], rest
    return [], polynomial


def _dividends(atom: Quotient, polynomial: Polynomial) -> list[tuple[Polynomial, Polynomial]]:
    """The x and d for which the quotient is ``x // d``: T and 4 for ``T // 4``, T // 2 and 2."""
    found = [(atom.numerator, atom.denominator)]
    number = constant_of(atom.denominator)
    for other in atoms_of(polynomial):
        if number is None or not isinstance(other, Quotient) or other is atom:
            continue
        inner = constant_of(other.denominator)
        offset = constant_of(add(atom.numerator, other.numerator, -1))
        if inner is not None and offset is not None and number % inner == offset % inner == 0:
            dividend = add({(other,): 1}, constant(offset // inner))
            found.append((dividend, constant(number // inner)))
    return found


def _gathered(polynomial: Polynomial) -> tuple[list[Division], Polynomial]:
    """The quotients by numbers, with what goes into their numerators, and the other terms.

    ``T + T // 2`` is ``3*T // 2``, and ``(S + T) // 2 - T`` is ``(S - T) // 2``.
    """
    divisions: list[Division] = []
    for atom in atoms_of(polynomial):
        factor = polynomial.get((atom,), 0)
        number = constant_of(atom.denominator) if isinstance(atom, Quotient) else None
        if factor < 1 or number is None or not isinstance(atom, Quotient):
            continue
        moved = {
            monomial: polynomial[monomial] // factor
            for monomial in atom.numerator
            if monomial and monomial in polynomial and polynomial[monomial] % factor == 0
        }
        inside = add(atom.numerator, moved, number)
        if moved and all(c < 0 for m, c in inside.items() if m):
            moved, inside = {}, atom.numerator  # `T // 2 - T` is better than `-T // 2`
        divisions.append((factor, inside, number))
        polynomial = add(polynomial, {(atom,): 1, **moved}, -factor)
    return divisions, polynomial


def _windows(factor: int, numerator: Polynomial, stride: int, offset: int) -> Text | None:
    """``factor*((x - window) // stride + 1)`` for a negative offset, if the numbers come out so."""
    if offset >= 0 or offset % factor or CONSTANT not in numerator:
        return None
    moved = constant((offset // factor - 1) * stride)
    count, _ = _division(add(numerator, moved), "//", constant(stride))
    return _product(factor, ((f"{count} + 1", SUM),))
