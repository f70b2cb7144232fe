"""Preprocessing layers in a row."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import Each, OneOf, OnlyNone, Optional, Text
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import BAD_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.wrapper import IsLayer, inner_fault


class Pipeline(Layer):
    """Apply layers one after the other, as one layer."""

    category = "preprocessing"
    trains_by_default = True
    layers: Any = Arg(Each(IsLayer()))
    # Without annotations: to mypy, they come first, where Layer declares them.
    name = Arg(Optional(Text()), default=None)
    # Keras' Pipeline takes none of these: each of its layers has its own.
    dtype = Arg(OnlyNone("its layers have their own"), default=None, kw_only=True)
    trainable = Arg(OneOf((True,)), default=True, kw_only=True)
    activity_regularizer = Arg(OnlyNone("its layers have their own"), default=None, kw_only=True)

    input_dtype = "any"

    def validate(self) -> None:
        """Check that there is a layer."""
        if not self.layers:
            raise Fault(
                BAD_ARGUMENT, "needs a layer or more in `layers`, got []", arguments=("layers",)
            )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Shapes are those of the layers."""
        outputs = inputs
        for layer in self.layers:
            try:
                outputs = scope.apply(layer, outputs)
            except Fault as fault:
                raise inner_fault(fault, f"gives {outputs.type} to its {layer.subject}") from None
        return outputs
