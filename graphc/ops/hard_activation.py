"""`keras.ops`: activation functions that are straight lines, or parabolas, in pieces."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.ir.tensor import Tensor
from graphc.ops.activation import relu6
from graphc.ops.arithmetic import absolute, maximum, minimum, where
from graphc.ops.convert import TensorLike, as_float, as_tensor


@op()
def hard_sigmoid(x: TensorLike) -> Tensor:
    """0 up to -3, 1 from 3 on, and x / 6 + 0.5 between."""
    return relu6(as_float(x) + 3) / 6


@op("hard_swish")
def hard_silu(x: TensorLike) -> Tensor:
    """x * hard_sigmoid(x) (https://arxiv.org/abs/1905.02244)."""
    x = as_float(x)
    return x * hard_sigmoid(x)


@op()
def hard_tanh(x: TensorLike) -> Tensor:
    """x kept between -1 and 1."""
    return minimum(maximum(as_tensor(x), -1), 1)


@op()
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x where it is further than the threshold from 0, else 0."""
    x = as_float(x)
    return where(absolute(x) > threshold, x, 0)


@op()
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x moved by the threshold towards 0, and no further."""
    x = as_float(x)
    return where(x > threshold, x - threshold, where(x < -threshold, x + threshold, 0))


@op()
def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """x where it is above the threshold, else the default."""
    return where(as_tensor(x) > threshold, x, default_value)


@op()
def sparse_plus(x: TensorLike) -> Tensor:
    """0 up to -1, x from 1 on, and (x + 1)² / 4 between (https://arxiv.org/abs/2006.07922)."""
    x = as_float(x)
    between = (x + 1) * (x + 1) * 0.25
    return where(x <= -1, 0, where(x >= 1, x, between))


@op()
def sparse_sigmoid(x: TensorLike) -> Tensor:
    """0 up to -1, 1 from 1 on, and (x + 1) / 2 between."""
    return minimum(maximum(as_float(x) + 1, 0), 2) * 0.5
