"""Reference kernels of factorizations and Fourier transforms: NumPy's and SciPy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from tests.reference.kernel import kernel


@kernel("cholesky")
def cholesky(x: Any, lower: bool = True) -> Any:
    factor = np.linalg.cholesky(x)
    return factor if lower else np.swapaxes(factor, -1, -2)


@kernel("triangular_solve")
def triangular_solve(a: Any, b: Any, lower: bool) -> Any:
    result = np.zeros_like(b)
    for place in np.ndindex(*a.shape[:-2]):
        result[place] = linalg.solve_triangular(a[place], b[place], lower=lower)
    return result


@kernel("qr")
def qr(x: Any, full: bool) -> Any:
    return tuple(np.linalg.qr(x, "complete" if full else "reduced"))


@kernel("svd")
def svd(x: Any, full: bool) -> Any:
    return tuple(np.linalg.svd(x, full_matrices=full))


@kernel("eigh")
def eigh(x: Any) -> Any:
    return tuple(np.linalg.eigh(x))


@kernel("eig")
def eig(x: Any) -> Any:
    dtype = np.complex128 if x.dtype == np.float64 else np.complex64
    return tuple(result.astype(dtype) for result in np.linalg.eig(x))


@kernel("lu")
def lu(x: Any) -> Any:
    factors, exchanges = np.zeros_like(x), np.zeros((*x.shape[:-2], min(x.shape[-2:])), np.int32)
    for place in np.ndindex(*x.shape[:-2]):
        factors[place], exchanges[place] = linalg.lu_factor(x[place])
    return factors, exchanges


@kernel("fft")
def fft(real: Any, imaginary: Any, inverse: bool) -> Any:
    transform = np.fft.ifft if inverse else np.fft.fft
    result = transform(real + 1j * imaginary, axis=-1)
    return result.real.astype(real.dtype), result.imag.astype(real.dtype)
