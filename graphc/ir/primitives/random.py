"""The one primitive that makes random numbers."""

from __future__ import annotations

from graphc.ir.primitives.row import Types, no_cost, primitive
from graphc.ir.types import Shape, TensorType


def _random_bits(shape: Shape, seed: int | None) -> Types:
    return (TensorType(shape, "uint32"),)


RANDOM_BITS = primitive("random_bits", _random_bits, no_cost)
"""Uniform 32-bit words; each step draws from its own stream of the program's seed."""
