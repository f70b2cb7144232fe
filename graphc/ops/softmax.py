"""`keras.ops`: functions that make a distribution of the numbers along an axis."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import CUMSUM, REDUCE_MAX, SORT
from graphc.ir.primitives.row import apply_all
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum, where
from graphc.ops.convert import Axes, TensorLike, as_float, cast
from graphc.ops.creation import progression
from graphc.ops.reduction import extreme, sum_
from graphc.ops.shaping import reshape


@op()
def softmax(x: TensorLike, axis: Axes | None = -1) -> Tensor:
    """exp(x) as shares of its sum along axes."""
    x = as_float(x)
    powers = apply(rows.EXP, x - extreme(REDUCE_MAX, x, axis, keepdims=True))
    return powers / sum_(powers, axis, keepdims=True)


@op()
def log_softmax(x: TensorLike, axis: Axes | None = -1) -> Tensor:
    """log(softmax(x)), without underflow."""
    x = as_float(x)
    shifted = x - extreme(REDUCE_MAX, x, axis, keepdims=True)
    return shifted - apply(rows.LOG, sum_(apply(rows.EXP, shifted), axis, keepdims=True))


@op()
def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """Keras' sparse alternative to softmax, after https://arxiv.org/abs/1602.02068.

    As Keras does, and the paper does not, it takes the sum of all cumulative sums in the support
    for the threshold, where the last of them would make the results add up to 1.
    """
    x = as_float(x)
    place = normalize_axis(axis, x.rank)
    ascending, _ = apply_all(SORT, -x, axis=place)
    largest_first = -ascending
    totals = apply(CUMSUM, largest_first, axis=place)
    shape = tuple(-1 if i == place else 1 for i in range(x.rank))
    count = reshape(progression(x.shape[place], 1, 1, x.dtype, x.dtype), shape)
    is_kept = largest_first - (totals - 1) / count > 0
    kept = cast(sum_(is_kept, place, keepdims=True), x.dtype)
    total = sum_(where(is_kept, totals, 0), place, keepdims=True)
    return maximum(x - (total - 1) / kept, 0)
