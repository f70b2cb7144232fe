"""Densely connected layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Flag, NonNegative, Number, OnlyNone, Optional, Positive
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.layers.low_rank import adapted, check_adaptable
from graphc.ops.activation import ACTIVATION
from graphc.ops.linear_algebra import matmul
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER

QUANTIZATION = OnlyNone("graphc has no quantized layers")


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
    lora_rank: int | None = Arg(Optional(NonNegative()), default=None)
    lora_alpha: float | None = Arg(Optional(Number()), default=None)
    quantization_config: None = Arg(QUANTIZATION, default=None)

    supports_masking = True
    needs = {"inputs": Rank(at_least=2)}

    def validate(self) -> None:
        """Check that what `lora_rank` adapts has no constraint."""
        check_adaptable(self, "kernel_constraint")

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[..., features] -> [..., units]."""
        kernel = scope.weight("kernel", (inputs.shape[-1], self.units))
        bias = scope.weight("bias", (self.units,)) if self.use_bias else None
        if self.lora_rank:
            # Keras drops `lora_alpha` here (3.15, Dense.build), so that the factor is 1.
            kernel = adapted(scope, "kernel", kernel, self.lora_rank, self.lora_rank)
        outputs = matmul(inputs, kernel)
        return scope.activate(self.activation, outputs if bias is None else outputs + bias)
