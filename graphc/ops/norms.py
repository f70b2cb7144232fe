"""`keras.ops`: norms, distances, and what singular values tell of a matrix."""

from __future__ import annotations

from math import inf
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import dim_max
from graphc.ir.shapes import merge_dims, normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, greater, not_equal, where
from graphc.ops.convert import Axes, Static, TensorLike, as_float, as_tensor, cast
from graphc.ops.decomposition import decomposed, matrices, transposed
from graphc.ops.elementary import floats, log10, sqrt
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import max_, mean, min_, sum_
from graphc.ops.shaping import expand_dims, moveaxis, squeeze, to_shape

MACHINE_EPSILON = {
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
    "float32": 2.0**-23,
    "float64": 2.0**-52,
}
"""The distance from 1 to the next number of each float dtype."""


@op()
def norm(
    x: TensorLike, ord: Static = None, axis: Axes | None = None, keepdims: bool = False
) -> Tensor:
    """The norm of vectors along one axis, or of matrices along two, as `numpy.linalg.norm` has it."""
    x = as_float(x)
    axes = normalize_axes(axis, x.rank)
    if ord is None:
        return sqrt(sum_(absolute(x) * absolute(x), axes, keepdims))
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise Fault(
        RANK_MISMATCH,
        f"needs one or two axes for `ord`, got {len(axes)} of {x.type}",
        arguments=("axis",),
    )


def _bad_order(ord: Any, what: str) -> Fault:
    shown = f'"{ord}"' if isinstance(ord, str) else ord
    return Fault(INVALID_VALUE, f"needs an `ord` for {what}, got {shown}", arguments=("ord",))


def _vector_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if not isinstance(ord, (int, float)):
        raise _bad_order(ord, "vectors")
    size = absolute(x)
    if ord == inf:
        return max_(size, axes, keepdims)
    if ord == -inf:
        return min_(size, axes, keepdims)
    if ord == 0:
        return sum_(cast(not_equal(x, 0), x.dtype), axes, keepdims)
    if ord == 1:
        return sum_(size, axes, keepdims)
    if ord == 2:
        return sqrt(sum_(size * size, axes, keepdims))
    return sum_(size**ord, axes, keepdims) ** (1 / ord)


def _matrix_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord not in ("fro", "nuc", inf, -inf, 1, -1, 2, -2):
        raise _bad_order(ord, "matrices")
    if ord == "fro":
        return sqrt(sum_(absolute(x) * absolute(x), axes, keepdims))
    matrix = moveaxis(x, axes, (-2, -1))
    if ord in ("nuc", 2, -2):
        values = decomposed(matrix)[1]
        found = sum_(values, -1) if ord == "nuc" else (max_ if ord == 2 else min_)(values, -1)
    else:
        # The sums of columns for 1, of rows for infinity.
        sums = sum_(absolute(matrix), -2 if ord in (1, -1) else -1)
        found = (max_ if ord > 0 else min_)(sums, -1)
    if not keepdims:
        return found
    return to_shape(found, tuple(1 if i in axes else dim for i, dim in enumerate(x.shape)))


@op(class_name="MatrixRank")
def matrix_rank(x: TensorLike, tol: float | None = None) -> Tensor:
    """How many singular values are above the tolerance."""
    matrix = matrices(x)
    values = decomposed(matrix)[1]
    limit = _cutoff(matrix, values) if tol is None else as_tensor(tol, values.dtype)
    return sum_(cast(greater(values, limit), "int32"), -1)


def _cutoff(matrix: Tensor, values: Tensor, share: float | None = None) -> Tensor:
    """What counts as 0 beside the largest singular value."""
    size = as_tensor(dim_max(*matrix.shape[-2:]), values.dtype)
    part = size * MACHINE_EPSILON[values.dtype] if share is None else as_tensor(share, values.dtype)
    return max_(values, -1, keepdims=True) * part


@op()
def pinv(x: TensorLike, rcond: float | None = None) -> Tensor:
    """The inverse of each matrix in what it does not take to 0 (Moore and Penrose)."""
    matrix = matrices(x)
    left, values, right = decomposed(matrix)
    # jax leaves ten times as much room as `matrix_rank` does.
    limit = _cutoff(matrix, values, rcond) * (10 if rcond is None else 1)
    inverse = _inverted(values, greater(values, limit))
    return matmul(transposed(right) * expand_dims(inverse, -2), transposed(left))


def _inverted(values: Tensor, is_kept: Tensor) -> Tensor:
    return where(is_kept, 1 / where(is_kept, values, 1), 0)


@op()
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> Tensor:
    """The smallest x for which a · x is nearest to b."""
    matrix, right = floats(a, b)
    if matrix.rank != 2 or right.rank not in (1, 2):
        raise Fault(
            RANK_MISMATCH,
            f"needs a matrix `a`, and a matrix or a vector `b`, got {matrix.type} and {right.type}",
        )
    if merge_dims(matrix.shape[0], right.shape[0]) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs as many rows in `b` as in `a`, got {matrix.type} and {right.type}",
            label=f"{matrix.shape[0]} is not {right.shape[0]}",
        )
    columns = expand_dims(right, 1) if right.rank == 1 else right
    left, values, across = decomposed(matrix)
    is_kept = values >= _cutoff(matrix, values, rcond)
    shares = matmul(transposed(left), columns) * expand_dims(_inverted(values, is_kept), -1)
    found = matmul(transposed(across), shares)
    return squeeze(found, 1) if right.rank == 1 else found


@op(class_name="CDist")
def cdist(x: TensorLike, y: TensorLike) -> Tensor:
    """How far each row of x is from each row of y."""
    first, second = floats(x, y)
    matrices(first)
    matrices(second)
    if merge_dims(first.shape[-1], second.shape[-1]) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs rows of one size, got {first.type} and {second.type}",
            label=f"{first.shape[-1]} is not {second.shape[-1]}",
        )
    apart = expand_dims(first, -2) - expand_dims(second, -3)
    return sqrt(sum_(apart * apart, -1))


@op(class_name="PSNR")
def psnr(x1: TensorLike, x2: TensorLike, max_val: TensorLike) -> Tensor:
    """How much larger the largest value is than the noise between two images, in decibels."""
    first, second = floats(x1, x2)
    if first.rank != second.rank or any(
        merge_dims(a, b) is None for a, b in zip(first.shape, second.shape, strict=True)
    ):
        raise Fault(
            SHAPE_MISMATCH, f"needs two tensors of one shape, got {first.type} and {second.type}"
        )
    apart = first - second
    noise = mean(apart * apart)
    return 20 * log10(as_tensor(max_val, second.dtype)) - 10 * log10(noise)
