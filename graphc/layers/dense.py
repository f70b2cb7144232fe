"""Densely connected layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.needs import Rank
from graphc.declare.rules import Flag, NonNegative, Number, OnlyNone, Optional, Positive
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.layers.kernel_arguments import KERNEL_AND_BIAS, KernelArguments
from graphc.layers.low_rank import adapted, check_adaptable
from graphc.ops.activation import ACTIVATION
from graphc.ops.linear_algebra import matmul

QUANTIZATION = OnlyNone("graphc has no quantized layers")


class Dense(KernelArguments):
    """Apply activation(inputs @ kernel + bias) along the last axis."""

    argument_order = (
        *("units", "activation", "use_bias", *KERNEL_AND_BIAS),
        *("lora_rank", "lora_alpha", "quantization_config"),
    )

    units: int = Arg(Positive())
    activation: Any = Arg(ACTIVATION, default=None)
    use_bias: bool = Arg(Flag(), default=True)
    lora_rank: int | None = Arg(Optional(NonNegative()), default=None, kw_only=True)
    lora_alpha: float | None = Arg(Optional(Number()), default=None, kw_only=True)
    quantization_config: None = Arg(QUANTIZATION, default=None, kw_only=True)

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
