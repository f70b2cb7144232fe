"""`keras.ops`: tensors brought to mean 0, variance 1 or length 1 along axes."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import promote
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import RSQRT
from graphc.ir.shapes import merge_dims, normalize_axes, normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, maximum, minimum
from graphc.ops.convert import Axes, TensorLike, as_float, as_tensor, cast
from graphc.ops.reduction import mean, sum_, var
from graphc.ops.shaping import reshape, to_shape

EPSILON = 1e-7  # Keras' own, which `keras.config.epsilon()` gives
_LARGEST_FLOAT16 = 65504.0


@op()
def moments(
    x: TensorLike, axes: Axes, keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """The mean and the variance along axes; those of small floats stay in float16's range."""
    del synchronized  # how Keras spreads the work, not what it is
    x = as_tensor(x)
    is_small = x.dtype in ("float16", "bfloat16")
    wide = cast(x, "float32") if is_small else x
    found = mean(wide, axes, keepdims), var(wide, axes, keepdims)
    if not is_small:
        return found
    first, second = (
        cast(minimum(maximum(t, -_LARGEST_FLOAT16), _LARGEST_FLOAT16), x.dtype) for t in found
    )
    return first, second


@op(class_name="BatchNorm")
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, each a vector along an axis."""
    x = as_tensor(x)
    place = normalize_axis(axis, x.rank)
    mean, variance = _vector(mean, x, place, "mean"), _vector(variance, x, place, "variance")
    factor = apply(RSQRT, as_float(variance) + epsilon)
    if scale is not None:
        factor = factor * _vector(scale, x, place, "scale")
    shift = -mean * factor
    if offset is not None:
        shift = shift + _vector(offset, x, place, "offset")
    return x * factor + shift


def _vector(value: TensorLike, x: Tensor, axis: int, name: str) -> Tensor:
    vector = as_tensor(value)
    size = x.shape[axis]
    if vector.rank != 1 or merge_dims(vector.shape[0], size) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs `{name}` to be a vector of {size} for {x.type}, got {vector.type}",
            inputs=(name,),
        )
    return reshape(vector, tuple(size if i == axis else 1 for i in range(x.rank)))


@op(class_name="LayerNorm")
def layer_normalization(
    x: TensorLike,
    gamma: TensorLike | None = None,
    beta: TensorLike | None = None,
    axis: Axes = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, with x's own moments along axes.

    `rms_scaling` divides by the deviation alone (https://arxiv.org/abs/1607.06450).
    """
    x = as_tensor(x)
    wide = cast(x, promote(x.dtype, "float32"))
    axes = tuple(sorted(normalize_axes(axis, x.rank)))
    epsilon = EPSILON if epsilon is None else epsilon
    scale, offset = _spread(gamma, wide, axes), _spread(beta, wide, axes)
    if rms_scaling:
        result = wide * apply(RSQRT, var(wide, axes, keepdims=True) + epsilon)
        return cast(result if scale is None else result * scale, x.dtype)
    center, variance = moments(wide, axes, keepdims=True)
    factor = apply(RSQRT, variance + epsilon)
    if scale is not None:
        factor = factor * scale
    shift = -center * factor
    if offset is not None:
        shift = shift + offset
    return cast(wide * factor + shift, x.dtype)


def _spread(value: TensorLike | None, x: Tensor, axes: tuple[int, ...]) -> Tensor | None:
    """A weight with x's dims along the axes that it scales, and 1 along the others."""
    if value is None:
        return None
    weight = as_tensor(value, x.dtype)
    if weight.rank == x.rank or axes == (x.rank - 1,):
        return weight
    return reshape(weight, tuple(dim if i in axes else 1 for i, dim in enumerate(x.shape)))


@op(class_name="RMSNorm")
def rms_normalization(
    x: TensorLike,
    scale: TensorLike | None = None,
    axis: Axes = -1,
    epsilon: float | None = None,
) -> Tensor:
    """x / sqrt(mean(x²) + epsilon) * scale, the mean along axes (arxiv.org/abs/1910.07467)."""
    x = as_tensor(x)
    wide = cast(x, promote(x.dtype, "float32"))
    if x.rank == 0:
        wide = to_shape(wide, (1,))
    epsilon = EPSILON if epsilon is None else epsilon
    result = wide * apply(RSQRT, mean(wide * wide, axis, keepdims=True) + epsilon)
    if scale is not None:
        result = result * as_tensor(scale, wide.dtype)
    return cast(result, x.dtype)


@op()
def normalize(
    x: TensorLike, axis: Axes | None = -1, order: int = 2, epsilon: float | None = None
) -> Tensor:
    """x divided by its norm along axes, which counts as `epsilon` at least."""
    if order < 1:
        raise Fault(
            INVALID_VALUE,
            f"needs `order` to be a positive whole number, got {order}",
            arguments=("order",),
        )
    x = as_float(x)
    if x.rank == 0:
        x = to_shape(x, (1,))
    epsilon = EPSILON if epsilon is None else epsilon
    if order == 2:
        inverse = apply(RSQRT, sum_(x * x, axis, keepdims=True))
        return x * minimum(inverse, 1 / epsilon)
    size = absolute(x)
    if order == 1:
        norm = sum_(size, axis, keepdims=True)
    else:
        norm = sum_(size**order, axis, keepdims=True) ** (1 / order)
    return x / maximum(norm, epsilon)
