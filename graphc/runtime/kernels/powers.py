"""The kernel of powers of e that are kept in range, for shares of a sum."""

from __future__ import annotations

from math import exp

import numpy as np

from graphc.runtime.kernels.table import Array, kernel, widened

_BOUND = 32
"""e to the power of this or of its negative leaves what it is multiplied by far from any limit."""
_PIECE = 1 << 16
"""Elements that are gone through several times while they are in the cache."""


@kernel("bounded_exp")
def bounded_exp(x: Array) -> Array:
    """exp(x), or exp(x - max(x)) of rows where that would overflow, or be nothing."""
    wide = np.ascontiguousarray(widened(x))
    return bounded_exp_into(wide, np.empty_like(wide)).astype(x.dtype, copy=False)


def bounded_exp_into(x: Array, out: Array) -> Array:
    """The same of what is in one piece, written into an array that may be x itself."""
    length = x.shape[-1]
    # NumPy finds the largest of each row ten times as slowly as the largest of all.
    rows, into = x.reshape(-1, length), out.reshape(-1, length)
    count = max(_PIECE // length, 1)
    for start in range(0, len(rows), count):
        some, made = rows[start : start + count], into[start : start + count]
        flat = some.reshape(-1)
        if not np.maximum.reduce(flat) <= _BOUND:
            _shifted_exp(some, made)
        elif np.minimum.reduce(flat) >= -_BOUND:
            np.exp(some, out=made)
        else:  # a mask, where something is left of each row
            powers = np.exp(some)
            is_left = np.minimum.reduce(powers.dot(np.ones(length, x.dtype))) >= exp(-_BOUND)
            if is_left:
                np.copyto(made, powers)
            else:
                _shifted_exp(some, made)
    return out


def _shifted_exp(x: Array, out: Array) -> None:
    """Powers divided by the largest of their row."""
    np.subtract(x, x.max(-1, keepdims=True), out=out)
    np.exp(out, out=out)
