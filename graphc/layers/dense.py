"""Densely connected layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Flag, Integer, Optional, Positive, Rule
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.ops.activation import ACTIVATION
from graphc.ops.linear_algebra import matmul
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER


class Dense(Layer):
    """Apply activation(inputs @ kernel + bias) along the last axis."""

    units: int = Arg(Positive())
    activation: Any = Arg(ACTIVATION, default=None)
    use_bias: bool = Arg(Flag(), default=True)
    kernel_initializer: Any = Arg(INITIALIZER, default="glorot_uniform")
    bias_initializer: Any = Arg(INITIALIZER, default="zeros")
    kernel_regularizer: Any = Arg(REGULARIZER, default=None)
    bias_regularizer: Any = Arg(REGULARIZER, default=None)
    activity_regularizer: Any = Arg(REGULARIZER, default=None)
    kernel_constraint: Any = Arg(CONSTRAINT, default=None)
    bias_constraint: Any = Arg(CONSTRAINT, default=None)
    lora_rank: int | None = Arg(Optional(Positive()), default=None)
    lora_alpha: float | None = Arg(Optional(Integer()), default=None)
    quantization_config: Any = Arg(Optional(Rule()), default=None)

    supports_masking = True
    needs = {"inputs": Rank(at_least=2)}

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[..., features] -> [..., units]."""
        kernel = scope.weight("kernel", (inputs.shape[-1], self.units))
        outputs = matmul(inputs, kernel)
        if self.use_bias:
            outputs = outputs + scope.weight("bias", (self.units,))
        return scope.activate(self.activation, outputs)
