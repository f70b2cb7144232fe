"""`keras.ops`: reductions along axes."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import EMPTY_OUTPUT
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import product
from graphc.ir.dtypes import promote, to_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as elementwise_rows
from graphc.ir.primitives import reduction as rows
from graphc.ir.primitives.row import Primitive
from graphc.ir.shapes import normalize_axes, normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum, minimum, where
from graphc.ops.convert import Axes, DTypeName, TensorLike, as_tensor, cast, to_real
from graphc.ops.shaping import reshape, to_shape

_WIDER = {
    "bool": "int32",
    "int8": "int32",
    "int16": "int32",
    "uint8": "uint32",
    "uint16": "uint32",
}


def summed_dtype(dtype: str) -> str:
    """The dtype in which numbers are added up: small integers become 32-bit ones."""
    return _WIDER.get(dtype, dtype)


def reduced(row: Primitive, x: Tensor, axis: Axes | None, keepdims: bool) -> Tensor:
    """Apply a reduction along axes, all of them for None; `keepdims` leaves them at size 1."""
    axes = normalize_axes(axis, x.rank)
    result = apply(row, x, axes=axes) if axes else x
    return _with_kept(result, x, axes) if keepdims else result


def _with_kept(result: Tensor, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return to_shape(result, tuple(1 if i in axes else dim for i, dim in enumerate(x.shape)))


@op()
def sum_(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The sum along axes."""
    x = as_tensor(x)
    return reduced(rows.REDUCE_SUM, cast(x, summed_dtype(x.dtype)), axis, keepdims)


@op()
def prod(
    x: TensorLike,
    axis: Axes | None = None,
    keepdims: bool = False,
    dtype: DTypeName | None = None,
) -> Tensor:
    """The product along axes."""
    x = as_tensor(x)
    return reduced(rows.REDUCE_PROD, cast(x, dtype or summed_dtype(x.dtype)), axis, keepdims)


@op()
def mean(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The mean along axes; small floats are added up as float32."""
    x = as_tensor(x)
    result_dtype = to_real(x.dtype)
    wide = cast(x, promote(result_dtype, "float32"))
    total = reduced(rows.REDUCE_SUM, wide, axis, keepdims)
    return cast(total / count_along(x, axis), result_dtype)


def count_along(x: Tensor, axis: Axes | None) -> Tensor | int:
    """How many elements there are along axes, as a number, or a tensor where it is symbolic."""
    count = product(x.shape[a] for a in normalize_axes(axis, x.rank))
    return (
        count if isinstance(count, int) else as_tensor(count, promote(to_float(x.dtype), "float32"))
    )


@op()
def var(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The variance along axes: the mean of the squared distances from the mean."""
    x = as_tensor(x)
    result_dtype = to_float(x.dtype)
    wide = cast(x, promote(result_dtype, "float32"))
    centered = wide - mean(wide, axis, keepdims=True)
    return cast(mean(centered * centered, axis, keepdims), result_dtype)


@op()
def std(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The standard deviation along axes."""
    x = as_tensor(x)
    wide = cast(x, promote(to_float(x.dtype), "float32"))
    root = apply(elementwise_rows.SQRT, var(wide, axis, keepdims))
    return cast(root, to_real(x.dtype))


@op()
def max_(
    x: TensorLike,
    axis: Axes | None = None,
    keepdims: bool = False,
    initial: TensorLike | None = None,
) -> Tensor:
    """The largest element along axes, and at least `initial`."""
    if initial is None:
        return extreme(rows.REDUCE_MAX, as_tensor(x), axis, keepdims)
    result = reduced(rows.REDUCE_MAX, as_tensor(x), axis, keepdims)
    return maximum(result, as_tensor(initial, result.dtype))


@op()
def min_(
    x: TensorLike,
    axis: Axes | None = None,
    keepdims: bool = False,
    initial: TensorLike | None = None,
) -> Tensor:
    """The smallest element along axes, and at most `initial`."""
    if initial is None:
        return extreme(rows.REDUCE_MIN, as_tensor(x), axis, keepdims)
    result = reduced(rows.REDUCE_MIN, as_tensor(x), axis, keepdims)
    return minimum(result, as_tensor(initial, result.dtype))


def extreme(row: Primitive, x: Tensor, axis: Axes | None, keepdims: bool) -> Tensor:
    """Reduce by a maximum or minimum, which no elements at all do not have."""
    _need_elements(x, normalize_axes(axis, x.rank))
    return reduced(row, x, axis, keepdims)


def _need_elements(x: Tensor, axes: tuple[int, ...]) -> None:
    if any(x.shape[axis] == 0 for axis in axes):
        raise Fault(EMPTY_OUTPUT, f"needs at least 1 element along its axes, got {x.type}")


@op()
def amax(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The largest element along axes."""
    return max_(x, axis, keepdims)


@op()
def amin(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The smallest element along axes."""
    return min_(x, axis, keepdims)


@op()
def ptp(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """The largest minus the smallest element along axes."""
    return max_(x, axis, keepdims) - min_(x, axis, keepdims)


@op()
def all_(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along axes are true."""
    return reduced(rows.REDUCE_AND, as_tensor(x, "bool"), axis, keepdims)


@op()
def any_(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """Whether some element along axes is true."""
    return reduced(rows.REDUCE_OR, as_tensor(x, "bool"), axis, keepdims)


@op()
def count_nonzero(x: TensorLike, axis: Axes | None = None) -> Tensor:
    """How many elements along axes are not 0."""
    return sum_(as_tensor(as_tensor(x, "bool"), "int32"), axis)


@op()
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where along an axis, or among all elements, the largest is; the first of equal ones."""
    return _place(rows.ARGMAX, x, axis, keepdims)


@op()
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where along an axis, or among all elements, the smallest is; the first of equal ones."""
    return _place(rows.ARGMIN, x, axis, keepdims)


def _place(row: Primitive, x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    x = as_tensor(x)
    flat = x if axis is not None else reshape(x, -1)
    along = 0 if axis is None else normalize_axis(axis, x.rank)
    _need_elements(flat, (along,))
    result = apply(row, flat, axis=along)
    if not keepdims:
        return result
    return _with_kept(result, x, tuple(range(x.rank)) if axis is None else (along,))


@op()
def logsumexp(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) along axes, computed without overflow."""
    x = as_tensor(x)
    x = cast(x, to_float(x.dtype))
    largest = max_(x, axis, keepdims=True)
    largest = where(apply(elementwise_rows.IS_FINITE, largest), largest, 0)
    total = sum_(apply(elementwise_rows.EXP, x - largest), axis, keepdims=True)
    result = apply(elementwise_rows.LOG, total) + largest
    return result if keepdims else _without(result, normalize_axes(axis, x.rank))


def _without(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return to_shape(x, tuple(dim for axis, dim in enumerate(x.shape) if axis not in axes))
