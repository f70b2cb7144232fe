"""Kernels that work on each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels.table import KERNELS, SMALL_FLOATS, Array, R, Run, kernel

UFUNCS: dict[str, np.ufunc] = {
    "negate": np.negative,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round_nearest_even": np.rint,
    "abs": np.absolute,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "not": np.invert,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "power": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "atan2": np.arctan2,
    "nextafter": np.nextafter,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
    "is_finite": np.isfinite,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
"""What NumPy has as it is."""

_EXACT = {"nextafter"}
"""What depends on how wide a dtype is: small floats stay what they are."""


def _same_dtype(function: Run) -> Run:
    """A kernel whose result has the dtype of its operands, small floats computed in float32."""

    def run(*operands: Array) -> Any:
        dtype = operands[0].dtype
        if dtype.name not in SMALL_FLOATS:
            return np.asarray(function(*operands), dtype)
        return np.asarray(function(*(x.astype(np.float32) for x in operands))).astype(dtype)

    return run


_TESTS = ("is_finite", "eq", "ne", "lt", "le", "gt", "ge")

for _name, _ufunc in UFUNCS.items():
    is_as_it_is = _name in _EXACT or _name in _TESTS
    KERNELS[_name] = _ufunc if is_as_it_is else _same_dtype(_ufunc)


def elementwise(name: str) -> Callable[[R], R]:
    """Enter a function of arrays of one dtype, which it keeps."""

    def register(function: R) -> R:
        KERNELS[name] = _same_dtype(function)
        return function

    return register


@elementwise("rsqrt")
def rsqrt(x: Array) -> Array:
    """1 / sqrt(x)."""
    result: Array = 1 / np.sqrt(x)
    return result


@elementwise("logistic")
def logistic(x: Array) -> Array:
    """1 / (1 + exp(-x)), by tanh, which overflows nowhere."""
    half = x.dtype.type(0.5)
    result: Array = np.tanh(x * half) * half + half
    return result


@kernel("population_count")
def population_count(x: Array) -> Array:
    """How many bits are set."""
    bits = x.view(f"u{x.dtype.itemsize}") if x.dtype.kind == "i" else x
    result: Array = np.bitwise_count(bits).astype(x.dtype)
    return result


@kernel("clamp")
def clamp(x: Array, low: float, high: float) -> Array:
    """x, but no less than `low` and no more than `high`."""
    return np.clip(x, x.dtype.type(low), x.dtype.type(high))


@kernel("select")
def select(condition: Array, x: Array, y: Array) -> Array:
    """x where the condition holds, and y elsewhere."""
    return np.where(condition, x, y)


@kernel("cast")
def cast(x: Array, dtype: str) -> Array:
    """Towards 0 to whole numbers; from complex numbers the real part."""
    if x.dtype.kind == "c" and not dtype.startswith("complex"):
        x = x.real
    return x.astype(numpy_dtype(dtype), copy=False)
