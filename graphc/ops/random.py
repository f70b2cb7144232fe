"""Random numbers, for functions that draw some: of random bits, one stream for each tensor."""

from __future__ import annotations

from math import sqrt

from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import ERF_INV
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.bitwise import right_shift
from graphc.ops.convert import cast


def uniform(shape: Shape, seed: int | None = None) -> Tensor:
    """Numbers strictly between 0 and 1, each as likely as the others, in float32."""
    bits = apply(RANDOM_BITS, shape=shape, seed=seed)
    # A float32 holds 24 bits; the odd half keeps away from both ends.
    return (cast(right_shift(bits, 8), "float32") + 0.5) * 2.0**-24


def normal(shape: Shape, seed: int | None = None) -> Tensor:
    """Numbers of mean 0 and variance 1, normally distributed, in float32."""
    return apply(ERF_INV, uniform(shape, seed) * 2 - 1) * sqrt(2)
