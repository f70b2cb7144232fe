"""Primitives that work on each element by itself. Operands broadcast as in NumPy."""

from __future__ import annotations

from collections.abc import Callable

from graphc.diagnostics.codes import DTYPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import DTYPES
from graphc.ir.primitives.row import Primitive, Types, no_cost, one_per_element, primitive
from graphc.ir.shapes import broadcast_shapes
from graphc.ir.types import TensorType


def _same(x: TensorType) -> Types:
    return (x,)


def _test(x: TensorType) -> Types:
    return (TensorType(x.shape, "bool"),)


def _binary(x: TensorType, y: TensorType) -> Types:
    _check_same_dtype(x, y)
    return (TensorType(broadcast_shapes(x.shape, y.shape), x.dtype),)


def _comparison(x: TensorType, y: TensorType) -> Types:
    _check_same_dtype(x, y)
    return (TensorType(broadcast_shapes(x.shape, y.shape), "bool"),)


def _check_same_dtype(x: TensorType, y: TensorType) -> None:
    if x.dtype != y.dtype:
        raise Fault(DTYPE_MISMATCH, f"needs operands of one dtype, got {x.dtype} and {y.dtype}")


def _select(condition: TensorType, x: TensorType, y: TensorType) -> Types:
    _check_same_dtype(x, y)
    if condition.dtype != "bool":
        raise Fault(DTYPE_MISMATCH, f"needs a bool condition, got {condition.dtype}")
    return (TensorType(broadcast_shapes(condition.shape, x.shape, y.shape), x.dtype),)


def _cast(x: TensorType, dtype: str) -> Types:
    if dtype not in DTYPES:
        raise Fault(DTYPE_MISMATCH, f"needs one of the dtypes {', '.join(DTYPES)}, got {dtype!r}")
    return (TensorType(x.shape, dtype),)


def _clamp(x: TensorType, low: float, high: float) -> Types:
    return (x,)


def _rows(names: str, infer: Callable[..., Types]) -> list[Primitive]:
    return [primitive(name, infer, one_per_element) for name in names.split()]


NEGATE, SIGN, FLOOR, CEIL, ROUND_NEAREST_EVEN, ABS = _rows(
    "negate sign floor ceil round_nearest_even abs", _same
)
EXP, EXPM1, LOG, LOG1P, SQRT, RSQRT, LOGISTIC = _rows(
    "exp expm1 log log1p sqrt rsqrt logistic", _same
)
SIN, COS, TAN, ASIN, ACOS, ATAN = _rows("sin cos tan asin acos atan", _same)
SINH, COSH, TANH, ASINH, ACOSH, ATANH = _rows("sinh cosh tanh asinh acosh atanh", _same)
GELU, GELU_TANH = _rows("gelu gelu_tanh", _same)
SCALED_GELU, SCALED_GELU_TANH = _rows("scaled_gelu scaled_gelu_tanh", _same)
"""2 k gelu(x / k) for a number k that saves work; weights around it are scaled."""
GELU_SCALES = {"scaled_gelu": 0.2125361303884398, "scaled_gelu_tanh": 0.3292034911525734}
"""The k of each: that of the exact one is the kernel's to choose, the other's is the cube root of
sqrt(2 / pi) * 0.044715."""
ERF, ERF_INV, LGAMMA, DIGAMMA, BESSEL_I0 = _rows("erf erf_inv lgamma digamma bessel_i0", _same)
NOT, POPULATION_COUNT = _rows("not population_count", _same)
(IS_FINITE,) = _rows("is_finite", _test)
ADD, SUBTRACT, MULTIPLY, DIVIDE, FLOOR_DIVIDE, REMAINDER, POWER = _rows(
    "add subtract multiply divide floor_divide remainder power", _binary
)
MAXIMUM, MINIMUM, ATAN2, NEXTAFTER = _rows("maximum minimum atan2 nextafter", _binary)
AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT = _rows("and or xor shift_left shift_right", _binary)
EQ, NE, LT, LE, GT, GE = _rows("eq ne lt le gt ge", _comparison)
CLAMP = primitive("clamp", _clamp, one_per_element)
"""What is below `low` becomes `low`, what is above `high` becomes `high`; NaN stays."""
SELECT = primitive("select", _select, one_per_element)
CAST = primitive("cast", _cast, no_cost)
"""Towards 0 to whole numbers, to bool by `!= 0`, and from complex numbers the real part."""

ELEMENTWISE = frozenset(row.name for row in tuple(globals().values()) if isinstance(row, Primitive))
"""The rows of this file: each element of the result depends on one of each operand."""
