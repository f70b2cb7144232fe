"""Products of tensors as products of matrices, into an array that exists."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from graphc.ir.tensor import Step
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.pieces import product
from graphc.runtime.plan.rows import Form
from graphc.runtime.plan.tiles import Tiles
from graphc.runtime.plan.windows.strategy import shaped

FEW_ROWS, LARGE_FACTOR = 128, 1 << 17
"""Rows up to which, and elements from which on, a transposed factor goes to the left."""


class Factor(Record):
    """One side of a product: an array with its axes in the order of a matrix's, and its shape."""

    moved: Array
    shape: tuple[int, ...]

    __hash__ = object.__hash__

    @property
    def is_vector(self) -> bool:
        """Whether there is a vector for each pair of rows, of floats, in place of a matrix."""
        return self.moved.ndim == len(self.shape) - 1 and self.moved.dtype.kind == "f"

    @property
    def view(self) -> Array | None:
        """The matrix, or matrices, where BLAS takes them as they lie in memory."""
        try:
            view = np.reshape(self.moved, self.shape, copy=False)
        except ValueError:
            return None
        return view if _is_for_blas(view) else None

    def matrix(self, room: Array) -> tuple[list[Call], Array]:
        """The matrix, and the call that makes it where it is a copy."""
        view = self.view
        if view is not None:
            return [], view
        made = shaped(room, self.moved.shape, self.moved)
        return [copy(made, self.moved)], made.reshape(self.shape)


def product_calls(
    step: Step,
    form: Form,
    operands: Sequence[Array],
    result: Array,
    tiles: Tiles,
    rooms: Sequence[Array],
) -> list[Call]:
    """A step of `dot_general` on a block of rows, which are the first axis of x and of the result.

    y is the same for all rows, or has the same first axis. `rooms` are the bytes that `copied`
    asks for.
    """
    x, y = operands
    left, right = _factors(step, form, x, y)
    if left.is_vector and right.is_vector:
        return [Call("vecdot({}, {}, out={})", (left.moved, right.moved, result))]
    before, a = left.matrix(rooms[0])
    if _is_ready(form):
        return [*before, product(a, tiles.matrix(y, _contracted(step, form)), _like(result, a))]
    after, b = right.matrix(rooms[1])
    if _is_turned(left, right):
        made = shaped(rooms[2], (b.shape[1], a.shape[0]), result)
        turned = Call("dot({}, {}, out={})", (b.T, a.T, made))
        return [*before, turned, copy(_like(result, a), made.T)]
    return [*before, *after, product(a, b, _like(result, a))]


def copied(step: Step, form: Form, places: Sequence[Place], rows: int) -> tuple[int, int, int]:
    """Bytes of room for copies of both factors and of the result, on a block of so many rows."""
    x, y = (
        place.outline(0, 1)[0] if leading is None else place.outline(leading, rows)
        for place, leading in zip(places, form.operands, strict=True)
    )
    factors = _factors(step, form, x, y)
    if all(factor.is_vector for factor in factors):
        return 0, 0, 0
    left, right = (0 if factor.view is not None else factor.moved.nbytes for factor in factors)
    if _is_ready(form):
        return left, 0, 0
    result = factors[0].shape[0] * factors[1].shape[-1] * x.itemsize
    return left, right, result if _is_turned(*factors) else 0


def _is_turned(left: Factor, right: Factor) -> bool:
    """Whether a product is made the other way round.

    With few rows BLAS takes a third longer where a large factor lies transposed in memory.
    """
    matrix = right.view
    if matrix is None or matrix.ndim != 2 or matrix.dtype not in (np.float32, np.float64):
        return False
    is_transposed = matrix.strides[0] == matrix.itemsize < matrix.strides[1]
    return is_transposed and 1 < left.shape[0] <= FEW_ROWS and matrix.size >= LARGE_FACTOR


def _is_ready(form: Form) -> bool:
    """Whether the second factor is one matrix that is known before any call."""
    return form.operands[1] is None and form.known[1]


def _contracted(step: Step, form: Form) -> list[int]:
    """The axes of y that are summed over."""
    shift = 0 if form.operands[1] is None else form.result - 1
    return [axis - shift for axis in step.attributes["contracting"][1]]


def _factors(step: Step, form: Form, x: Array, y: Array) -> tuple[Factor, Factor]:
    shift = form.result - 1
    batch = step.attributes.get("batch", ((), ()))
    left = [axis - shift for axis in step.attributes["contracting"][0]]
    right = _contracted(step, form)
    if form.operands[1] is None:
        rows = [axis for axis in range(x.ndim) if axis not in left]
        columns = [axis for axis in range(y.ndim) if axis not in right]
        return _factor(x, [rows, left]), _factor(y, [right, columns])
    pairs = [(0, 0), *((i - shift, j - shift) for i, j in zip(*batch, strict=True) if i > shift)]
    ours, theirs = [i for i, _ in pairs], [j for _, j in pairs]
    rows = [i for i in range(x.ndim) if i not in (*ours, *left)]
    columns = [j for j in range(y.ndim) if j not in (*theirs, *right)]
    return (
        _factor(x, [*([i] for i in ours), rows, left]),
        _factor(y, [*([j] for j in theirs), right, columns]),
    )


def _factor(x: Array, groups: Sequence[Sequence[int]]) -> Factor:
    """An array with an axis for each group of axes."""
    moved = x.transpose([axis for group in groups for axis in group])
    return Factor(moved, tuple(prod(x.shape[axis] for axis in group) for group in groups))


def _like(result: Array, a: Array) -> Array:
    return result.reshape(*a.shape[:-1], -1)


def _is_for_blas(x: Array) -> bool:
    """Whether BLAS takes matrices as they are: rows or columns in one piece."""
    *_, rows, columns = x.strides
    size = x.itemsize
    height, width = x.shape[-2:]
    return (
        (columns == size and (height == 1 or rows >= width * size))
        or (rows == size and (width == 1 or columns >= height * size))
        or (width == 1 and rows >= size)
        or (height == 1 and columns >= size)
    )
