"""`keras.ops`: products of matrices and tensors."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import (
    AXIS_OUT_OF_RANGE,
    INVALID_VALUE,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.movement import BROADCAST
from graphc.ir.shapes import broadcast_shapes, merge_dims, mismatch, normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import multiply, subtract
from graphc.ops.convert import AxisPair, TensorLike, cast, together
from graphc.ops.joining import stack
from graphc.ops.shaping import moveaxis, reshape


def factors(*values: TensorLike) -> list[Tensor]:
    """Tensors in the dtype in which they are multiplied: products of int8 are int32."""
    tensors = together(*values)
    is_small = all(tensor.dtype == "int8" for tensor in tensors)
    return [cast(tensor, "int32") if is_small else tensor for tensor in tensors]


@op()
def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 @ x2: the last axis of x1 with the last but one of x2, earlier axes broadcast."""
    x, y = factors(x1, x2)
    if x.rank == 0 or y.rank == 0:
        raise Fault(RANK_MISMATCH, f"needs tensors with axes, got {x.type} and {y.type}")
    left = x.rank - 1
    right = max(y.rank - 2, 0)
    if merge_dims(x.shape[left], y.shape[right]) is None:
        raise _inner_mismatch(x, y, left, right)
    if y.rank <= 2 or (x.rank == 1 and y.rank == 2):
        return apply(DOT_GENERAL, x, y, contracting=((left,), (right,)))
    if x.rank == 1:
        return apply(DOT_GENERAL, x, y, contracting=((left,), (right,)))
    batch = broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = (
        t if t.shape[:-2] == batch else apply(BROADCAST, t, shape=batch + t.shape[-2:])
        for t in (x, y)
    )
    axes = tuple(range(len(batch)))
    return apply(
        DOT_GENERAL,
        x,
        y,
        contracting=((len(batch) + 1,), (len(batch),)),
        batch=(axes, axes),
    )


def _inner_mismatch(x: Tensor, y: Tensor, left: int, right: int) -> Fault:
    fault = mismatch(x.shape, y.shape, x.shape[left], y.shape[right])
    return Fault(
        SHAPE_MISMATCH,
        f"needs the last dim of {x.type} to equal the {'last but one' if y.rank > 1 else 'only'} "
        f"dim of {y.type}, got {x.shape[left]} and {y.shape[right]}",
        label=fault.label,
        help=_transposed(x, y, left, right) or fault.help,
    )


def _transposed(x: Tensor, y: Tensor, left: int, right: int) -> str | None:
    """What to write where the second factor is the wrong way round."""
    if y.rank < 2 or merge_dims(x.shape[left], y.shape[right + 1]) is None:
        return None
    return "swap the last two axes of the second: swapaxes(…, -2, -1)"


@op()
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The last axis of x1 with the last but one of x2, or its only one; numbers are multiplied."""
    x, y = together(x1, x2)
    if x.rank == 0 or y.rank == 0:
        return multiply(x, y)
    return _contracted(x, y, (x.rank - 1,), (max(y.rank - 2, 0),))


@op()
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The last axis of x1 with the last axis of x2; numbers are multiplied."""
    x, y = together(x1, x2)
    if x.rank == 0 or y.rank == 0:
        return multiply(x, y)
    return _contracted(x, y, (x.rank - 1,), (y.rank - 1,))


@op()
def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of the products of all elements."""
    x, y = together(x1, x2)
    return _contracted(reshape(x, -1), reshape(y, -1), (0,), (0,))


@op()
def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Each element of x1, one a row, times each element of x2."""
    x, y = together(x1, x2)
    return multiply(reshape(x, (-1, 1)), reshape(y, (1, -1)))


@op()
def tensordot(x1: TensorLike, x2: TensorLike, axes: AxisPair = 2) -> Tensor:
    """The sum of products along axes of x1 and of x2: two lists, or how many, last with first."""
    x, y = together(x1, x2)
    if isinstance(axes, int):
        if not 0 <= axes <= min(x.rank, y.rank):
            raise Fault(
                AXIS_OUT_OF_RANGE,
                f"needs at least {axes} axes in both tensors, got {x.type} and {y.type}",
                arguments=("axes",),
            )
        return _contracted(x, y, tuple(range(x.rank - axes, x.rank)), tuple(range(axes)))
    left, right = (normalize_axes(a, t.rank, "axes") for a, t in zip(axes, (x, y), strict=True))
    if len(left) != len(right):
        raise Fault(
            INVALID_VALUE,
            f"needs as many axes of one tensor as of the other, got {len(left)} and {len(right)}",
            arguments=("axes",),
        )
    return _contracted(x, y, left, right)


def _contracted(x: Tensor, y: Tensor, left: tuple[int, ...], right: tuple[int, ...]) -> Tensor:
    if not left:
        return multiply(reshape(x, (*x.shape, *(1,) * y.rank)), y)
    return apply(DOT_GENERAL, x, y, contracting=(left, right))


@op()
def kron(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Each element of x1 times the whole of x2, in its place."""
    x, y = together(x1, x2)
    rank = max(x.rank, y.rank)
    blocks, inside = ((1,) * (rank - t.rank) + t.shape for t in (x, y))
    spread = reshape(x, tuple(dim for size in blocks for dim in (size, 1)))
    repeated = reshape(y, tuple(dim for size in inside for dim in (1, size)))
    shape = tuple(a * b for a, b in zip(blocks, inside, strict=True))
    return reshape(multiply(spread, repeated), shape)


@op()
def cross(
    x1: TensorLike,
    x2: TensorLike,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The vector product of vectors of 3; of 2, as if a third of 0 stood behind."""
    x, y = together(x1, x2)
    first, second, result = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    x, y = moveaxis(x, first, -1), moveaxis(y, second, -1)
    for vectors in (x, y):
        if isinstance(vectors.shape[-1], int) and vectors.shape[-1] not in (2, 3):
            raise Fault(SHAPE_MISMATCH, f"needs vectors of 2 or 3, got {vectors.type}")
    if x.shape[-1] == 2 and y.shape[-1] == 2:
        return subtract(multiply(x[..., 0], y[..., 1]), multiply(x[..., 1], y[..., 0]))
    a, b = _three(x), _three(y)
    parts = [a[i] * b[j] - a[j] * b[i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return moveaxis(stack(parts, -1), -1, result)


def _three(x: Tensor) -> list[Tensor]:
    parts = [x[..., i] for i in range(2 if x.shape[-1] == 2 else 3)]
    return parts if len(parts) == 3 else [*parts, multiply(parts[0], 0)]
