"""Kernels of loops and of random bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels.table import Array, kernel

Form = tuple[tuple[int, ...], str]


@kernel("scan")
def scan(
    *operands: Array,
    body: Callable[..., Any],
    carried: int,
    scanned: int,
    length: int,
    reverse: bool,
    outputs: tuple[Form, ...],
) -> tuple[Array, ...]:
    """`body` runs one step: carried arrays, slices and what stays the same in, arrays out.

    `outputs` are the shapes and dtypes of what its slices are put together to.
    """
    states = operands[:carried]
    sequences, captured = operands[carried : carried + scanned], operands[carried + scanned :]
    stacks = [np.empty(shape, numpy_dtype(dtype)) for shape, dtype in outputs]
    for step in reversed(range(length)) if reverse else range(length):
        results = body(*states, *(sequence[step] for sequence in sequences), *captured)
        states = results[:carried]
        for stack, part in zip(stacks, results[carried:], strict=True):
            stack[step] = part
    return (*states, *stacks)


@kernel("random_bits")
def random_bits(random: Generator, shape: tuple[int, ...]) -> Array:
    """Uniform 32-bit words, drawn from the step's own stream."""
    return random.integers(0, 2**32, shape, np.uint32)
