"""`keras.ops`: reductions of rows that share a number."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import MISSING_ARGUMENT, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.indexing import SCATTER_ADD
from graphc.ir.primitives.reduction import REDUCE_MAX, REDUCE_MIN, REDUCE_PROD
from graphc.ir.primitives.row import Primitive
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, greater_equal, less, logical_and, where
from graphc.ops.convert import TensorLike, as_tensor
from graphc.ops.creation import filled, iota
from graphc.ops.joining import part
from graphc.ops.rounding import need_whole
from graphc.ops.scattering import neutral
from graphc.ops.shaping import expand_dims, reshape


@op()
def segment_sum(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: Dim | None = None,
    sorted: bool = False,
) -> Tensor:
    """The sum of the rows of each segment; rows of no segment are left out."""
    del sorted  # a promise that lets XLA go faster
    rows, ids, count = _checked(data, segment_ids, num_segments)
    # One row more takes what belongs nowhere, and is dropped.
    limit = as_tensor(count, ids.dtype)
    is_known = logical_and(greater_equal(ids, 0), less(ids, limit))
    zeros = filled((count + 1, *rows.shape[1:]), 0, rows.dtype)
    added = apply(SCATTER_ADD, zeros, expand_dims(where(is_known, ids, limit), 1), rows)
    return part(added, 0, 0, count)


@op()
def segment_max(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: Dim | None = None,
    sorted: bool = False,
) -> Tensor:
    """The largest of the rows of each segment; an empty one has the smallest number there is."""
    del sorted
    return _reduced(REDUCE_MAX, *_checked(data, segment_ids, num_segments))


@op()
def segment_min(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: Dim | None = None,
    sorted: bool = False,
) -> Tensor:
    """The smallest of the rows of each segment; an empty one has the largest number there is."""
    del sorted
    return _reduced(REDUCE_MIN, *_checked(data, segment_ids, num_segments))


@op()
def segment_prod(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: Dim | None = None,
    sorted: bool = False,
) -> Tensor:
    """The product of the rows of each segment; an empty one has 1."""
    del sorted
    return _reduced(REDUCE_PROD, *_checked(data, segment_ids, num_segments))


def _reduced(row: Primitive, rows: Tensor, ids: Tensor, count: Dim) -> Tensor:
    """Reduce over all rows once for each segment, those of others counting for nothing."""
    is_own = equal(expand_dims(ids, 0), iota((count, 1), 0, ids.dtype))
    is_own = reshape(is_own, (*is_own.shape, *(1,) * (rows.rank - 1)))
    return apply(row, where(is_own, expand_dims(rows, 0), neutral(row, rows.dtype)), axes=(1,))


def _checked(
    data: TensorLike, segment_ids: TensorLike, num_segments: Dim | None
) -> tuple[Tensor, Tensor, Dim]:
    rows, ids = as_tensor(data), as_tensor(segment_ids)
    need_whole(ids)
    if num_segments is None:
        raise Fault(
            MISSING_ARGUMENT,
            "needs `num_segments`, how many there are",
            arguments=("num_segments",),
        )
    if ids.rank != 1 or rows.rank == 0:
        raise Fault(
            RANK_MISMATCH,
            f"needs a vector with a number for each row, got {ids.type} for {rows.type}",
            inputs=("segment_ids",),
        )
    if merge_dims(ids.shape[0], rows.shape[0]) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a number for each row, got {ids.type} for {rows.type}",
            label=f"{ids.shape[0]} is not {rows.shape[0]}",
            inputs=("segment_ids",),
        )
    return rows, ids, num_segments
