"""Products of matrices in pieces that BLAS does without rearranging them first.

OpenBLAS copies the factors of a product into blocks of its own order before it multiplies, which
takes up to half of the time where a matrix has few rows or columns. For up to 100 x 100 x 100
multiply-accumulates it has kernels for processors with AVX-512 that read the factors where they are
(interface/gemm.c, `gemm_small_matrix_permit`). Larger products are cut into such pieces: between
4 % and twice as fast, by what `tests/benchmarks/pieces.py` prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, Table

SMALL = 1_000_000
"""Multiply-accumulates up to which the kernels for small matrices are used."""

WIDTH = 64
"""Columns of a piece: four of the widest registers, and a multiple of a cache line."""

HEIGHT = 8
"""Rows of a piece, at least: with fewer the other factor is read too often."""


def product(a: Array, b: Array, out: Array) -> Call:
    """The call for a product of matrices, or for as many as the axes before count."""
    rows, depth = a.shape[-2:]
    shape = _piece(rows, depth, b.shape[-1]) if _is_plain(a, b) and _has_small_kernels() else None
    if shape is None:
        # For two matrices `dot` asks fewer questions than `matmul`.
        name = "dot" if a.ndim == b.ndim == 2 and out.flags.c_contiguous else "matmul"
        return Call(f"{name}({{}}, {{}}, out={{}})", (a, b, out))
    height, width = shape
    pieces = tuple(
        (a[..., some, :], b[..., others], out[..., some, others])
        for others in _cuts(b.shape[-1], width)
        for some in _cuts(rows, height)
    )
    return Call("for a, b, c in {}: matmul(a, b, out=c)", (Table(pieces),))


def _piece(rows: int, depth: int, columns: int) -> tuple[int, int] | None:
    """Rows and columns of a piece; None where the whole is one, or pieces would be too small."""
    if rows == 1 or rows * depth * columns <= SMALL:
        return None
    width = columns if columns < 2 * WIDTH else WIDTH
    if rows * depth * width <= SMALL:
        return rows, SMALL // (rows * depth * WIDTH) * WIDTH or width
    height = SMALL // (depth * width) // HEIGHT * HEIGHT
    return (_even(rows, height), width) if height else None


def _even(total: int, most: int) -> int:
    """Nearly the same for all: as many as `most`, or fewer by whole steps."""
    parts = -(-total // most)
    return min(-(-total // parts // HEIGHT) * HEIGHT, most)


def _cuts(total: int, size: int) -> Iterator[slice]:
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))


def _is_plain(a: Array, b: Array) -> bool:
    is_float = a.dtype in (np.float32, np.float64)
    return is_float and all(x.strides[-1] == x.itemsize for x in (a, b))


@cache
def _has_small_kernels() -> bool:
    """Whether NumPy has OpenBLAS, and the processor AVX-512."""
    config = np.show_config("dicts")
    found = config.get("SIMD Extensions", {}).get("found", [])
    blas = config.get("Build Dependencies", {}).get("blas", {}).get("name", "")
    is_wide = any(name == "X86_V4" or name.startswith("AVX512") for name in found)
    return "openblas" in blas and is_wide
