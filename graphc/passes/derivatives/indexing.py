"""Derivatives of what reads and writes at computed places: writing where it was read, and back."""

from __future__ import annotations

from graphc.ir.dims import product
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.indexing import GATHER, SCATTER, SCATTER_ADD
from graphc.ir.primitives.movement import CONCATENATE, IOTA, RESHAPE
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor
from graphc.ops.convert import cast
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    inverse,
    moved,
    number,
    transpose,
    zeros,
)


def add_along(x: Tensor, places: Tensor, updates: Tensor, axis: int) -> Tensor:
    """x with slices of updates added at places along an axis; the places are one-dimensional."""
    order = moved(x.rank, axis, 0)
    indices = apply(RESHAPE, places, shape=(*places.shape, 1))
    added = apply(SCATTER_ADD, transpose(x, order), indices, transpose(updates, order))
    return transpose(added, inverse(order))


def along(x: Tensor, places: Tensor, axis: int) -> Tensor:
    """x at places along an axis, each line by itself: `numpy.take_along_axis`."""
    order = moved(x.rank, axis, x.rank - 1)
    taken = apply(
        GATHER, transpose(x, order), transpose(places, order), axis=x.rank - 1,
        batch_dims=x.rank - 1,
    )  # fmt: skip
    return transpose(taken, inverse(order))


def at(x: Tensor, indices: Tensor) -> Tensor:
    """x at full places: indices [..., k] point at its first k axes."""
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    first, rest = x.shape[:depth], x.shape[depth:]
    flat = apply(RESHAPE, x, shape=(product(first), *rest))
    place = number(0, indices)
    for axis, size in enumerate(first):
        column = apply(GATHER, indices, number(axis, indices), axis=indices.rank - 1)
        # Negative places count from the end of their own axis.
        assert isinstance(size, int)
        column = apply(rows.SELECT, column < 0, column + size, column)
        place = place * size + column
    return apply(GATHER, flat, place, axis=0)


@derivative("gather")
def _gather(step: Step, cotangents: Cotangents) -> Cotangents:
    x, indices = step.operands
    (g,) = cotangents
    assert g is not None
    axis, batch = step.attributes["axis"], step.attributes.get("batch_dims", 0)
    own = indices.rank - batch
    # Axes of g: the batch, what stood between, the indices' own, the rest.
    between = tuple(range(batch, axis))
    theirs = tuple(range(axis, axis + own))
    order = (*range(batch), *theirs, *between, *range(axis + own, g.rank))
    turn = moved(x.rank, axis, batch)
    made = apply(
        SCATTER_ADD, zeros(transpose(x, turn).type), _places(indices, batch), transpose(g, order)
    )
    return transpose(made, inverse(turn)), None


def _places(indices: Tensor, batch: int) -> Tensor:
    """Full places of what indices stand for: behind the numbers of their batch axes."""
    shape = (*indices.shape, 1)
    columns = [apply(IOTA, shape=shape, axis=axis, dtype=indices.dtype) for axis in range(batch)]
    last = apply(RESHAPE, indices, shape=shape)
    return apply(CONCATENATE, *columns, last, axis=indices.rank) if columns else last


@derivative("scatter_add")
def _scatter_add(step: Step, cotangents: Cotangents) -> Cotangents:
    _, indices, _ = step.operands
    (g,) = cotangents
    assert g is not None
    return g, None, at(g, indices)


@derivative("scatter")
def _scatter(step: Step, cotangents: Cotangents) -> Cotangents:
    """What was overwritten counts no more; of repeated places only the last does."""
    x, indices, updates = step.operands
    (g,) = cotangents
    assert g is not None
    kept = apply(SCATTER, g, indices, zeros(updates.type))
    numbers = apply(IOTA, shape=(product(indices.shape[:-1]),), axis=0, dtype="int32")
    numbers = apply(RESHAPE, numbers, shape=indices.shape[:-1])
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    winners = apply(SCATTER, zeros(type(x.type)(x.shape[:depth], "int32")), indices, numbers)
    is_last = cast(apply(rows.EQ, at(winners, indices), numbers), g.dtype)
    extra = updates.rank - is_last.rank
    is_last = apply(RESHAPE, is_last, shape=(*is_last.shape, *[1] * extra))
    return kept, None, at(g, indices) * is_last
