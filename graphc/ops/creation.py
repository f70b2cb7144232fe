"""`keras.ops`: tensors made of nothing but their shapes."""

from __future__ import annotations

from math import ceil
from typing import Any

from graphc.declare.op import op
from graphc.declare.values import value_text
from graphc.diagnostics.codes import INVALID_VALUE, NOT_STATIC
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, ceil_div, dim_max
from graphc.ir.dtypes import promote
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import CONSTANT, IOTA
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.arithmetic import equal, greater_equal
from graphc.ops.convert import (
    DTypeName,
    ShapeLike,
    Static,
    TensorLike,
    as_shape,
    as_tensor,
    cast,
    dtype_of,
    need_sizes,
)
from graphc.ops.shaping import broadcast_to, broadcasted, reshape


def filled(shape: Shape, value: Any, dtype: str) -> Tensor:
    """A number in every place of a shape."""
    return apply(CONSTANT, value=value, shape=need_sizes(shape), dtype=dtype)


def iota(shape: Shape, axis: int = 0, dtype: str = "int32") -> Tensor:
    """0, 1, 2, … along an axis of a shape."""
    return apply(IOTA, shape=need_sizes(shape), axis=axis, dtype=dtype)


@op()
def zeros(shape: ShapeLike, dtype: DTypeName | None = None) -> Tensor:
    """0 in every place."""
    return filled(as_shape(shape), 0, dtype or "float32")


@op()
def ones(shape: ShapeLike, dtype: DTypeName | None = None) -> Tensor:
    """1 in every place."""
    return filled(as_shape(shape), 1, dtype or "float32")


@op()
def empty(shape: ShapeLike, dtype: DTypeName | None = None) -> Tensor:
    """A tensor whose elements do not matter: zeros."""
    return zeros(shape, dtype)


@op()
def full(shape: ShapeLike, fill_value: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """A value, or a tensor that broadcasts, in every place."""
    return broadcast_to(as_tensor(fill_value, dtype or "float32"), as_shape(shape))


@op()
def zeros_like(x: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """0 in every place that x has."""
    return full_like(x, 0, dtype)


@op()
def ones_like(x: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """1 in every place that x has."""
    return full_like(x, 1, dtype)


@op()
def empty_like(x: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """A tensor like x whose elements do not matter: zeros."""
    return full_like(x, 0, dtype)


@op()
def full_like(x: TensorLike, fill_value: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """A value in every place that x has."""
    x = as_tensor(x)
    if isinstance(fill_value, (int, float)):
        return filled(x.shape, fill_value, dtype or x.dtype)
    return broadcast_to(as_tensor(fill_value, dtype or x.dtype), x.shape)


@op()
def arange(
    start: Static, stop: Static = None, step: Static = None, dtype: DTypeName | None = None
) -> Tensor:
    """The numbers from `start` up to, but not, `stop`; from 0 where one number is given."""
    given = [value for value in (start, stop, step) if value is not None]
    for value in given or [None]:
        if not isinstance(value, (int, float, SymbolicDim)):
            raise Fault(
                NOT_STATIC,
                f"needs numbers that are known when the file is checked, got {value_text(value)}",
            )
    wanted = dtype or promote(*(dtype_of(value) for value in given))
    low, high = (0, start) if stop is None else (start, stop)
    by = 1 if step is None else step
    if by == 0:
        raise Fault(INVALID_VALUE, "needs a `step` other than 0, got 0", arguments=("step",))
    is_whole = not any(isinstance(value, float) for value in given)
    return progression(_length(low, high, by), low, by, wanted if is_whole else "float32", wanted)


def _length(low: Any, high: Any, by: Any) -> Any:
    if not any(isinstance(value, float) for value in (low, high, by)):
        return dim_max(ceil_div(high - low, by), 0)
    if all(isinstance(value, (int, float)) for value in (low, high, by)):
        return max(ceil((high - low) / by), 0)
    return UNKNOWN


def progression(length: Dim, first: Any, by: Any, compute_dtype: str, dtype: str) -> Tensor:
    """`first`, `first + by`, …: so many numbers, computed in one dtype and given in another."""
    numbers = iota((length,), 0, compute_dtype)
    if by != 1:
        numbers = numbers * as_tensor(by, compute_dtype)
    if first != 0:
        numbers = numbers + as_tensor(first, compute_dtype)
    return cast(numbers, dtype)


@op()
def eye(N: Dim, M: Dim | None = None, k: int = 0, dtype: DTypeName | None = None) -> Tensor:
    """1 on the k-th diagonal of N rows and M columns, and 0 elsewhere."""
    rows, columns = _places(N, N if M is None else M)
    return cast(equal(rows + k if k else rows, columns), dtype or "float32")


@op()
def identity(n: Dim, dtype: DTypeName | None = None) -> Tensor:
    """1 on the diagonal of n rows and columns, and 0 elsewhere."""
    return eye(n, dtype=dtype)


@op()
def tri(N: Dim, M: Dim | None = None, k: int = 0, dtype: DTypeName | None = None) -> Tensor:
    """1 on and below the k-th diagonal of N rows and M columns, and 0 above."""
    return cast(lower_triangle(N, N if M is None else M, k), dtype or "float32")


def lower_triangle(rows: Dim, columns: Dim, k: int = 0) -> Tensor:
    """Whether a place is on or below the k-th diagonal."""
    row, column = _places(rows, columns)
    return greater_equal(row + k if k else row, column)


def _places(rows: Dim, columns: Dim) -> tuple[Tensor, Tensor]:
    return iota((rows, 1), 0), iota((1, columns), 1)


@op()
def meshgrid(*x: TensorLike, indexing: str = "xy") -> tuple[Tensor, ...]:
    """One tensor for each vector, that holds its numbers along its own axis of the grid."""
    if indexing not in ("xy", "ij"):
        raise Fault(
            INVALID_VALUE,
            f'needs `indexing` to be "xy" or "ij", got "{indexing}"',
            arguments=("indexing",),
        )
    vectors = [reshape(as_tensor(vector), -1) for vector in x]
    places = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        places[:2] = [1, 0]
    shape = [vector.shape[0] for vector in vectors]
    for place, vector in zip(places, vectors, strict=True):
        shape[place] = vector.shape[0]
    return tuple(
        broadcasted(_along(vector, place, len(vectors)), tuple(shape))
        for place, vector in zip(places, vectors, strict=True)
    )


def _along(vector: Tensor, axis: int, rank: int) -> Tensor:
    return reshape(vector, tuple(vector.shape[0] if i == axis else 1 for i in range(rank)))
