"""`keras.ops`: products of matrices and tensors."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.movement import BROADCAST
from graphc.ir.shapes import broadcast_shapes, merge_dims, mismatch
from graphc.ir.tensor import Tensor
from graphc.ops.convert import TensorLike, together


@op()
def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 @ x2: the last axis of x1 with the last but one of x2, earlier axes broadcast."""
    x, y = together(x1, x2)
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
        help=fault.help,
    )
