"""`keras.ops`: factors of matrices, and what is computed from them.

Matrices are the last two axes.
"""

from __future__ import annotations

from collections.abc import Callable

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.primitives import apply, apply_all
from graphc.ir.primitives.linalg import CHOLESKY, EIG, EIGH, LU, QR, SVD, TRIANGULAR_SOLVE
from graphc.ir.shapes import broadcast_shapes, merge_dims, mismatch
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, equal, not_equal, where
from graphc.ops.convert import TensorLike, as_float, cast
from graphc.ops.creation import eye, iota
from graphc.ops.diagonals import diagonal
from graphc.ops.elementary import floats, log
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import prod, sum_
from graphc.ops.rounding import sign
from graphc.ops.shaping import broadcasted, expand_dims, squeeze, swapaxes


def matrices(x: TensorLike) -> Tensor:
    """A float tensor with at least two axes."""
    x = as_float(x)
    if x.rank < 2:
        raise Fault(RANK_MISMATCH, f"needs a rank-2 or higher tensor, got {x.type}")
    return x


def square_matrices(x: TensorLike) -> Tensor:
    """A float tensor whose last two dims are equal."""
    x = matrices(x)
    if merge_dims(x.shape[-2], x.shape[-1]) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs square matrices, got {x.type}",
            label=f"{x.shape[-2]} is not {x.shape[-1]}",
        )
    return x


def transposed(x: Tensor) -> Tensor:
    """The matrices with rows and columns exchanged."""
    return swapaxes(x, -1, -2)


@op()
def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """The triangle L with L · Lᵀ = x, for a symmetric and positive x; or its transpose."""
    factor = apply(CHOLESKY, square_matrices(x), lower=True)
    return transposed(factor) if upper else factor


@op()
def cholesky_inverse(x: TensorLike, upper: bool = False) -> Tensor:
    """The inverse of the matrix that has the Cholesky factor x."""
    factor = square_matrices(x)
    inverse = solve_triangular(factor, _identity(factor), lower=not upper)
    if upper:
        return matmul(inverse, transposed(inverse))
    return matmul(transposed(inverse), inverse)


def _identity(x: Tensor) -> Tensor:
    """An identity matrix for each matrix."""
    return broadcasted(eye(x.shape[-1], dtype=x.dtype), x.shape)


@op()
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Tensor:
    """The x with a · x = b, for a triangle a."""
    return _solved(a, b, lambda matrix, right: _solve_triangle(matrix, right, lower=lower))


def _solve_triangle(matrix: Tensor, right: Tensor, *, lower: bool) -> Tensor:
    return apply(TRIANGULAR_SOLVE, matrix, right, lower=lower)


@op()
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """The x with a · x = b."""
    return _solved(a, b, _solve_square)


def _solve_square(matrix: Tensor, right: Tensor) -> Tensor:
    """With a = Q · R, what is left to solve is R · x = Qᵀ · b."""
    q, r = apply_all(QR, matrix, full=False)
    return apply(TRIANGULAR_SOLVE, r, matmul(transposed(q), right), lower=False)


def _solved(a: TensorLike, b: TensorLike, how: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    matrix, right = floats(a, b)
    matrix = square_matrices(matrix)
    if right.rank == 0:
        raise Fault(RANK_MISMATCH, f"needs a rank-1 or higher `b`, got {right.type}", inputs=("b",))
    is_vector = right.rank == 1 or right.rank == matrix.rank - 1
    columns = expand_dims(right, -1) if is_vector else right
    if merge_dims(columns.shape[-2], matrix.shape[-1]) is None:
        fault = mismatch(matrix.shape, right.shape, matrix.shape[-1], columns.shape[-2])
        raise Fault(
            SHAPE_MISMATCH,
            f"needs as many rows in `b` as in `a`, got {matrix.type} and {right.type}",
            label=fault.label,
            help=fault.help,
        )
    batch = broadcast_shapes(matrix.shape[:-2], columns.shape[:-2])
    matrix = broadcasted(matrix, batch + matrix.shape[-2:])
    result = how(matrix, broadcasted(columns, batch + columns.shape[-2:]))
    return squeeze(result, -1) if is_vector else result


@op()
def inv(x: TensorLike) -> Tensor:
    """The inverse of each matrix."""
    x = square_matrices(x)
    return solve(x, _identity(x))


@op(class_name="LuFactor")
def lu_factor(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Both triangles of L · U = P · x in one matrix, and which rows P exchanged, in order."""
    factors, exchanges = apply_all(LU, matrices(x))
    return factors, exchanges


@op()
def det(x: TensorLike) -> Tensor:
    """The determinant of each matrix: the product of U's diagonal, with the sign of P."""
    pivots, direction = _pivots(x)
    return prod(pivots, -1) * direction


@op()
def slogdet(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The sign of each matrix' determinant, and the logarithm of its size."""
    pivots, direction = _pivots(x)
    return prod(sign(pivots), -1) * direction, sum_(log(absolute(pivots)), -1)


@op()
def logdet(x: TensorLike) -> Tensor:
    """The logarithm of the size of each matrix' determinant."""
    return slogdet(x)[1]


def _pivots(x: TensorLike) -> tuple[Tensor, Tensor]:
    """U's diagonal, and -1 for an odd number of exchanged rows."""
    factors, exchanges = lu_factor(square_matrices(x))
    pivots = diagonal(factors, 0, -2, -1)
    places = iota((exchanges.shape[-1],))
    is_exchanged = not_equal(exchanges, places)
    count = sum_(cast(is_exchanged, "int32"), -1)
    is_even = equal(count % 2, 0)
    return pivots, where(is_even, cast(is_even, pivots.dtype), -1)


@op()
def qr(x: TensorLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Orthonormal columns Q and a triangle R with Q · R = x."""
    if mode not in ("reduced", "complete"):
        raise Fault(
            INVALID_VALUE,
            f'needs `mode` to be "reduced" or "complete", got "{mode}"',
            arguments=("mode",),
        )
    q, r = apply_all(QR, matrices(x), full=mode == "complete")
    return q, r


@op(class_name="SVD")
def svd(
    x: TensorLike, full_matrices: bool = True, compute_uv: bool = True
) -> tuple[Tensor, Tensor, Tensor] | Tensor:
    """U, s and Vᵀ with U · diag(s) · Vᵀ = x, the largest of s first; or s alone."""
    left, values, right = decomposed(matrices(x), full=full_matrices)
    return (left, values, right) if compute_uv else values


def decomposed(x: Tensor, *, full: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """The singular value decomposition of each matrix."""
    left, values, right = apply_all(SVD, x, full=full)
    return left, values, right


@op()
def eigh(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Eigenvalues, the smallest first, and eigenvectors of symmetric matrices."""
    values, vectors = apply_all(EIGH, square_matrices(x))
    return values, vectors


@op()
def eig(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of square matrices, complex numbers all."""
    values, vectors = apply_all(EIG, square_matrices(x))
    return values, vectors
