"""Reference kernels of loops and of random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.reference.kernel import kernel


@kernel("scan")
def scan(
    *operands: Any,
    body: Callable[..., list[Any]],
    carried: int,
    scanned: int,
    length: int,
    reverse: bool,
) -> Any:
    """`body` runs one step on arrays: see `evaluate.as_function`."""
    states = list(operands[:carried])
    sequences = operands[carried : carried + scanned]
    captured = operands[carried + scanned :]
    outputs: list[Any] = [None] * length
    for step in reversed(range(length)) if reverse else range(length):
        results = body(*states, *(sequence[step] for sequence in sequences), *captured)
        states, outputs[step] = results[:carried], results[carried:]
    return (*states, *(np.stack(parts) for parts in zip(*outputs, strict=True)))


@kernel("random_bits")
def random_bits(shape: tuple[int, ...], seed: int | None) -> Any:
    return np.random.default_rng(seed).integers(0, 2**32, shape, np.uint32)
