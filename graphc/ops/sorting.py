"""`keras.ops`: elements in order, and places in an order."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply_all
from graphc.ir.primitives.reduction import SORT
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import greater_equal, less, less_equal, subtract, where
from graphc.ops.comparison import isnan
from graphc.ops.convert import TensorLike, as_tensor, cast, together
from graphc.ops.gathering import take_along_axis
from graphc.ops.joining import part
from graphc.ops.reduction import sum_
from graphc.ops.repetition import flip
from graphc.ops.shaping import expand_dims, reshape


def sorted_along(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """The elements along an axis, smallest first, and where each came from."""
    values, places = apply_all(SORT, x, axis=axis)
    return values, places


@op()
def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The elements along an axis, or all of them, smallest first."""
    x = as_tensor(x)
    if axis is None:
        return sort(reshape(x, -1))
    return sorted_along(x, normalize_axis(axis, x.rank))[0]


@op()
def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """Where along an axis the elements stand in order, smallest first."""
    x = as_tensor(x)
    if axis is None or x.rank == 0:
        return argsort(reshape(x, -1), 0)
    return sorted_along(x, normalize_axis(axis, x.rank))[1]


@op()
def argpartition(x: TensorLike, kth: int, axis: int | None = -1) -> Tensor:
    """Places that put the kth smallest where it belongs, smaller ones before and others after."""
    x = as_tensor(x)
    size = reshape(x, -1).shape[0] if axis is None else x.shape[normalize_axis(axis, x.rank)]
    if isinstance(size, int) and not -size <= kth < size:
        raise Fault(
            INVALID_VALUE,
            f"needs `kth` from {-size} to {size - 1}, got {kth}",
            arguments=("kth",),
        )
    return argsort(x, axis)


@op(class_name="TopK")
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest along the last axis, largest first, and where they stand."""
    del sorted  # those that need not be in order may be
    x = as_tensor(x)
    if x.rank == 0:
        raise Fault(RANK_MISMATCH, f"needs a tensor with axes, got {x.type}")
    last = x.rank - 1
    size = x.shape[last]
    if k < 0 or (isinstance(size, int) and k > size):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs at least {k} elements along its last axis, got {x.type}",
            arguments=("k",),
        )
    # Backwards twice, so that of equal elements the first stays the first.
    values, places = sorted_along(flip(x, last), last)
    values, places = flip(values, last), flip(places, last)
    places = subtract(as_tensor(size - 1, "int32"), places)
    return part(values, last, 0, k), part(places, last, 0, k)


@op(class_name="InTopK")
def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether the prediction for each target is among the k largest."""
    chosen, scores = as_tensor(targets), as_tensor(predictions)
    if scores.rank != chosen.rank + 1:
        raise Fault(
            RANK_MISMATCH,
            f"needs one target for each row of predictions, got {chosen.type} and {scores.type}",
            inputs=("targets", "predictions"),
        )
    own = take_along_axis(scores, expand_dims(chosen, -1), -1)
    own = where(isnan(own), -math.inf, own)
    return sum_(cast(scores > own, "int32"), -1) < k


@op(class_name="SearchSorted")
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Before how many elements of a sorted vector each value belongs; of equal ones at a side."""
    if side not in ("left", "right"):
        raise Fault(
            INVALID_VALUE,
            f'needs `side` to be "left" or "right", got "{side}"',
            arguments=("side",),
        )
    vector, wanted = together(sorted_sequence, values)
    _need_vector(vector, "sorted_sequence")
    beside = expand_dims(wanted, -1)
    return _count(less(vector, beside) if side == "left" else less_equal(vector, beside))


def _need_vector(x: Tensor, name: str) -> None:
    if x.rank != 1:
        raise Fault(RANK_MISMATCH, f"needs `{name}` to be a vector, got {x.type}", inputs=(name,))


def _count(holds: Tensor) -> Tensor:
    return sum_(cast(holds, "int32"), -1)


@op()
def digitize(x: TensorLike, bins: TensorLike) -> Tensor:
    """In which of the bins each element is; `bins` are their edges, rising or falling."""
    values, edges = together(x, bins)
    _need_vector(edges, "bins")
    beside = expand_dims(values, -1)
    rising = _count(less_equal(edges, beside))
    count: Dim = edges.shape[0]
    if count == 0:
        return rising
    falling = _count(less(beside, edges))
    return where(greater_equal(edges[-1], edges[0]), rising, falling)
