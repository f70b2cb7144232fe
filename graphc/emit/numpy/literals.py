"""Numbers and dtypes as NumPy programs spell them."""

from __future__ import annotations

import ast
import math
from typing import Any

from graphc.emit.keras.tree import Number, constant


def dtype_expression(name: str) -> ast.expr:
    """`np.float32`."""
    return ast.Attribute(ast.Name("np"), "bool_" if name == "bool" else name)


def number_expression(value: Any, dtype: str) -> ast.expr | None:
    """A number as Python writes it; None where beside an array it would not be what it is."""
    if dtype.startswith("complex") or isinstance(value, complex):
        return None
    if dtype == "bool":
        return constant(bool(value))
    if "int" in dtype:
        bits = int(dtype.lstrip("uint"))
        low, high = (0, 2**bits) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        is_whole = math.isfinite(value) and value == int(value)
        return constant(int(value)) if is_whole and low <= value < high else None
    if math.isnan(value):
        return ast.Attribute(ast.Name("np"), "nan")
    if math.isinf(value):
        infinity = ast.Attribute(ast.Name("np"), "inf")
        return infinity if value > 0 else ast.UnaryOp(ast.USub(), infinity)
    if abs(value) > _LARGEST.get(dtype, math.inf):
        return None
    number = float(value)
    if number.is_integer() and _is_short(number):
        return constant(int(number))
    short = f"{number:g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return Number(number, short) if float(short) == number and "e" in short else constant(number)


def _is_short(number: float) -> bool:
    return abs(number) < 1e6 and math.copysign(1, number) * (number or 1) > 0


_LARGEST = {"float16": 65504.0, "float32": 3.4028234e38}


def is_negative(value: Any) -> bool:
    """Whether a number has a sign, as -0.0 does."""
    return math.copysign(1, value) < 0


def cast_to(value: ast.expr, dtype: str) -> ast.expr:
    """`value.astype(np.dtype)`."""
    return ast.Call(ast.Attribute(value, "astype"), [dtype_expression(dtype)], [])
