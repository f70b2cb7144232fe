"""`keras.ops`: writing at computed places, and reading and writing of blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, at_least, product, shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.indexing import SCATTER, SCATTER_ADD
from graphc.ir.primitives.reduction import REDUCE_MAX, REDUCE_MIN, REDUCE_PROD
from graphc.ir.primitives.row import Primitive
from graphc.ir.shapes import broadcast_shapes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import (
    equal,
    less,
    logical_and,
    maximum,
    minimum,
    multiply,
    where,
)
from graphc.ops.conversion import extremes
from graphc.ops.convert import (
    Places,
    ShapeLike,
    TensorLike,
    TensorOrLists,
    as_shape,
    as_tensor,
    cast,
    need_sizes,
)
from graphc.ops.creation import filled, iota
from graphc.ops.gathering import gathered
from graphc.ops.joining import part
from graphc.ops.rounding import need_whole
from graphc.ops.shaping import broadcasted, reshape


@op()
def scatter(indices: TensorLike, values: TensorLike, shape: ShapeLike) -> Tensor:
    """Zeros of a shape, with values added at the places that the last axis of indices names."""
    updates = as_tensor(values)
    return scatter_update(filled(as_shape(shape), 0, updates.dtype), indices, updates, "add")


@op()
def scatter_update(
    inputs: TensorLike,
    indices: TensorOrLists,
    updates: TensorOrLists,
    reduction: str | None = None,
) -> Tensor:
    """x with updates at the places that the last axis of indices names.

    `reduction` says what becomes of what is there: it is overwritten, or by "add", "max", "min"
    and "mul" combined with the updates.
    """
    x, places = as_tensor(inputs), as_tensor(indices)
    need_whole(places)
    kind = reduction.lower() if reduction is not None else None
    if kind not in (None, "add", *_COMBINED):
        raise Fault(
            INVALID_VALUE,
            f'needs `reduction` to be "add", "max", "min", "mul" or None, got "{reduction}"',
            arguments=("reduction",),
        )
    depth = places.shape[-1] if places.rank else None
    if not isinstance(depth, int) or depth > x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs indices whose last axis names a place in {x.type}, got {places.type}",
            inputs=("indices",),
        )
    new = _spread(as_tensor(updates, x.dtype), (*places.shape[:-1], *x.shape[depth:]))
    if kind in _COMBINED:
        return _combined(x, places, new, depth, *_COMBINED[kind])
    return apply(SCATTER if kind is None else SCATTER_ADD, x, places, new)


def _spread(updates: Tensor, shape: tuple[Dim, ...]) -> Tensor:
    broadcast_shapes(updates.shape, shape)
    return broadcasted(updates, shape)


_COMBINED: dict[str | None, tuple[Primitive, Callable[..., Tensor]]] = {
    "max": (REDUCE_MAX, maximum),
    "min": (REDUCE_MIN, minimum),
    "mul": (REDUCE_PROD, multiply),
}


def _combined(
    x: Tensor,
    places: Tensor,
    updates: Tensor,
    depth: int,
    row: Primitive,
    combine: Callable[..., Tensor],
) -> Tensor:
    """Each place combined with those of all updates that are for it."""
    front, rest = x.shape[:depth], x.shape[depth:]
    flat = reshape(_flat_places(places, front), -1)
    new = reshape(updates, (1, -1, *rest))
    count = product(front)
    is_hit = equal(reshape(flat, (1, -1)), iota((count, 1)))
    is_hit = reshape(is_hit, (*is_hit.shape, *(1,) * len(rest)))
    found = apply(row, where(is_hit, new, neutral(row, x.dtype)), axes=(1,))
    return combine(x, reshape(found, x.shape))


def neutral(row: Primitive, dtype: str) -> Tensor:
    """What a reduction gives where there is nothing to reduce."""
    least, greatest = extremes(dtype)
    value = {REDUCE_MAX: least, REDUCE_MIN: greatest, REDUCE_PROD: 1}[row]
    return as_tensor(value, dtype)


def _flat_places(places: Tensor, front: tuple[Dim, ...]) -> Tensor:
    """Where in the flat form the places are."""
    flat = as_tensor(0, places.dtype)
    last = places.rank - 1
    for axis, dim in enumerate(front):
        place = reshape(part(places, last, axis, 1), places.shape[:-1])
        size = as_tensor(dim, places.dtype)
        place = where(less(place, 0), place + size, place)
        flat = flat * size + place
    return flat


@op(class_name="Slice")
def slice_(inputs: TensorLike, start_indices: Places, shape: ShapeLike) -> Tensor:
    """A block of x of some shape, from a start along each axis; -1 takes what is left."""
    x, sizes = as_tensor(inputs), as_shape(shape)
    starts = _starts(start_indices, x)
    if len(sizes) != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs a size for each of {x.rank} axes, got {shape_text(sizes)}",
            arguments=("shape",),
        )
    need_sizes(tuple(0 if size == -1 else size for size in sizes), "shape")
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        x = _block(x, axis, start, size)
    return x


def _starts(given: Any, x: Tensor) -> list[Any]:
    """Where the block starts along each axis: a list, or a vector of them."""
    if isinstance(given, Tensor):
        starts: list[Any] = [
            given[axis] for axis in range(x.rank if given.shape == (x.rank,) else 0)
        ]
    else:
        starts = list(as_shape(given))
    if len(starts) != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs a start for each of {x.rank} axes, got {len(starts)} for {x.type}",
            arguments=("start_indices",),
        )
    return starts


def _block(x: Tensor, axis: int, start: Any, size: Dim) -> Tensor:
    whole = x.shape[axis]
    if not isinstance(start, Tensor):
        wanted = whole - start if size == -1 else size
        if at_least(whole - wanted, 0) is False:
            raise _too_large(x, axis, wanted)
        # Like XLA, a block that would reach past the end starts earlier.
        if isinstance(whole, int) and isinstance(wanted, int) and isinstance(start, int):
            start = min(max(start, 0), whole - wanted)
        return part(x, axis, start, wanted)
    if size == -1:
        raise Fault(
            INVALID_VALUE,
            "needs sizes that are known when the file is checked, got -1 behind a computed start",
            arguments=("shape",),
        )
    if at_least(whole - size, 0) is False:
        raise _too_large(x, axis, size)
    first = _kept_inside(cast(start, "int32"), whole, size)
    return gathered(x, iota((size,)) + first, axis)


def _kept_inside(start: Tensor, whole: Dim, size: Dim) -> Tensor:
    return maximum(minimum(start, as_tensor(whole - size, "int32")), 0)


def _too_large(x: Tensor, axis: int, size: Dim) -> Fault:
    return Fault(
        SHAPE_MISMATCH,
        f"needs at least {size} along axis {axis}, got {x.type}",
        label=f"axis {axis} has {x.shape[axis]}",
        arguments=("shape",),
    )


@op()
def slice_update(inputs: TensorLike, start_indices: Places, updates: TensorLike) -> Tensor:
    """x with a block of it, from a start along each axis, replaced."""
    x = as_tensor(inputs)
    new = as_tensor(updates, x.dtype)
    starts = _starts(start_indices, x)
    if new.rank != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs updates of rank {x.rank}, got {new.type}",
            inputs=("updates",),
        )
    is_new: Tensor | None = None
    for axis, start in enumerate(starts):
        whole, size = x.shape[axis], new.shape[axis]
        if whole == size:
            continue
        if UNKNOWN not in (whole, size) and at_least(whole - size, 0) is False:
            raise _too_large(x, axis, size)
        place = iota((whole,)) - _kept_inside(as_tensor(start, "int32"), whole, size)
        last = as_tensor(size - 1, "int32")
        is_along = logical_and(place >= 0, place <= last)
        shape = tuple(whole if i == axis else 1 for i in range(x.rank))
        is_along = reshape(is_along, shape)
        is_new = is_along if is_new is None else logical_and(is_new, is_along)
        new = gathered(new, minimum(maximum(place, 0), last), axis)
    return new if is_new is None else where(is_new, new, x)
