"""The table of reference kernels: what each primitive computes, in NumPy, slow and obvious.

A kernel takes arrays and the step's attributes, in which every size is a number, and gives an
array or a tuple of them. Small floats are computed as float32 and rounded once, as XLA does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

KERNELS: dict[str, Callable[..., Any]] = {}

SMALL_FLOATS = ("float16", "bfloat16")


def kernel(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table as the kernel of a primitive."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        assert name not in KERNELS
        KERNELS[name] = function
        return function

    return register


def numpy_dtype(name: str) -> np.dtype[Any]:
    """NumPy's dtype of this name; bfloat16 comes from ml_dtypes."""
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def widened(x: Any) -> Any:
    """Small floats as float32."""
    return x.astype(np.float32) if x.dtype.name in SMALL_FLOATS else x
