"""`keras.ops`: weighted means, correlation, and counts by value."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import (
    INVALID_VALUE,
    MISSING_ARGUMENT,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, dim_min
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import CONV
from graphc.ir.shapes import merge_dims, normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import greater_equal, logical_and, maximum, minimum, where
from graphc.ops.convert import Axes, Limits, TensorLike, as_float, as_tensor, cast
from graphc.ops.diagonals import diagonal
from graphc.ops.elementary import floats, sqrt
from graphc.ops.gathering import one_hot
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import count_along, max_, mean, min_, sum_
from graphc.ops.repetition import flip
from graphc.ops.rounding import need_whole
from graphc.ops.sequences import spaced
from graphc.ops.shaping import expand_dims, reshape, to_shape, transpose


@op()
def average(x: TensorLike, axis: Axes | None = None, weights: TensorLike | None = None) -> Tensor:
    """The mean along axes, each element counting as much as its weight says."""
    if weights is None:
        return mean(as_float(x), axis)
    values, shares = floats(x, weights)
    shares = _along_axis(shares, values, axis)
    return sum_(values * shares, axis) / sum_(shares, axis)


def _along_axis(weights: Tensor, x: Tensor, axis: Any) -> Tensor:
    """Weights of x's own shape, or made so of one for each place along the axis."""
    is_whole = weights.rank == x.rank and all(
        merge_dims(a, b) is not None for a, b in zip(weights.shape, x.shape, strict=True)
    )
    if is_whole:
        return weights
    if not isinstance(axis, int) or weights.rank != 1:
        raise _bad_weights(weights, x)
    place = normalize_axis(axis, x.rank)
    if merge_dims(weights.shape[0], x.shape[place]) is None:
        raise _bad_weights(weights, x)
    return to_shape(weights, tuple(d if i == place else 1 for i, d in enumerate(x.shape)))


def _bad_weights(weights: Tensor, x: Tensor) -> Fault:
    return Fault(
        SHAPE_MISMATCH,
        f"needs `weights` in the shape of `x`, or a vector along its axis, got {weights.type} "
        f"for {x.type}",
        inputs=("weights",),
    )


@op()
def corrcoef(x: TensorLike) -> Tensor:
    """How the rows of x correlate: the products of their deviations, in standard deviations."""
    x = as_float(x)
    if x.rank > 2:
        raise Fault(RANK_MISMATCH, f"needs a vector or a matrix, got {x.type}")
    rows = to_shape(x, (1, *x.shape)) if x.rank < 2 else x
    centered = rows - mean(rows, 1, keepdims=True)
    products = matmul(centered, transpose(centered)) / (count_along(rows, 1) - 1)
    deviation = sqrt(diagonal(products))
    result = products / expand_dims(deviation, 1) / expand_dims(deviation, 0)
    result = minimum(maximum(result, -1), 1)
    return reshape(result, ()) if x.rank < 2 else result


@op()
def correlate(x1: TensorLike, x2: TensorLike, mode: str = "valid") -> Tensor:
    """The sums of products of two vectors, one shifted against the other."""
    a, b = floats(x1, x2)
    if a.rank != 1 or b.rank != 1:
        raise Fault(RANK_MISMATCH, f"needs two vectors, got {a.type} and {b.type}")
    if mode not in ("valid", "same", "full"):
        raise Fault(
            INVALID_VALUE,
            f'needs `mode` to be "valid", "same" or "full", got "{mode}"',
            arguments=("mode",),
        )
    sizes = a.shape[0], b.shape[0]
    if not all(isinstance(size, int) for size in sizes):
        raise Fault(RANK_MISMATCH, f"needs vectors of known sizes, got {a.type} and {b.type}")
    is_swapped = dim_min(*sizes) == sizes[0] and sizes[0] != sizes[1]
    longer, shorter = (b, a) if is_swapped else (a, b)
    reach = shorter.shape[0]
    before: Dim = {"valid": 0, "same": reach // 2, "full": reach - 1}[mode]
    after: Dim = {"valid": 0, "same": reach - reach // 2 - 1, "full": reach - 1}[mode]
    result = apply(
        CONV,
        reshape(longer, (1, -1, 1)),
        reshape(shorter, (-1, 1, 1)),
        strides=(1,),
        padding=((before, after),),
        dilation=(1,),
        input_dilation=(1,),
        groups=1,
    )
    flat = reshape(result, -1)
    return flip(flat) if is_swapped else flat


@op()
def histogram(x: TensorLike, bins: int = 10, range: Limits | None = None) -> tuple[Tensor, Tensor]:
    """How many elements lie between neighbours of bins + 1 edges, and the edges."""
    if bins < 1:
        raise Fault(INVALID_VALUE, f"needs `bins` of at least 1, got {bins}", arguments=("bins",))
    values = reshape(as_float(x), -1)
    if range is None:
        low, high = min_(values), max_(values)
        is_flat = low >= high  # a single value stands in the middle of a range of 1
        low, high = where(is_flat, low - 0.5, low), where(is_flat, high + 0.5, high)
    else:
        low, high = (as_tensor(limit, values.dtype) for limit in range)
    edges = spaced(low, high, bins + 1)
    place = sum_(cast(expand_dims(values, 1) >= expand_dims(edges[1:-1], 0), "int32"), 1)
    is_inside = logical_and(greater_equal(values, low), values <= high)
    counts = sum_(where(expand_dims(is_inside, 1), one_hot(place, bins, dtype=values.dtype), 0), 0)
    return counts, edges


@op()
def bincount(
    x: TensorLike, weights: TensorLike | None = None, minlength: int = 0, sparse: bool = False
) -> Tensor:
    """How often each number from 0 up to, but not, `minlength` stands in a vector, or a row.

    Keras counts on to the largest number there is, which is not known before it runs.
    """
    del sparse  # how Keras holds the result, not what it is
    numbers = as_tensor(x)
    need_whole(numbers)
    if minlength < 1:
        raise Fault(
            MISSING_ARGUMENT,
            "needs `minlength`, one more than the largest number in `x`",
            arguments=("minlength",),
        )
    if numbers.rank not in (1, 2):
        raise Fault(RANK_MISMATCH, f"needs a vector or a matrix, got {numbers.type}")
    values = None if weights is None else as_tensor(weights)
    hits = one_hot(numbers, minlength, dtype="int32" if values is None else values.dtype)
    return sum_(hits if values is None else hits * expand_dims(values, -1), -2)
