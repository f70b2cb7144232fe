"""`keras.ops`: sums and products so far, and differences between neighbours."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import dim_max
from graphc.ir.primitives import apply
from graphc.ir.primitives.reduction import CUMPROD, CUMSUM
from graphc.ir.primitives.row import Primitive
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import not_equal, subtract
from graphc.ops.convert import DTypeName, TensorLike, as_float, as_tensor, cast
from graphc.ops.joining import part
from graphc.ops.limits import MOST_PARTS, need_at_most
from graphc.ops.reduction import sum_
from graphc.ops.shaping import moveaxis, reshape


@op()
def cumsum(x: TensorLike, axis: int | None = None, dtype: DTypeName | None = None) -> Tensor:
    """The sum of each element and those before it along an axis, or of all."""
    return _so_far(CUMSUM, as_tensor(x), axis, dtype)


@op()
def cumprod(x: TensorLike, axis: int | None = None, dtype: DTypeName | None = None) -> Tensor:
    """The product of each element and those before it along an axis, or of all."""
    return _so_far(CUMPROD, as_tensor(x), axis, dtype)


def _so_far(row: Primitive, x: Tensor, axis: int | None, dtype: str | None) -> Tensor:
    x = cast(x, dtype or ("int32" if x.dtype == "bool" else x.dtype))
    if axis is None:
        return apply(row, reshape(x, -1), axis=0)
    return apply(row, x, axis=normalize_axis(axis, x.rank))


@op()
def diff(a: TensorLike, n: int = 1, axis: int = -1) -> Tensor:
    """The differences between neighbours along an axis, n times."""
    x = as_tensor(a)
    place = normalize_axis(axis, x.rank)
    if n < 0:
        raise Fault(INVALID_VALUE, f"needs `n` of at least 0, got {n}", arguments=("n",))
    need_at_most(MOST_PARTS, n, "differences", "n")
    for _ in range(n):
        left = dim_max(x.shape[place] - 1, 0)
        start = 1 if left != 0 else 0
        minus = not_equal if x.dtype == "bool" else subtract
        x = minus(part(x, place, start, left), part(x, place, 0, left))
    return x


@op()
def trapezoid(
    y: TensorLike, x: TensorLike | None = None, dx: TensorLike = 1.0, axis: int = -1
) -> Tensor:
    """The area under y along an axis, in pieces as wide as neighbours in x are apart, or dx."""
    heights = as_float(y)
    heights = moveaxis(heights, normalize_axis(axis, heights.rank), -1)
    last = heights.rank - 1
    count = heights.shape[last] - 1
    pairs = part(heights, last, 1, count) + part(heights, last, 0, count)
    if x is None:
        return sum_(pairs * dx, -1) * 0.5
    places = as_float(x)
    if places.rank > 1:
        places = moveaxis(places, normalize_axis(axis, places.rank), -1)
    return sum_(pairs * diff(places), -1) * 0.5
