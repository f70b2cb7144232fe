"""Kernels of gelu, x times the normal distribution's share below x, exactly and by a tanh.

Both shares are 1 / (1 + exp(-z)) of an odd polynomial z of x: few passes over memory.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from graphc.runtime.kernels.elementwise import elementwise
from graphc.runtime.kernels.special import PIECE, erf, erfc, scratch
from graphc.runtime.kernels.table import Array

# z / x as a polynomial in x², which was fitted to log(share / (1 - share)) so that x times the
# share is off by 7e-8 at most; it grows with x everywhere, so that nothing has to be cut off.
EXACT = (
    1.59576843, 0.0726685669, -6.62599119e-05, -0.00011048034, 7.93822199e-06, -2.66893007e-07,
    3.61123703e-09,
)  # fmt: skip
FAR = -2.0
"""Where all of a piece is below this, what is off by 7e-8 is off by much of what there is."""
_BY_TANH = (2 * sqrt(2 / pi), 2 * sqrt(2 / pi) * 0.044715)


@elementwise("gelu")
def gelu(x: Array) -> Array:
    """x * (erf(x / sqrt(2)) + 1) / 2."""
    if x.dtype == np.float32:
        return gelu_into(np.ascontiguousarray(x), np.empty(x.shape, x.dtype))
    result: Array = x * (erf(x * sqrt(0.5)) + 1) * 0.5
    return result


@elementwise("gelu_tanh")
def gelu_tanh(x: Array) -> Array:
    """x * (tanh(sqrt(2 / pi) * (x + 0.044715 x³)) + 1) / 2."""
    if x.dtype == np.float32:
        return gelu_tanh_into(np.ascontiguousarray(x), np.empty(x.shape, x.dtype))
    result: Array = x * (np.tanh((x + x * x * x * 0.044715) * sqrt(2 / pi)) + 1) * 0.5
    return result


def gelu_into(x: Array, out: Array) -> Array:
    """gelu of float32 in one piece, written into an array that may be x itself."""
    return _gated(x, out, EXACT, FAR)


def gelu_tanh_into(x: Array, out: Array) -> Array:
    """The same of the gelu by a tanh."""
    return _gated(x, out, _BY_TANH, -np.inf)


def share_below(x: Array) -> Array:
    """The normal distribution's share below numbers that are negative, with nothing lost."""
    half: Array = erfc(np.float64(-sqrt(0.5)) * x) * 0.5
    return half


def are_far(piece: Array, bound: float) -> bool:
    """Whether all numbers are below a bound, which the first of them mostly tells."""
    return bool(piece.item(0) < bound) and bool(np.maximum.reduce(piece) < bound)


def _gated(x: Array, out: Array, powers: tuple[float, ...], far: float) -> Array:
    """x / (1 + exp(-z)), where z is x times a polynomial in x²; exact where all is far below 0."""
    # NumPy takes arrays of rank 0 faster than numbers.
    one = np.array(1, np.float32)
    first, *others, last = (np.array(-power, np.float32) for power in powers)
    flat, into = x.reshape(-1), out.reshape(-1)
    square, total = scratch(2, min(PIECE, flat.size))
    with np.errstate(over="ignore", invalid="ignore"):  # what is far from 0 is 0 or x
        for start in range(0, flat.size, PIECE):
            t = flat[start : start + PIECE]
            y, s = square[: t.size], total[: t.size]
            if are_far(t, far):
                np.multiply(t, share_below(t), into[start : start + PIECE], casting="same_kind")
                continue
            np.multiply(t, t, y)
            np.multiply(y, last, s)
            for power in reversed(others):
                np.add(s, power, s)
                np.multiply(s, y, s)
            np.add(s, first, s)
            np.multiply(s, t, s)
            np.exp(s, s)
            np.add(s, one, s)
            np.divide(t, s, into[start : start + PIECE])
    return out
