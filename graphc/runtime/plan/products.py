"""Products of tensors as products of matrices, into an array that exists."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from graphc.ir.tensor import Step
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.pieces import product
from graphc.runtime.plan.rows import Form
from graphc.runtime.plan.tiles import Tiles


def product_calls(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    """A step of `dot_general` on a block of rows, which are the first axis of x and of the result.

    y is the same for all rows, or has the same first axis.
    """
    x, y = operands
    shift = form.result - 1
    (left, right), batch = step.attributes["contracting"], step.attributes.get("batch", ((), ()))
    left = [axis - shift for axis in left]
    if form.operands[1] is None:
        free = [axis for axis in range(1, x.ndim) if axis not in left]
        calls, a = _matrices(x, [[0, *free], left], tiles)
        rest = [axis for axis in range(y.ndim) if axis not in right]
        more: list[Call] = []
        if form.known[1]:
            b = tiles.matrix(y, right)
        else:
            more, b = _matrices(y, [right, rest], tiles, "right")
        return [*calls, *more, product(a, b, result.reshape(len(a), -1))]
    right = [axis - shift for axis in right]
    pairs = [(0, 0), *((i - shift, j - shift) for i, j in zip(*batch, strict=True) if i > shift)]
    ours, theirs = [i for i, _ in pairs], [j for _, j in pairs]
    rows = [i for i in range(x.ndim) if i not in (*ours, *left)]
    columns = [j for j in range(y.ndim) if j not in (*theirs, *right)]
    before, a = _matrices(x, [*([i] for i in ours), rows, left], tiles, "left")
    after, b = _matrices(y, [*([j] for j in theirs), right, columns], tiles, "right")
    out = result.reshape(*a.shape[:-1], b.shape[-1])
    return [*before, *after, product(a, b, out)]


def _matrices(
    x: Array, groups: Sequence[Sequence[int]], tiles: Tiles, side: str = "left"
) -> tuple[list[Call], Array]:
    """An array with an axis for each group of axes: a view, or a copy and the call that makes it."""
    moved = x.transpose([axis for group in groups for axis in group])
    shape = [prod(x.shape[axis] for axis in group) for group in groups]
    try:
        view = np.reshape(moved, shape, copy=False)
    except ValueError:
        view = None
    if view is not None and _is_for_blas(view):
        return [], view
    scratch = tiles.scratch(moved.shape, moved.dtype, side)
    return [copy(scratch, moved)], scratch.reshape(shape)


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
