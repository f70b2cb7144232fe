"""`keras.ops`: activation functions, and the registry that `activation=` arguments look in."""

from __future__ import annotations

from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op, op
from graphc.declare.rules import REJECTED, Named
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum
from graphc.ops.convert import TensorLike, as_float


@op()
def relu(x: TensorLike) -> Tensor:
    """max(x, 0)."""
    return maximum(x, 0)


@op()
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent of x."""
    return apply(rows.TANH, as_float(x))


@op()
def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x))."""
    return apply(rows.LOGISTIC, as_float(x))


@op()
def linear(x: TensorLike) -> Tensor:
    """x itself."""
    return as_float(x)


def activations() -> dict[str, Op]:
    """The functions that `activation=` knows by name, as `keras.activations` does."""
    return {name: OPS[name] for name in _ACTIVATIONS if name in OPS}


_ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh "
    "leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu swish "
    "soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh "
    "tanh_shrink threshold"
).split()


def _to_activation(value: Any) -> Any:
    if isinstance(value, str):
        return activations().get(value, REJECTED)
    return value if isinstance(value, (Op, Layer)) else REJECTED


ACTIVATION = Named("activation", activations, _to_activation).or_none()
"""The rule for `activation=`: a name, a tensor function, or a layer; None is linear."""
