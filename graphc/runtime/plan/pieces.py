"""Products of matrices in pieces that BLAS does without rearranging them first.

OpenBLAS copies the factors of a product into blocks of its own order before it multiplies, which
takes up to half of the time where a matrix has few rows or columns. For up to 100 x 100 x 100
multiply-accumulates it has kernels for processors with AVX-512 that read the factors where they are
(interface/gemm.c, `gemm_small_matrix_permit`). Larger products are cut into such pieces: between
4 % and twice as fast on an EPYC with AVX-512. On a Xeon of the fourth generation and later, whose
kernels for large matrices are better, that holds for flat or narrow matrices alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, Table
from graphc.runtime.plan.constants import kept
from graphc.runtime.plan.windows.strategy import shaped

SMALL = 1_000_000
"""Multiply-accumulates up to which the kernels for small matrices are used."""

WIDTH = 64
"""Columns of a piece: four of the widest registers, and a multiple of a cache line."""

HEIGHT = 8
"""Rows of a piece, at least: with fewer the other factor is read too often."""

TALL = 12
"""Rows of a piece where more would be too many: the kernels have six at once in registers."""

NARROW = 32
"""Columns of a matrix up to which it is taken in pieces, however many rows it is multiplied with."""

SHORTEST = 48
"""Rows of a part, where outer products of rows are added up in parts."""

LEAST = 256
"""Rows below which a product of matrices is held up by bringing its other factor."""

WHOLE_ROWS, WHOLE_DEPTH = 1024, 256
"""Rows that a newer Xeon goes over at once, and the depth from which on it does: a product of
`LEAST` rows and more, `NARROW` columns and more is then made whole, which takes a sixth less than
in pieces (measured for 2 to 1024 rows, 64 to 1024 deep and 32 to 1024 wide)."""

FEWEST = 64
"""Rows that are enough for that where the matrix changes: its pieces do not lie together."""


class Panels:
    """A matrix that stays the same, or as many as the axes before count: the right factor.

    Where it is taken in pieces, the columns of a piece lie together in memory. Rows of a large
    matrix are each on another page, and a product that reads some columns of them takes a tenth to
    a fifth longer.
    """

    def __init__(self, matrix: Array) -> None:
        self.matrix = matrix
        self.width: int | None = None
        """Columns of each piece, once they are decided on: by the first rows that are multiplied."""
        self.is_whole = False
        """Whether it is best taken as it is: it is not kept in pieces for fewer rows besides."""
        self._columns: list[Array] = []

    def columns(self, width: int) -> list[Array]:
        """The matrix in pieces of so many columns."""
        if self.width is None:
            self.width = width
            cuts = _cuts(self.matrix.shape[-1], width)
            self._columns = [kept(self.matrix[..., some]) for some in cuts]
        return self._columns


def product(a: Array, b: Array | Panels, out: Array) -> Call:
    """The call for a product of matrices, or for as many as the axes before count."""
    matrix = b.matrix if isinstance(b, Panels) else b
    rows, depth = a.shape[-2:]
    shape = None
    if _is_plain(a, matrix) and _has_small_kernels():
        shape = _shape(b, rows, depth, matrix.shape[-1])
    if shape is None:
        # For two matrices `dot` asks fewer questions than `matmul`.
        name = "dot" if a.ndim == matrix.ndim == 2 and out.flags.c_contiguous else "matmul"
        return Call(f"{name}({{}}, {{}}, out={{}})", (a, matrix, out))
    height, width = shape
    cuts = list(_cuts(matrix.shape[-1], width))
    columns = b.columns(width) if isinstance(b, Panels) else [b[..., some] for some in cuts]
    pieces = tuple(
        (a[..., some, :], part, out[..., some, others])
        for part, others in zip(columns, cuts, strict=True)
        for some in _cuts(rows, height)
    )
    return Call("for a, b, c in {}: matmul(a, b, out=c)", (Table(pieces),))


def least_rows(depth: int, columns: int) -> int:
    """How many rows a product with a matrix wants at once, if there are so many."""
    return WHOLE_ROWS if _is_large(depth, columns) else LEAST


def equal_parts(rows: int, depth: int, columns: int) -> int:
    """Into how many parts rows are cut whose outer products are added up, [depth, columns].

    1 where parts could not be alike, or would be so short that their sums take too long.
    """
    if _has_small_kernels():
        least = -(-rows * depth * columns // SMALL)
        for count in range(least, 2 * least + 1):
            if rows % count == 0 and rows // count >= SHORTEST:
                return count
    return 1


def summed_rows(a: Array, b: Array, parts: int, room: Array, out: Array) -> list[Call]:
    """The calls for the sum of outer products of rows, in so many parts, for which there is room."""
    if parts == 1:
        return [Call("dot({}, {}, out={})", (a.T, b, out))]
    made = shaped(room, (parts, *out.shape), out)
    left, right = (x.reshape(parts, -1, x.shape[-1]) for x in (a, b))
    return [
        Call("matmul({}, {}, out={})", (left.transpose(0, 2, 1), right, made)),
        Call("add.reduce({}, 0, out={})", (made, out)),
    ]


def _shape(b: Array | Panels, rows: int, depth: int, columns: int) -> tuple[int, int] | None:
    """Rows and columns of a piece; None where rearranging the factors costs less than pieces do."""
    if not isinstance(b, Panels):
        is_whole = rows >= FEWEST and _is_large(depth, columns)
        return None if is_whole else _piece(rows, depth, columns, None)
    if b.width is None and not b.is_whole:
        b.is_whole = rows >= LEAST and _is_large(depth, columns)
    return None if b.is_whole else _piece(rows, depth, columns, b.width)


def _piece(rows: int, depth: int, columns: int, width: int | None) -> tuple[int, int] | None:
    """Rows and columns of a piece; None where the whole is one, or pieces would be too small.

    The `width` may be decided already, by more rows.
    """
    if width is not None:
        most = SMALL // (depth * width)
        return (rows if rows <= most else _even(rows, _height(most))), width
    if rows == 1 or rows * depth * columns <= SMALL:
        return None
    width = columns if columns < 2 * WIDTH else WIDTH
    if rows * depth * width <= SMALL:
        return rows, SMALL // (rows * depth * WIDTH) * WIDTH or width
    height = _height(SMALL // (depth * width))
    return (_even(rows, height), width) if height else None


def _height(most: int) -> int:
    """Rows of a piece that can have so many."""
    return TALL if TALL <= most < 2 * HEIGHT else most // HEIGHT * HEIGHT


def _is_large(depth: int, columns: int) -> bool:
    """Whether many rows times a matrix are made whole."""
    return depth >= WHOLE_DEPTH and columns > NARROW and _has_newer_kernels()


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
    blas = np.show_config("dicts").get("Build Dependencies", {}).get("blas", {}).get("name", "")
    is_wide = any(name == "X86_V4" or name.startswith("AVX512") for name in _extensions())
    return "openblas" in blas and is_wide


@cache
def _has_newer_kernels() -> bool:
    """Whether the processor is a Xeon from Sapphire Rapids on, which alone have half floats."""
    return "AVX512_SPR" in _extensions()


def _extensions() -> list[str]:
    """What NumPy found the processor to have beyond what it was built for."""
    found: list[str] = np.show_config("dicts").get("SIMD Extensions", {}).get("found", [])
    return found
