"""The matrices of Winograd's convolutions, from the points at which polynomials are multiplied.

A product of two polynomials is known by its values at as many points as it has coefficients: the
method of Toom and Cook, transposed (Blahut, "Fast algorithms for signal processing", 2010,
chapter 5). One of the points is infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Rows = list[list[Fraction]]

POINTS = {2: ("0", "1", "-1"), 4: ("0", "3/4", "-3/4", "3/2", "-3/2")}
"""By the edge of a tile of results. Small fractions near 1 lose least: with these four float32
results are off by 1.4e-6 of the largest, with the usual 1 and 2 by 6e-6 (128 channels; Barabasz et
al., "Error analysis and improving the accuracy of Winograd convolution for deep neural networks",
2020, look for the best)."""


def transforms(edge: int, taps: int = 3) -> tuple[Array, Array, Array]:
    """Matrices for `edge` results of a filter of `taps`: of elements, of the filter, and back.

    Shapes: [n, n], [n, taps] and [edge, n], for n = edge + taps - 1.
    """
    points = [Fraction(point) for point in POINTS[edge]]
    others = [[q for q in points if q is not p] for p in points]
    into = [_with_roots(rest) for rest in others]
    size = len(points) + 1
    into = [row + [Fraction(0)] * (size - len(row)) for row in [*into, _with_roots(points)]]
    of_filter = [
        [p**power / prod(p - q for q in rest) for power in range(taps)]
        for p, rest in zip(points, others, strict=True)
    ]
    of_filter.append([Fraction(power == taps - 1) for power in range(taps)])
    back = [[*(p**power for p in points), Fraction(power == edge - 1)] for power in range(edge)]
    return _array(into), _array(of_filter), _array(back)


def _with_roots(roots: Sequence[Fraction]) -> list[Fraction]:
    """The coefficients of a polynomial, the constant first."""
    made = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0), *made]
        made = [a - root * b for a, b in zip(shifted, [*made, Fraction(0)], strict=True)]
    return made


def _array(rows: Rows) -> Array:
    return np.array([[float(x) for x in row] for row in rows])
