"""`keras.ops`: reading at computed places, and numbers as positions of ones."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE, INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.indexing import GATHER
from graphc.ir.shapes import broadcast_shapes, normalize_axis, replace_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal
from graphc.ops.convert import (
    DTypeName,
    TensorLike,
    TensorOrLists,
    as_tensor,
    cast,
    require_integer,
)
from graphc.ops.creation import iota
from graphc.ops.limits import FEW_NUMBERS
from graphc.ops.reduction import max_
from graphc.ops.shaping import broadcasted, expand_dims, moveaxis, reshape


def gathered(x: Tensor, indices: Tensor, axis: int, batch_dims: int = 0) -> Tensor:
    """The elements of x at indices along an axis; axes before `batch_dims` go together."""
    return apply(GATHER, x, indices, axis=axis, batch_dims=batch_dims)


def looked_up(table: Tensor, ids: Tensor) -> Tensor:
    """The rows of a table at ids: of ids below 0 there are none, as in Keras on TensorFlow."""
    return apply(GATHER, table, ids, axis=0, counts_back=False)


def window_places(count: Dim, window: int, stride: int, dilation: int = 1) -> Tensor:
    """Which elements each window along an axis holds: [count, window]."""
    if isinstance(count, int) and count * window <= FEW_NUMBERS:
        starts = range(0, count * stride, stride)
        return as_tensor([[start + i * dilation for i in range(window)] for start in starts])
    return iota((count, 1)) * stride + iota((1, window), 1) * dilation


@op()
def take(x: TensorLike, indices: TensorOrLists, axis: int | None = None) -> Tensor:
    """The elements of x at indices along an axis, or of all of them."""
    x = as_tensor(x)
    if axis is None:
        return take(reshape(x, -1), indices, 0)
    return gathered(x, _places(indices), normalize_axis(axis, x.rank))


def _places(indices: Any) -> Tensor:
    places = as_tensor(indices)
    require_integer(places, "indices")
    return places


@op()
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """The elements of x at indices along an axis; the other axes go together and broadcast."""
    x, places = as_tensor(x), _places(indices)
    if axis is None:
        x, axis = reshape(x, -1), 0
    if x.rank != places.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs as many axes in `indices` as in `x`, got {places.type} and {x.type}",
            inputs=("x", "indices"),
        )
    place = normalize_axis(axis, x.rank)
    others = broadcast_shapes(replace_axis(x.shape, place, 1), replace_axis(places.shape, place, 1))
    x = broadcasted(x, replace_axis(others, place, x.shape[place]))
    places = broadcasted(places, replace_axis(others, place, places.shape[place]))
    last = x.rank - 1
    found = gathered(moveaxis(x, place, last), moveaxis(places, place, last), last, last)
    return moveaxis(found, last, place)


@op()
def one_hot(
    x: TensorLike,
    num_classes: Dim,
    axis: int = -1,
    dtype: DTypeName | None = None,
    sparse: bool = False,
) -> Tensor:
    """1 at the place that each number of x names along a new axis, and 0 elsewhere."""
    del sparse  # how Keras holds the result, not what it is
    x = as_tensor(x)
    if axis != -1 and not 0 <= axis < x.rank:
        raise Fault(
            AXIS_OUT_OF_RANGE,
            f"needs `axis` to be -1, or from 0 to {x.rank - 1}, got {axis}",
            label=f"a rank-{x.rank} tensor",
            arguments=("axis",),
        )
    place = x.rank if axis == -1 else axis
    shape = tuple(num_classes if i == place else 1 for i in range(x.rank + 1))
    return cast(equal(expand_dims(x, place), iota(shape, place, x.dtype)), dtype or "float32")


@op()
def multi_hot(
    inputs: TensorLike,
    num_classes: Dim | None = None,
    axis: int = -1,
    dtype: DTypeName | None = None,
    sparse: bool = False,
    num_tokens: Dim | None = None,
) -> Tensor:
    """1 at each place that some number of an example names, and 0 elsewhere."""
    count = num_tokens if num_classes is None else num_classes
    if count is None:
        raise Fault(INVALID_VALUE, "needs `num_classes`", arguments=("num_classes",))
    x = as_tensor(inputs, "int32")
    return max_(one_hot(x, count, axis, dtype, sparse), 1 if x.rank > 1 else 0)
