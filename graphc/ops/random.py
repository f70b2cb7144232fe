"""Random numbers, for functions that draw some: of random bits, one stream for each tensor."""

from __future__ import annotations

from math import sqrt
from typing import Any

from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import ERF_INV
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.activation import sigmoid
from graphc.ops.arithmetic import logical_and, where
from graphc.ops.bitwise import right_shift
from graphc.ops.convert import as_tensor, cast
from graphc.ops.elementary import log, rsqrt
from graphc.ops.gathering import take_along_axis
from graphc.ops.reduction import argmax
from graphc.ops.softmax import softmax
from graphc.ops.sorting import argsort

_TRIES = 12
"""How many numbers are drawn where one in 20, or fewer, is of no use."""


def uniform(shape: Shape, seed: int | None = None) -> Tensor:
    """Numbers strictly between 0 and 1, each as likely as the others, in float32."""
    bits = apply(RANDOM_BITS, shape=shape, seed=seed)
    # A float32 holds 24 bits; the odd half keeps away from both ends.
    return (cast(right_shift(bits, 8), "float32") + 0.5) * 2.0**-24


def normal(shape: Shape, seed: int | None = None) -> Tensor:
    """Numbers of mean 0 and variance 1, normally distributed, in float32."""
    return apply(ERF_INV, uniform(shape, seed) * 2 - 1) * sqrt(2)


def log_gamma(shape: Shape, alpha: Any, seed: int | None = None) -> Tensor:
    """Logarithms of numbers of the gamma distributions with the parameter `alpha`, in float32.

    Numbers for alpha + 1 by the method of Marsaglia and Tsang, 2000: a draw is dropped in 5 cases
    of 100 or less, so that of a dozen one is left. A power of a uniform number brings them to
    alpha; small ones would be 0, which is why they stay logarithms.
    """
    alpha = as_tensor(alpha, "float32")
    d = alpha + 2 / 3
    tried = (*shape, _TRIES)
    x = normal(tried, _apart(seed, 0))
    side = x * rsqrt(d * 9)[..., None] + 1
    cube = side * side * side
    is_inside = cube > 0
    v = where(is_inside, cube, 1)
    limit = x * x * 0.5 + d[..., None] * (1 - v + log(v))
    is_kept = logical_and(is_inside, log(uniform(tried, _apart(seed, 1))) < limit)
    first = argmax(cast(is_kept, "int32"), -1, keepdims=True)
    kept = take_along_axis(v, first, -1)[..., 0]
    made: Tensor = log(d * kept) + log(uniform(shape, _apart(seed, 2))) / alpha
    return made


def beta(shape: Shape, alpha: Any, seed: int | None = None) -> Tensor:
    """Numbers of the beta distribution both of whose parameters are `alpha`, in float32."""
    x, y = (log_gamma(shape, alpha, _apart(seed, 4 * place)) for place in (1, 2))
    return sigmoid(x - y)


def dirichlet(count: int, alpha: float, seed: int | None = None) -> Tensor:
    """Shares of a whole, of the Dirichlet distribution all of whose parameters are `alpha`."""
    return softmax(log_gamma((count,), alpha, seed))


def shuffled(count: Dim, seed: int | None = None) -> Tensor:
    """The whole numbers below `count` in an order that is as likely as any other."""
    return argsort(uniform((count,), seed))


def _apart(seed: int | None, place: int) -> int | None:
    """The seed of one of the streams that make up numbers together."""
    return None if seed is None else seed + (place << 56)
