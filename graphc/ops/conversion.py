"""`keras.ops`: what a tensor is, and tensors in another dtype."""

from __future__ import annotations

from math import inf
from typing import Any

from graphc.declare.op import op
from graphc.ir.dims import Dim, product
from graphc.ir.dtypes import INTEGERS, ITEM_BYTES, is_float
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import ROUND_NEAREST_EVEN
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.arithmetic import maximum, minimum
from graphc.ops.comparison import LARGEST
from graphc.ops.convert import Anything, DTypeName, TensorLike, TensorOrLists, as_tensor, cast

_PRECISION = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}


@op()
def saturate_cast(x: TensorLike, dtype: DTypeName) -> Tensor:
    """x in another dtype, with the nearest number that it has for those out of its range."""
    x = as_tensor(x)
    low, high = _range(dtype)
    own_low, own_high = _range(x.dtype)
    if high < own_high:
        x = minimum(x, as_tensor(_held_by(high, x.dtype), x.dtype))
    if low > own_low:
        x = maximum(x, as_tensor(_held_by(low, x.dtype), x.dtype))
    return cast(x, dtype)


def _range(dtype: str) -> tuple[Any, Any]:
    if dtype == "bool":
        return 0, 1
    if dtype in INTEGERS:
        bits = 8 * ITEM_BYTES[dtype]
        return (
            (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        )
    return -LARGEST[dtype], LARGEST[dtype]


def extremes(dtype: str) -> tuple[Any, Any]:
    """The smallest and the largest there is, infinities included."""
    return (-inf, inf) if is_float(dtype) else _range(dtype)


def _held_by(limit: Any, dtype: str) -> Any:
    """The number nearest to a limit, on the side of 0, that a dtype can hold."""
    if not is_float(dtype) or isinstance(limit, float):
        return limit
    spare = max(abs(limit).bit_length() - _PRECISION[dtype], 0)
    size = (abs(limit) >> spare) << spare
    return size if limit > 0 else -size


def rounded_to(x: Tensor, dtype: str) -> Tensor:
    """Fractions in another dtype: the nearest whole number where it holds no others."""
    if x.dtype == dtype:
        return x
    nearest = apply(ROUND_NEAREST_EVEN, x) if dtype in INTEGERS else x
    return saturate_cast(nearest, dtype)


@op()
def array(x: TensorOrLists, dtype: DTypeName | None = None) -> Tensor:
    """A tensor of a tensor; of a number, or of nested lists of numbers, NumPy's array.

    Beside tensors, Keras takes its 64 bits for 32 (on JAX).
    """
    if dtype is not None and not isinstance(x, Tensor):
        dtype = _BESIDE_TENSORS.get(dtype, dtype)
    return as_tensor(x, dtype)


_BESIDE_TENSORS = {
    "float64": "float32",
    "int64": "int32",
    "uint64": "uint32",
    "complex128": "complex64",
}


@op()
def convert_to_tensor(
    x: TensorOrLists,
    dtype: DTypeName | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
) -> Tensor:
    """A tensor of a number, of nested lists of numbers, or of a tensor."""
    del sparse, ragged  # how Keras holds the result, not what it is
    return as_tensor(x, dtype)


@op()
def copy(x: TensorLike) -> Tensor:
    """x itself: nothing changes a tensor."""
    return as_tensor(x)


@op()
def shape(x: TensorLike) -> Shape:
    """The dims of x, batch included, as a list."""
    return as_tensor(x).shape


@op()
def size(x: TensorLike) -> Dim:
    """How many elements x has."""
    return product(as_tensor(x).shape)


@op()
def ndim(x: TensorLike) -> int:
    """How many axes x has."""
    return as_tensor(x).rank


@op()
def dtype(x: TensorLike) -> str:
    """The name of the dtype of x."""
    return as_tensor(x).dtype


@op()
def is_tensor(x: Anything) -> bool:
    """Whether x is a tensor, and not a number or a list."""
    return isinstance(x, Tensor)
