"""The table of kernels: what each primitive computes, in NumPy.

A kernel takes arrays and the step's attributes, in which every size is a number, and gives an array
or a tuple of them. It may give a view of an operand; it never changes one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np

from graphc.ir.families import Families

Array: TypeAlias = np.ndarray[Any, Any]
Run: TypeAlias = Callable[..., Any]
R = TypeVar("R", bound=Run)

KERNELS: Families[Run] = Families()
"""By the primitive's name."""

SMALL_FLOATS = ("float16", "bfloat16")


def kernel(*names: str) -> Callable[[R], R]:
    """Enter a function into the table as the kernel of primitives."""

    def register(function: R) -> R:
        KERNELS.update(dict.fromkeys(names, function))
        return function

    return register


def widened(x: Array) -> Array:
    """Small floats as float32: NumPy's own arithmetic in them is slow, and rounds at each step."""
    return x.astype(np.float32) if x.dtype.name in SMALL_FLOATS else x
