"""Kernels of 2 k gelu(x / k), which is x (1 + tanh(z)).

The k of each makes z / x a polynomial in x² whose highest power needs no factor, and nothing has to
be divided: passes over memory are as many as for gelu itself, but none of them is slow.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from graphc.ir.primitives.elementwise import GELU_SCALES
from graphc.runtime.kernels.elementwise import elementwise
from graphc.runtime.kernels.gelu import EXACT, FAR, are_far, gelu, gelu_tanh, share_below
from graphc.runtime.kernels.special import PIECE, scratch
from graphc.runtime.kernels.table import Array

_K = GELU_SCALES["scaled_gelu"]
_K_TANH = GELU_SCALES["scaled_gelu_tanh"]
# All factors but that of the highest power, which is 1.
_SCALED_EXACT = tuple(power / (2 * _K ** (2 * i + 1)) for i, power in enumerate(EXACT[:-1]))
_SCALED_BY_TANH = (sqrt(2 / pi) / _K_TANH,)


@elementwise("scaled_gelu")
def scaled_gelu(x: Array) -> Array:
    """2 k gelu(x / k)."""
    if x.dtype == np.float32:
        return scaled_gelu_into(np.ascontiguousarray(x), np.empty(x.shape, x.dtype))
    result: Array = gelu(x / _K) * (2 * _K)
    return result


@elementwise("scaled_gelu_tanh")
def scaled_gelu_tanh(x: Array) -> Array:
    """The same of the gelu by a tanh, with its own k."""
    if x.dtype == np.float32:
        return scaled_gelu_tanh_into(np.ascontiguousarray(x), np.empty(x.shape, x.dtype))
    result: Array = gelu_tanh(x / _K_TANH) * (2 * _K_TANH)
    return result


def scaled_gelu_into(x: Array, out: Array) -> Array:
    """scaled_gelu of float32 in one piece, written into an array that may be x itself."""
    return _scaled(x, out, _SCALED_EXACT, FAR)


def scaled_gelu_tanh_into(x: Array, out: Array) -> Array:
    """The same of scaled_gelu_tanh."""
    return _scaled(x, out, _SCALED_BY_TANH, -np.inf)


def _scaled(x: Array, out: Array, powers: tuple[float, ...], far: float) -> Array:
    """x (1 + tanh(z)); exact where all is far below 0."""
    # NumPy takes arrays of rank 0 faster than numbers.
    one = np.array(1, np.float32)
    *others, last = (np.array(power, np.float32) for power in powers)
    flat, into = x.reshape(-1), out.reshape(-1)
    square, total = scratch(2, min(PIECE, flat.size))
    with np.errstate(over="ignore", invalid="ignore"):  # what is far from 0 is 0 or 2 x
        for start in range(0, flat.size, PIECE):
            t = flat[start : start + PIECE]
            y, s = square[: t.size], total[: t.size]
            if are_far(t, far * _K):
                share = share_below(t / np.float64(_K))
                np.multiply(t, 2 * share, into[start : start + PIECE], casting="same_kind")
                continue
            np.multiply(t, t, y)
            np.add(y, last, s)
            for power in reversed(others):
                np.multiply(s, y, s)
                np.add(s, power, s)
            np.multiply(s, t, s)
            np.tanh(s, s)
            np.add(s, one, s)
            np.multiply(s, t, into[start : start + PIECE])
    return out
