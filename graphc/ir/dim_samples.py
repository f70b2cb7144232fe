"""Sizes to try an expression with, the readable and realistic ones first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphc.ir.dim_polynomial import (
    CONSTANT,
    Atom,
    Extremum,
    Polynomial,
    Quotient,
    add,
    atoms_of,
    constant_of,
    variable_atom,
)

SMALL = (5, 6, 7, 8, 9, 10, 11, 12, 13, 4, 3, 2, 1)
LARGE = (
    *(14, 15, 16, 17, 20, 21, 24, 27, 28, 30, 31, 32, 33, 35, 36, 48, 49, 50, 63, 64, 65, 80, 99),
    *(100, 101, 127, 128, 129, 192, 223, 224, 225, 250, 255, 256, 257, 299, 511, 512, 513, 640),
    *(1000, 1023, 1024, 1025, 4095, 4096, 4097, 10_007, 65_535, 65_536, 65_537, 1_000_003),
    *(2**31 - 1, 10**12 + 39),
)
RANDOM_COUNT = 200


def assignments(
    polynomials: tuple[Polynomial, ...], names: tuple[str, ...], least: Mapping[str, int]
) -> Iterator[dict[str, int]]:
    """Assignments of sizes to names, each at least its `least`; the same ones each time."""
    lows = [least.get(name, 1) for name in names]
    small = [[size + low - 1 for size in SMALL] for low in lows]
    critical = [
        _critical_sizes(polynomials, name, low) for name, low in zip(names, lows, strict=True)
    ]
    everything = [
        [*small[i], *(size for size in LARGE if size >= low), *critical[i]]
        for i, low in enumerate(lows)
    ]
    if len(names) == 1:
        for size in dict.fromkeys(everything[0]):
            yield {names[0]: size}
        return
    count = len(SMALL)
    # For two names every pair, those with different sizes first, equal ones in between.
    for step in (*range(1, 7), 0, *range(7, count)):
        for start in range(count):
            yield {n: small[i][(start + i * step) % count] for i, n in enumerate(names)}
    for index, name in enumerate(names):
        for start, size in enumerate(critical[index]):
            others = {n: small[i][(start + i) % count] for i, n in enumerate(names)}
            yield {**others, name: size}
    state = 1
    for _ in range(RANDOM_COUNT):
        assignment = {}
        for name, sizes in zip(names, everything, strict=True):
            state = (state * 1_103_515_245 + 12_345) % 2**31
            assignment[name] = sizes[(state >> 8) % len(sizes)]
        yield assignment


def _critical_sizes(polynomials: tuple[Polynomial, ...], name: str, least: int) -> tuple[int, ...]:
    """Sizes of one variable about which a quotient steps, or a maximum changes sides."""
    sizes: set[int] = set()
    for polynomial in polynomials:
        for crossing in _crossings(polynomial, name):
            sizes.update((crossing - 1, crossing, crossing + 1))
    return tuple(sorted(size for size in sizes if size >= least))


def _crossings(polynomial: Polynomial, name: str) -> Iterator[int]:
    for atom in atoms_of(polynomial):
        if name not in atom.names:
            continue
        for inner in _parts(atom):
            yield from _crossings(inner, name)
        if isinstance(atom, Quotient):
            number = constant_of(atom.denominator) or 0
            for multiple in (1, 2, 3):
                yield number * multiple
                yield from _where(atom.numerator, name, number * multiple)
        elif isinstance(atom, Extremum):
            for option in atom.options[1:]:
                yield from _where(add(atom.options[0], option, -1), name, 0)


def _parts(atom: Atom) -> tuple[Polynomial, ...]:
    if isinstance(atom, Quotient):
        return atom.numerator, atom.denominator
    return atom.options if isinstance(atom, Extremum) else ()


def _where(polynomial: Polynomial, name: str, value: int) -> Iterator[int]:
    """About where a polynomial reaches a value, by its linear term alone."""
    factor = polynomial.get((variable_atom(name),), 0)
    if factor:
        yield (value - polynomial.get(CONSTANT, 0)) // factor
