"""`keras.ops`: tensors in another shape, their elements as they were."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, product, shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import BROADCAST, RESHAPE, TRANSPOSE
from graphc.ir.shapes import (
    broadcast_dims,
    difference_help,
    difference_text,
    merge_dims,
    normalize_axes,
    normalize_axis,
)
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.convert import (
    Axes,
    Integers,
    ShapeLike,
    TensorLike,
    as_shape,
    as_tensor,
    need_sizes,
)


def to_shape(x: Tensor, shape: Shape) -> Tensor:
    """The elements in the same order in a shape without -1; x itself where it has that shape."""
    is_same = x.shape == shape and sum(dim is UNKNOWN for dim in shape) < 2
    return x if is_same else apply(RESHAPE, x, shape=shape)


@op()
def reshape(x: TensorLike, newshape: ShapeLike) -> Tensor:
    """The elements in the same order in a new shape, where -1 stands for what is left."""
    x = as_tensor(x)
    wanted = as_shape(newshape)
    open_axes = [axis for axis, dim in enumerate(wanted) if dim == -1]
    if len(open_axes) > 1 or any(isinstance(dim, int) and dim < -1 for dim in wanted):
        raise Fault(
            INVALID_VALUE,
            f"needs sizes and at most one -1 in `newshape`, got {shape_text(wanted)}",
            arguments=("newshape",),
        )
    if open_axes:
        (axis,) = open_axes
        rest = wanted[:axis] + wanted[axis + 1 :]
        wanted = (*wanted[:axis], _what_is_left(x, rest, wanted), *wanted[axis + 1 :])
    return to_shape(x, wanted)


def _what_is_left(x: Tensor, rest: Shape, wanted: Shape) -> Dim:
    size, known = product(x.shape), product(rest)
    if known == 0:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs one answer for -1 in {shape_text(wanted)}, got a size of 0 beside it",
            arguments=("newshape",),
        )
    left = size // known
    if left is UNKNOWN:
        return UNKNOWN
    if merge_dims(left * known, size) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a shape of as many elements as {shape_text(x.shape)}, got {shape_text(wanted)}",
            label=f"{size} elements are not a multiple of {known}",
            help=difference_help(left * known, size),
        )
    return left


@op()
def ravel(x: TensorLike) -> Tensor:
    """All elements in one axis."""
    return reshape(x, -1)


@op()
def expand_dims(x: TensorLike, axis: Axes) -> Tensor:
    """x with new axes of size 1 at the places `axis` of the result."""
    x = as_tensor(x)
    count = 1 if isinstance(axis, int) else len(axis)
    axes = normalize_axes(axis, x.rank + count)
    rest = iter(x.shape)
    return to_shape(x, tuple(1 if a in axes else next(rest) for a in range(x.rank + count)))


@op()
def squeeze(x: TensorLike, axis: Axes | None = None) -> Tensor:
    """x without axes of size 1: those given, or all."""
    x = as_tensor(x)
    if axis is None:
        return to_shape(x, tuple(dim for dim in x.shape if dim != 1))
    axes = normalize_axes(axis, x.rank)
    for place in axes:
        if x.shape[place] != 1:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs a size of 1 along axis {place}, got {x.type}",
                label=f"axis {place} has {x.shape[place]}",
                arguments=("axis",),
            )
    return to_shape(x, tuple(dim for place, dim in enumerate(x.shape) if place not in axes))


@op()
def transpose(x: TensorLike, axes: Integers | None = None) -> Tensor:
    """The axes of x in the order `axes`, or reversed."""
    x = as_tensor(x)
    if axes is None:
        return permuted(x, tuple(reversed(range(x.rank))))
    listed = (axes,) if isinstance(axes, int) else tuple(axes)
    if len(listed) != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs each axis of the tensor once in `axes`, got {len(listed)} for {x.type}",
            arguments=("axes",),
        )
    return permuted(x, normalize_axes(listed, x.rank, "axes"))


def permuted(x: Tensor, permutation: tuple[int, ...]) -> Tensor:
    """The axes of x in another order; x itself where it is the same one."""
    if permutation == tuple(range(x.rank)):
        return x
    return apply(TRANSPOSE, x, permutation=permutation)


@op()
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """x with two axes exchanged."""
    x = as_tensor(x)
    order = list(range(x.rank))
    first, second = normalize_axis(axis1, x.rank, "axis1"), normalize_axis(axis2, x.rank, "axis2")
    order[first], order[second] = second, first
    return permuted(x, tuple(order))


@op()
def moveaxis(x: TensorLike, source: Axes, destination: Axes) -> Tensor:
    """x with the axes `source` at the places `destination`, the others in their order."""
    x = as_tensor(x)
    taken = normalize_axes(source, x.rank, "source")
    placed = normalize_axes(destination, x.rank, "destination")
    if len(taken) != len(placed):
        raise Fault(
            INVALID_VALUE,
            f"needs a place for each axis, got {len(taken)} axes and {len(placed)} places",
            arguments=("source", "destination"),
        )
    rest = iter(axis for axis in range(x.rank) if axis not in taken)
    at = dict(zip(placed, taken, strict=True))
    return permuted(x, tuple(at[a] if a in at else next(rest) for a in range(x.rank)))


@op()
def broadcast_to(x: TensorLike, shape: ShapeLike) -> Tensor:
    """x repeated along axes of size 1, and new ones in front, up to a shape."""
    x = as_tensor(x)
    wanted = need_sizes(as_shape(shape), "shape")
    tail = wanted[len(wanted) - x.rank :] if x.rank <= len(wanted) else ()
    for have, want in zip(x.shape, tail, strict=False):
        if broadcast_dims(have, want) is None or (want == 1 and isinstance(have, int) and have > 1):
            raise _no_broadcast(x, wanted, difference_text(have, want))
    if x.rank > len(wanted):
        raise _no_broadcast(x, wanted, f"rank {x.rank} does not fit into rank {len(wanted)}")
    return broadcasted(x, wanted)


def broadcasted(x: Tensor, shape: Shape) -> Tensor:
    """x in a shape that it is known to broadcast to."""
    return x if x.shape == shape else apply(BROADCAST, x, shape=shape)


def _no_broadcast(x: Tensor, shape: Shape, label: str) -> Fault:
    return Fault(
        SHAPE_MISMATCH,
        f"needs a shape that {x.type} broadcasts to, got {shape_text(shape)}",
        label=label,
        arguments=("shape",),
    )
