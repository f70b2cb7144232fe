"""`keras.ops`: several tensors made one, and one made several."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import (
    INPUT_COUNT,
    INVALID_VALUE,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
    UNKNOWN_SIZE,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import CONCATENATE, SLICE
from graphc.ir.shapes import difference_help, difference_text, merge_dims, normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.convert import ShapeLike, TensorLike, TensorList, as_shape, as_tensor, together
from graphc.ops.limits import MOST_PARTS, need_at_most
from graphc.ops.shaping import expand_dims, reshape, squeeze


def listed(xs: Any, name: str = "xs") -> list[Tensor]:
    """A list of tensors, or the parts of one along its first axis, in one dtype."""
    if isinstance(xs, Tensor):
        return list(unstack(xs))
    if not isinstance(xs, (list, tuple)) or not xs:
        raise Fault(INPUT_COUNT, "needs a list of at least 1 tensor", inputs=(name,))
    return together(*xs)


@op()
def concatenate(xs: TensorList, axis: int | None = 0) -> Tensor:
    """Tensors one after the other along an axis they have, or flat where it is None."""
    parts = listed(xs)
    if axis is None:
        return concatenate([reshape(part, -1) for part in parts], 0)
    _need_one_rank(parts)
    place = normalize_axis(axis, parts[0].rank)
    return parts[0] if len(parts) == 1 else apply(CONCATENATE, *parts, axis=place)


def _need_one_rank(parts: list[Tensor]) -> None:
    for part in parts:
        if part.rank != parts[0].rank:
            raise Fault(
                RANK_MISMATCH,
                f"needs tensors of one rank, got {parts[0].type} and {part.type}",
                label=f"rank {parts[0].rank} and rank {part.rank}",
            )


@op()
def stack(x: TensorList, axis: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    parts = listed(x, "x")
    _need_one_rank(parts)
    for part in parts[1:]:
        for one, two in zip(parts[0].shape, part.shape, strict=True):
            if merge_dims(one, two) is None:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs tensors of one shape, got {parts[0].type} and {part.type}",
                    label=difference_text(one, two),
                    help=difference_help(one, two),
                )
    place = normalize_axis(axis, parts[0].rank + 1)
    return concatenate([expand_dims(part, place) for part in parts], place)


@op()
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of size 1 along an axis, without it."""
    x = as_tensor(x)
    place = normalize_axis(axis, x.rank)
    size = x.shape[place] if num is None else num
    if not isinstance(size, int):
        raise Fault(
            UNKNOWN_SIZE,
            f"needs a known size along axis {place}, got {x.type}",
            help="give the number of parts: num=…",
        )
    if num is not None and num < 1:
        raise Fault(INVALID_VALUE, f"needs `num` of at least 1, got {num}", arguments=("num",))
    need_at_most(MOST_PARTS, size, "parts", "num")
    if isinstance(x.shape[place], int) and x.shape[place] != size:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs `num` to be the size along axis {place}, got {size} for {x.type}",
            arguments=("num",),
        )
    return tuple(squeeze(part(x, place, i, 1), place) for i in range(size))


def part(x: Tensor, axis: int, start: Dim, size: Dim) -> Tensor:
    """So many elements along an axis, counted from the front, from a start that it has."""
    if start == 0 and size == x.shape[axis]:
        return x
    starts = tuple(start if i == axis else 0 for i in range(x.rank))
    sizes = tuple(size if i == axis else dim for i, dim in enumerate(x.shape))
    return apply(SLICE, x, starts=starts, sizes=sizes, strides=(1,) * x.rank)


@op()
def split(x: TensorLike, indices_or_sections: ShapeLike, axis: int = 0) -> tuple[Tensor, ...]:
    """So many equal parts along an axis, or parts that end at indices."""
    x = as_tensor(x)
    place = normalize_axis(axis, x.rank)
    if isinstance(indices_or_sections, (tuple, list)):
        return _split_at(x, as_shape(indices_or_sections), place)
    if not isinstance(indices_or_sections, int):
        raise Fault(
            UNKNOWN_SIZE,
            f"needs a number of parts known while checking, got {indices_or_sections}",
            arguments=("indices_or_sections",),
        )
    count, size = indices_or_sections, x.shape[place]
    if count < 1 or not _divides(count, size):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a size along axis {place} that {count} divides, got {x.type}",
            label=f"{size} is not a multiple of {count}" if count > 0 else "",
            help=difference_help(size // count * count, size) if count > 0 else None,
            arguments=("indices_or_sections",),
        )
    need_at_most(MOST_PARTS, count, "parts", "indices_or_sections")
    each = size // count
    return tuple(part(x, place, each * i, each) for i in range(count))


