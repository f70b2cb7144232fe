"""Products of all that stands before each element."""

from __future__ import annotations

from graphc.ir.primitives.movement import CONCATENATE, SLICE
from graphc.ir.primitives.reduction import CUMPROD
from graphc.ir.primitives.row import apply
from graphc.ir.shapes import replace_axis
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.derivatives.table import filled


def products_before(x: Tensor, axis: int, *, reverse: bool = False) -> Tensor:
    """Along an axis the products of all before each, or of all after it; 1 where there is none."""
    size = x.shape[axis]
    assert isinstance(size, int)
    if size == 0:
        return x
    products = apply(CUMPROD, x, axis=axis, reverse=reverse)
    kept = apply(
        SLICE,
        products,
        starts=tuple(int(reverse and i == axis) for i in range(x.rank)),
        sizes=replace_axis(x.shape, axis, size - 1),
        strides=(1,) * x.rank,
    )
    one = filled(TensorType(replace_axis(x.shape, axis, 1), x.dtype), 1)
    return apply(CONCATENATE, *((kept, one) if reverse else (one, kept)), axis=axis)
