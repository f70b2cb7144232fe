"""Reference kernels of the elementwise primitives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from graphc.ir.primitives.elementwise import GELU_SCALES
from tests.reference.kernel import kernel, numpy_dtype, widened

K, K_TANH = (GELU_SCALES[name] for name in ("scaled_gelu", "scaled_gelu_tanh"))

SAME_DTYPE: dict[str, Callable[..., Any]] = {
    "negate": np.negative,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round_nearest_even": np.rint,
    "abs": np.abs,
    "exp": np.exp,
    "bounded_exp": np.exp,  # of small numbers
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "logistic": special.expit,
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
    "gelu": lambda x: x * special.ndtr(x),
    "gelu_tanh": lambda x: x * special.expit(np.sqrt(8 / np.pi) * (x + 0.044715 * x**3)),
    "scaled_gelu": lambda x: 2 * K * (x / K) * special.ndtr(x / K),
    "scaled_gelu_tanh": lambda x: (
        2 * x * special.expit(np.sqrt(8 / np.pi) * (x / K_TANH + 0.044715 * (x / K_TANH) ** 3))
    ),
    "erf": special.erf,
    "erf_inv": special.erfinv,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "bessel_i0": special.i0,
    "not": np.invert,
    "population_count": np.bitwise_count,
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
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
}

TESTS: dict[str, Callable[..., Any]] = {
    "is_finite": np.isfinite,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


def _same_dtype(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*operands: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.asarray(function(*map(widened, operands))).astype(operands[0].dtype)

    return run


for name, function in SAME_DTYPE.items():
    kernel(name)(_same_dtype(function))
for name, function in TESTS.items():
    kernel(name)(function)


@kernel("nextafter")
def nextafter(x: Any, y: Any) -> Any:
    return np.nextafter(x, y)


@kernel("select")
def select(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)


@kernel("clamp")
def clamp(x: Any, low: float, high: float) -> Any:
    return np.minimum(np.maximum(x, x.dtype.type(low)), x.dtype.type(high))


@kernel("cast")
def cast(x: Any, dtype: str) -> Any:
    if x.dtype.kind == "c" and not dtype.startswith("complex"):
        x = x.real
    with np.errstate(all="ignore"):
        return x.astype(numpy_dtype(dtype))
