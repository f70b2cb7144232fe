"""Layers that hand on their input, or what of it is not padding."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import Number
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import not_equal, where
from graphc.ops.convert import cast
from graphc.ops.reduction import any_
from graphc.ops.shaping import squeeze


class Identity(Layer):
    """Hand on the input."""

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        return inputs


class Masking(Layer):
    """Mask the steps whose features all equal `mask_value`, and make them 0."""

    mask_value: float = Arg(Number(), default=0.0)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[..., features] -> the same, with a mask of [...]."""
        is_kept = any_(not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = cast(where(is_kept, inputs, 0), self.compute_dtype)
        outputs.mask = squeeze(is_kept, axis=-1)
        return outputs
