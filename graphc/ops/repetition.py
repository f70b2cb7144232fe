"""`keras.ops`: elements repeated, reversed and shifted along axes."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, NOT_STATIC, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, SymbolicDim, shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.indexing import GATHER
from graphc.ir.primitives.movement import CONCATENATE, REVERSE
from graphc.ir.shapes import normalize_axes, normalize_axis, replace_axis
from graphc.ir.tensor import Tensor
from graphc.ops.convert import (
    Axes,
    Integers,
    ShapeLike,
    TensorLike,
    as_integers,
    as_shape,
    as_tensor,
    need_sizes,
)
from graphc.ops.joining import part
from graphc.ops.limits import MOST_NUMBERS, need_at_most
from graphc.ops.shaping import broadcasted, reshape, swapaxes, to_shape


@op()
def repeat(x: TensorLike, repeats: ShapeLike, axis: int | None = None) -> Tensor:
    """Each element so many times in a row along an axis, or flat; one number, or one for each."""
    x = as_tensor(x)
    if axis is None:
        return repeat(reshape(x, -1), repeats, 0)
    place = normalize_axis(axis, x.rank)
    counts = need_sizes(as_shape(repeats), "repeats")
    if any(not isinstance(count, (int, SymbolicDim)) for count in counts):
        raise Fault(NOT_STATIC, "needs `repeats` known when the file is checked")
    if len(counts) != 1:
        return _repeat_each(x, counts, place)
    size, count = x.shape[place], counts[0]
    shape = replace_axis(x.shape, place, size, count)
    spread = broadcasted(to_shape(x, replace_axis(x.shape, place, size, 1)), shape)
    return to_shape(spread, replace_axis(x.shape, place, size * count))


def _repeat_each(x: Tensor, counts: tuple[Any, ...], axis: int) -> Tensor:
    if x.shape[axis] != len(counts):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs 1 of `repeats` or one for each element, got {len(counts)} for {x.type}",
            label=f"axis {axis} has {x.shape[axis]}",
            arguments=("repeats",),
        )
    if not all(isinstance(count, int) for count in counts):
        raise Fault(
            NOT_STATIC,
            f"needs `repeats` to be numbers where there are several, got {shape_text(counts)}",
            arguments=("repeats",),
        )
    need_at_most(MOST_NUMBERS, sum(counts), "elements", "repeats")
    places = tuple(place for place, count in enumerate(counts) for _ in range(count))
    return apply(GATHER, x, as_tensor(places, "int32"), axis=axis)


@op()
def tile(x: TensorLike, repeats: ShapeLike) -> Tensor:
    """x itself so many times along each axis, counted from the last."""
    x = as_tensor(x)
    counts = need_sizes(as_shape(repeats), "repeats")
    rank = max(x.rank, len(counts))
    shape = (1,) * (rank - x.rank) + x.shape
    counts = (1,) * (rank - len(counts)) + counts
    if all(count == 1 for count in counts):
        return to_shape(x, shape)
    # Each axis that is repeated gets a new one in front, along which it is broadcast.
    before: list[Dim] = []
    after: list[Dim] = []
    for size, count in zip(shape, counts, strict=True):
        before += [size] if count == 1 else [1, size]
        after += [size] if count == 1 else [count, size]
    spread = broadcasted(to_shape(x, tuple(before)), tuple(after))
    return to_shape(spread, tuple(n * count for n, count in zip(shape, counts, strict=True)))


@op()
def flip(x: TensorLike, axis: Axes | None = None) -> Tensor:
    """x backwards along axes."""
    x = as_tensor(x)
    axes = normalize_axes(axis, x.rank)
    return apply(REVERSE, x, axes=axes) if axes else x


@op()
def fliplr(x: TensorLike) -> Tensor:
    """x backwards along the second axis."""
    return flip(_at_least(as_tensor(x), 2), 1)


@op()
def flipud(x: TensorLike) -> Tensor:
    """x backwards along the first axis."""
    return flip(_at_least(as_tensor(x), 1), 0)


@op()
def rot90(array: TensorLike, k: int = 1, axes: Integers = (0, 1)) -> Tensor:
    """x turned k times by a quarter, from the first of two axes towards the second."""
    x = _at_least(as_tensor(array), 2)
    plane = normalize_axes(axes, x.rank, "axes")
    if len(plane) != 2:
        raise Fault(INVALID_VALUE, f"needs two `axes`, got {axes}", arguments=("axes",))
    first, second = plane
    if k % 4 == 0:
        return x
    if k % 4 == 2:
        return flip(x, plane)
    turned = swapaxes(flip(x, second) if k % 4 == 1 else x, first, second)
    return turned if k % 4 == 1 else flip(turned, second)


@op()
def roll(x: TensorLike, shift: Integers, axis: Axes | None = None) -> Tensor:
    """x moved along axes; what leaves at the end comes in at the start."""
    x = as_tensor(x)
    if axis is None:
        return to_shape(roll(reshape(x, -1), shift, 0), x.shape)
    axes = [normalize_axis(a, x.rank) for a in as_integers(axis)]
    shifts = as_integers(shift)
    if len(axes) != len(shifts) and 1 not in (len(axes), len(shifts)):
        raise Fault(
            INVALID_VALUE,
            f"needs one `shift` for each axis, got {len(shifts)} for {len(axes)}",
            arguments=("shift", "axis"),
        )
    count = max(len(axes), len(shifts))
    axes = axes * count if len(axes) == 1 else axes
    shifts = shifts * count if len(shifts) == 1 else shifts
    for along, by in zip(axes, shifts, strict=True):
        x = _rolled(x, by, along)
    return x


def _rolled(x: Tensor, shift: int, axis: int) -> Tensor:
    size = x.shape[axis]
    if size == 0 or shift == 0:
        return x
    moved = shift % size
    if moved == 0:
        return x
    end, start = part(x, axis, size - moved, moved), part(x, axis, 0, size - moved)
    return apply(CONCATENATE, end, start, axis=axis)


def _at_least(x: Tensor, rank: int) -> Tensor:
    if x.rank < rank:
        raise Fault(RANK_MISMATCH, f"needs a rank-{rank} or higher tensor, got {x.type}")
    return x
