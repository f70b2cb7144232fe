"""`keras.ops`: diagonals of matrices, and the triangles beside them."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, dim_max, dim_min
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import SLICE
from graphc.ir.shapes import normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, logical_not, where
from graphc.ops.convert import TensorLike, as_tensor
from graphc.ops.creation import iota, lower_triangle, zeros_like
from graphc.ops.gathering import gathered
from graphc.ops.padding import pad
from graphc.ops.reduction import sum_
from graphc.ops.shaping import expand_dims, moveaxis, reshape, to_shape


@op()
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The offset-th diagonal of the matrices along two axes, as a new last axis."""
    x = _at_least(as_tensor(x), 2)
    axes = normalize_axes((axis1, axis2), x.rank)
    x = moveaxis(x, axes, (-2, -1))
    *batch, rows, columns = x.shape
    length = dim_max(dim_min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    start = offset if offset >= 0 else columns * -offset
    flat = to_shape(x, (*batch, rows * columns))
    if not isinstance(columns, int):
        step = as_tensor(columns + 1, "int32")
        return gathered(flat, iota((length,)) * step + as_tensor(start, "int32"), len(batch))
    if length == 0:
        start = 0
    return apply(
        SLICE,
        flat,
        starts=(0,) * len(batch) + (start,),
        sizes=(*batch, length),
        strides=(1,) * len(batch) + (columns + 1,),
    )


@op()
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with a vector on its k-th diagonal, or the k-th diagonal of a matrix."""
    x = as_tensor(x)
    if x.rank == 2:
        return diagonal(x, k)
    if x.rank != 1:
        raise Fault(RANK_MISMATCH, f"needs a vector or a matrix, got {x.type}")
    size = x.shape[0] + abs(k)
    values = expand_dims(pad(x, (0, abs(k))), 1 if k >= 0 else 0)
    return where(_is_diagonal(size, k), values, zeros_like(values))


def _is_diagonal(size: Dim, k: int) -> Tensor:
    rows, columns = iota((size, 1), 0), iota((1, size), 1)
    return equal(rows + k if k else rows, columns)


@op()
def diagflat(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with all elements of x on its k-th diagonal."""
    return diag(reshape(x, -1), k)


@op()
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of the offset-th diagonal of the matrices along two axes."""
    return sum_(diagonal(x, offset, axis1, axis2), -1)


@op()
def tril(x: TensorLike, k: int = 0) -> Tensor:
    """The last two axes on and below their k-th diagonal, and 0 above."""
    x = _at_least(as_tensor(x), 2)
    return where(lower_triangle(x.shape[-2], x.shape[-1], k), x, as_tensor(0, x.dtype))


@op()
def triu(x: TensorLike, k: int = 0) -> Tensor:
    """The last two axes on and above their k-th diagonal, and 0 below."""
    x = _at_least(as_tensor(x), 2)
    is_below = lower_triangle(x.shape[-2], x.shape[-1], k - 1)
    return where(logical_not(is_below), x, as_tensor(0, x.dtype))


def _at_least(x: Tensor, rank: int) -> Tensor:
    if x.rank < rank:
        raise Fault(RANK_MISMATCH, f"needs a rank-{rank} or higher tensor, got {x.type}")
    return x
