"""Kernels of dense linear algebra and Fourier transforms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphc.runtime.kernels.table import Array, kernel


@kernel("cholesky")
def cholesky(x: Array, lower: bool = True) -> Array:
    """L of x = L Lᵀ, or its transpose. What is not positive definite gives NaN, as in XLA."""
    factor = np.empty_like(x)
    for place in np.ndindex(*x.shape[:-2]):
        try:
            factor[place] = np.linalg.cholesky(x[place])
        except np.linalg.LinAlgError:
            factor[place] = np.nan
    return factor if lower else np.swapaxes(factor, -1, -2)


@kernel("triangular_solve")
def triangular_solve(a: Array, b: Array, lower: bool) -> Array:
    """X of a X = b by substitution."""
    size = a.shape[-1]
    x = np.zeros_like(b)
    for i in range(size) if lower else reversed(range(size)):
        known = slice(0, i) if lower else slice(i + 1, size)
        rest = b[..., i, :] - np.matmul(a[..., i : i + 1, known], x[..., known, :])[..., 0, :]
        x[..., i, :] = rest / a[..., i, i, None]
    return x


@kernel("qr")
def qr(x: Array, full: bool) -> tuple[Array, ...]:
    """Orthonormal columns, and the upper triangle that makes x of them."""
    return tuple(np.linalg.qr(x, "complete" if full else "reduced"))


@kernel("svd")
def svd(x: Array, full: bool) -> tuple[Array, ...]:
    """U, the singular values, and Vᵀ."""
    return tuple(np.linalg.svd(x, full_matrices=full))


@kernel("eigh")
def eigh(x: Array) -> tuple[Array, ...]:
    """Eigenvalues, smallest first, and eigenvectors of a symmetric matrix."""
    return tuple(np.linalg.eigh(x))


@kernel("eig")
def eig(x: Array) -> tuple[Array, ...]:
    """Eigenvalues and eigenvectors, complex."""
    dtype = np.complex128 if x.dtype == np.float64 else np.complex64
    return tuple(np.asarray(result, dtype) for result in np.linalg.eig(x))


@kernel("lu")
def lu(x: Array) -> tuple[Array, Array]:
    """L and U in one matrix by partial pivoting, and which row each was exchanged with."""
    factors = x.copy()
    exchanges = np.zeros((*x.shape[:-2], min(x.shape[-2:])), np.int32)
    for matrix, places in _matrices(factors, exchanges):
        for i in range(len(places)):
            pivot = i + int(np.argmax(np.abs(matrix[i:, i])))
            places[i] = pivot
            matrix[[i, pivot]] = matrix[[pivot, i]]
            if matrix[i, i] != 0:
                matrix[i + 1 :, i] /= matrix[i, i]
            matrix[i + 1 :, i + 1 :] -= np.outer(matrix[i + 1 :, i], matrix[i, i + 1 :])
    return factors, exchanges


def _matrices(factors: Array, exchanges: Array) -> Iterator[tuple[Array, Array]]:
    for place in np.ndindex(*factors.shape[:-2]):
        yield factors[place], exchanges[place]


@kernel("fft")
def fft(real: Array, imaginary: Array, inverse: bool) -> tuple[Array, Array]:
    """Of the last axis."""
    transform = np.fft.ifft if inverse else np.fft.fft
    result = transform(real + 1j * imaginary, axis=-1)
    return result.real.astype(real.dtype), result.imag.astype(real.dtype)