def _divides(count: int, size: Dim) -> bool:
    return merge_dims(size // count * count, size) is not None


def _split_at(x: Tensor, ends: tuple[Dim, ...], axis: int) -> tuple[Tensor, ...]:
    bounds = (0, *ends, x.shape[axis])
    sizes = [after - before for before, after in pairwise(bounds)]
    if any(at_least(size, 0) is False for size in sizes):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs indices in order, from 0 to {x.shape[axis]}, got {list(ends)}",
            label=f"axis {axis} has {x.shape[axis]}",
            arguments=("indices_or_sections",),
        )
    return tuple(part(x, axis, start, each) for start, each in zip(bounds[:-1], sizes, strict=True))


@op()
def array_split(x: TensorLike, indices_or_sections: int, axis: int = 0) -> tuple[Tensor, ...]:
    """So many parts along an axis, the first ones larger by 1 where it does not divide."""
    x = as_tensor(x)
    place = normalize_axis(axis, x.rank)
    count, size = indices_or_sections, x.shape[place]
    if not isinstance(count, int) or count < 1:
        raise Fault(
            INVALID_VALUE,
            f"needs a number of parts of at least 1, got {count}",
            arguments=("indices_or_sections",),
        )
    need_at_most(MOST_PARTS, count, "parts", "indices_or_sections")
    parts: list[Tensor] = []
    start: Dim = 0
    for i in range(count):
        each = (size + (count - 1 - i)) // count
        parts.append(part(x, place, start, each))
        start = start + each
    return tuple(parts)


@op()
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """x2 after x1 along an axis, or both flat."""
    return concatenate(together(x1, x2), axis)


@op()
def hstack(xs: TensorList) -> Tensor:
    """Tensors one after the other along the second axis, vectors along their only one."""
    parts = [x if x.rank else reshape(x, 1) for x in listed(xs)]
    return concatenate(parts, 0 if parts[0].rank == 1 else 1)


@op()
def vstack(xs: TensorList) -> Tensor:
    """Tensors one after the other along the first axis, vectors as rows."""
    return concatenate([x if x.rank > 1 else reshape(x, (1, -1)) for x in listed(xs)], 0)


@op()
def dstack(xs: TensorList) -> Tensor:
    """Tensors one after the other along the third axis, which they get if they have none."""
    return concatenate([_with_depth(x) for x in listed(xs)], 2)


def _with_depth(x: Tensor) -> Tensor:
    if x.rank < 2:
        return reshape(x, (1, -1, 1))
    return expand_dims(x, 2) if x.rank == 2 else x


@op()
def hsplit(x: TensorLike, indices_or_sections: ShapeLike) -> tuple[Tensor, ...]:
    """Parts along the second axis, or along a vector's only one."""
    x = as_tensor(x)
    return split(_at_least(x, 1), indices_or_sections, 0 if x.rank == 1 else 1)


@op()
def vsplit(x: TensorLike, indices_or_sections: ShapeLike) -> tuple[Tensor, ...]:
    """Parts along the first axis of a tensor that has two."""
    return split(_at_least(as_tensor(x), 2), indices_or_sections, 0)


@op()
def dsplit(x: TensorLike, indices_or_sections: ShapeLike) -> tuple[Tensor, ...]:
    """Parts along the third axis."""
    return split(_at_least(as_tensor(x), 3), indices_or_sections, 2)


def _at_least(x: Tensor, rank: int) -> Tensor:
    if x.rank < rank:
        raise Fault(RANK_MISMATCH, f"needs a rank-{rank} or higher tensor, got {x.type}")
    return x
