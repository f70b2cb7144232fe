"""Dense linear algebra and Fourier transforms, which BLAS' companions do better than we would."""

from __future__ import annotations

from graphc.ir.dims import dim_min, product
from graphc.ir.primitives.row import Attributes, Cost, Types, no_cost, primitive
from graphc.ir.types import TensorType


def _square(x: TensorType, lower: bool = True) -> Types:
    return (x,)


def _cubic(operands: Types, results: Types, attributes: Attributes) -> Cost:
    # The leading term of a factorization of an n x n matrix is n^3 / 3 multiply-accumulates.
    macs = product(operands[0].shape) * operands[0].shape[-1] // 3
    return Cost(flops=2 * macs, macs=macs)


def _triangular_solve(a: TensorType, b: TensorType, lower: bool) -> Types:
    return (b,)


def _qr(x: TensorType, full: bool) -> Types:
    *batch, m, n = x.shape
    k = m if full else dim_min(m, n)
    return (TensorType((*batch, m, k), x.dtype), TensorType((*batch, k, n), x.dtype))


def _svd(x: TensorType, full: bool) -> Types:
    *batch, m, n = x.shape
    k = dim_min(m, n)
    left, right = (m, n) if full else (k, k)
    return (
        TensorType((*batch, m, left), x.dtype),
        TensorType((*batch, k), x.dtype),
        TensorType((*batch, right, n), x.dtype),
    )


def _eigh(x: TensorType) -> Types:
    return (TensorType(x.shape[:-1], x.dtype), x)


def _eig(x: TensorType) -> Types:
    dtype = "complex128" if x.dtype == "float64" else "complex64"
    return (TensorType(x.shape[:-1], dtype), TensorType(x.shape, dtype))


def _lu(x: TensorType) -> Types:
    *batch, m, n = x.shape
    return (x, TensorType((*batch, dim_min(m, n)), "int32"))


def _fft(real: TensorType, imaginary: TensorType, inverse: bool) -> Types:
    return (real, imaginary)


CHOLESKY = primitive("cholesky", _square, _cubic)
TRIANGULAR_SOLVE = primitive("triangular_solve", _triangular_solve, _cubic)
QR = primitive("qr", _qr, _cubic)
SVD = primitive("svd", _svd, _cubic)
EIGH = primitive("eigh", _eigh, _cubic)
EIG = primitive("eig", _eig, _cubic)
"""Results: eigenvalues and eigenvectors, complex, of a matrix that need not be symmetric."""
LU = primitive("lu", _lu, _cubic)
"""Results: L and U in one matrix, and the row exchanges."""
FFT = primitive("fft", _fft, no_cost)
"""Of the last axis, as real and imaginary parts; its cost is not a number of operations."""
