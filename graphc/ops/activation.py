"""`keras.ops`: activation functions, and the registry that `activation=` arguments look in."""

from __future__ import annotations

from functools import cache
from math import pi, sqrt
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op, op
from graphc.declare.registry import Chosen
from graphc.declare.rules import REJECTED, Named
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, greater, maximum, minimum, where
from graphc.ops.convert import TensorLike, as_float, as_tensor
from graphc.ops.joining import split


@op()
def relu(x: TensorLike) -> Tensor:
    """max(x, 0)."""
    return maximum(x, 0)


@op()
def relu6(x: TensorLike) -> Tensor:
    """min(max(x, 0), 6)."""
    return minimum(maximum(as_float(x), 0), 6)


@op()
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """x where it is positive, else negative_slope * x."""
    x = as_float(x)
    return where(x >= 0, x, x * negative_slope)


@op("keras.activations.relu", class_name="ReLU")
def re_lu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """x from threshold to max_value, negative_slope * (x - threshold) below."""
    x = as_tensor(x)
    if negative_slope and max_value is None and not threshold:
        return leaky_relu(x, negative_slope)
    rising = where(greater(x, threshold), x, 0) if threshold else relu(x)
    if max_value is not None:
        rising = minimum(maximum(rising, 0), max_value)
    if negative_slope:
        rising = rising - relu(threshold - x) * negative_slope
    return rising


@op()
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha * (exp(x) - 1) (https://arxiv.org/abs/1511.07289)."""
    x = as_float(x)
    return where(x > 0, x, apply(rows.EXPM1, _below(x)) * alpha)


def _below(x: Tensor) -> Tensor:
    """The minimum of x and 0, with a slope of 1 at 0."""
    return where(x > 0, 0, x)


# The fixed point of the mean and variance of a layer (https://arxiv.org/abs/1706.02515).
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@op()
def selu(x: TensorLike) -> Tensor:
    """A scaled elu that keeps mean 0 and variance 1 (https://arxiv.org/abs/1706.02515)."""
    return elu(x, SELU_ALPHA) * SELU_SCALE


@op()
def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """max(x, 0) + min(0, alpha * (exp(x / alpha) - 1)) (https://arxiv.org/abs/1704.07483)."""
    x = as_float(x)
    return where(x > 0, x, apply(rows.EXPM1, _below(x) / alpha) * alpha)


@op()
def gelu(x: TensorLike, approximate: bool = True) -> Tensor:
    """x times the normal distribution's share below x (https://arxiv.org/abs/1606.08415)."""
    x = as_float(x)
    if approximate:
        inner = (x + x * x * x * 0.044715) * sqrt(2 / pi)
        return x * (apply(rows.TANH, inner) + 1) * 0.5
    return x * (apply(rows.ERF, x * sqrt(0.5)) + 1) * 0.5


@op()
def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x))."""
    return apply(rows.LOGISTIC, as_float(x))


@op()
def log_sigmoid(x: TensorLike) -> Tensor:
    """log(sigmoid(x))."""
    return -softplus(-as_float(x))


@op("swish")
def silu(x: TensorLike) -> Tensor:
    """x * sigmoid(x) (https://arxiv.org/abs/1710.05941)."""
    x = as_float(x)
    return x * sigmoid(x)


@op()
def softplus(x: TensorLike) -> Tensor:
    """log(1 + exp(x)), without overflow."""
    x = as_float(x)
    # Not `absolute`: at 0 the slopes have to add up to a half, where that of relu is 0.
    return maximum(x, 0) + apply(rows.LOG1P, apply(rows.EXP, where(x > 0, -x, x)))


@op()
def softsign(x: TensorLike) -> Tensor:
    """x / (1 + |x|)."""
    x = as_float(x)
    return x / (absolute(x) + 1)


@op()
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent of x."""
    return apply(rows.TANH, as_float(x))


@op()
def tanh_shrink(x: TensorLike) -> Tensor:
    """x - tanh(x)."""
    x = as_float(x)
    return x - tanh(x)


@op()
def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """(x + sqrt(x² + b)) / 2 (https://arxiv.org/abs/2112.11687)."""
    x = as_float(x)
    return (x + apply(rows.SQRT, x * x + b)) * 0.5


@op()
def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """One half of x along an axis times the sigmoid of the other (arxiv.org/abs/1612.08083)."""
    x = as_float(x)
    place = normalize_axis(axis, x.rank)
    size = x.shape[place]
    if isinstance(size, int) and size % 2:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs an even size along axis {place}, got {x.type}",
            label=f"{size} is odd",
            arguments=("axis",),
        )
    half, gate = split(x, 2, place)
    return half * sigmoid(gate)


def mish(x: TensorLike) -> Tensor:
    """x * tanh(softplus(x)) (https://arxiv.org/abs/1908.08681)."""
    x = as_float(x)
    return x * tanh(softplus(x))


def linear(x: TensorLike) -> Tensor:
    """x itself."""
    return as_tensor(x)


def exponential(x: TensorLike) -> Tensor:
    """e to the power x."""
    return apply(rows.EXP, as_float(x))


def gelu_(x: TensorLike, approximate: bool = False) -> Tensor:
    """The gelu of `activation=`, which is exact unless told otherwise."""
    return gelu(x, approximate)


class Activations(Chosen[Op]):
    """The functions that `activation=` knows by name, as `keras.activations` does."""

    def __getitem__(self, name: str) -> Op:
        return _OWN.get(name) or super().__getitem__(name)


@cache
def activations() -> Activations:
    """The functions that `activation=` knows by name."""
    return Activations(OPS, _ACTIVATIONS)


_ACTIVATIONS = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "swish",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanh_shrink",
    "threshold",
]

# What `keras.activations` has that `keras.ops` has not, or not with these defaults.
_OWN = {made.name: made for made in (Op(f, "", None) for f in (exponential, gelu_, linear, mish))}


def _to_activation(value: Any) -> Any:
    if isinstance(value, str):
        return activations().get(value, REJECTED)
    if isinstance(value, Op):
        return _OWN.get(value.name, value)
    return value if isinstance(value, Layer) else REJECTED


ACTIVATION = Named("activation", activations, _to_activation).or_none()
"""The rule for `activation=`: a name, a tensor function, or a layer; None is linear."""
