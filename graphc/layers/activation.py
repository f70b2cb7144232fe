"""Activation functions as layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import Each, Integer, Number, Optional
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE, BAD_ARGUMENT, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.shapes import merge_dims, normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.activation import ACTIVATION, elu, leaky_relu, re_lu, relu
from graphc.ops.arithmetic import greater, where
from graphc.ops.convert import cast
from graphc.ops.softmax import softmax
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER


class Activation(Layer):
    """Apply an activation function."""

    category = "activation"
    activation: Any = Arg(ACTIVATION)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        return cast(scope.activate(self.activation, inputs), self.compute_dtype)


class ReLU(Layer):
    """Cut off what is negative, with a slope, a threshold and a ceiling if wanted."""

    category = "activation"
    max_value: float | None = Arg(Optional(Number(0)), default=None)
    negative_slope: float = Arg(Number(0), default=0.0)
    threshold: float = Arg(Number(0), default=0.0)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape: x from threshold to max_value, negative_slope * (x - threshold) below."""
        x = cast(inputs, self.compute_dtype)
        return re_lu(x, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """Scale what is negative by `negative_slope`."""

    category = "activation"
    negative_slope: float = Arg(Number(0), default=0.3)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        return leaky_relu(cast(inputs, self.compute_dtype), self.negative_slope)


class ELU(Layer):
    """Bend what is negative to alpha * (exp(x) - 1)."""

    category = "activation"
    alpha: float = Arg(Number(), default=1.0)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        return elu(cast(inputs, self.compute_dtype), self.alpha)


class PReLU(Layer):
    """Scale what is negative by learned slopes (He et al., 2015, arxiv.org/abs/1502.01852)."""

    category = "activation"
    alpha_initializer: Any = Arg(INITIALIZER, default="Zeros")
    alpha_regularizer: Any = Arg(REGULARIZER, default=None)
    alpha_constraint: Any = Arg(CONSTRAINT, default=None)
    shared_axes: Any = Arg(Optional(Each(Integer(1), or_one=True)), default=None)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[batch, ...], with a slope for each place of an example but along `shared_axes`."""
        shape = list(inputs.shape[1:])
        for axis in self._shared():
            if axis > len(shape):
                raise Fault(
                    AXIS_OUT_OF_RANGE,
                    f"needs `shared_axes` from 1 to {len(shape)}, got {axis}",
                    label=f"a rank-{inputs.rank} tensor",
                    arguments=("shared_axes",),
                )
            shape[axis - 1] = 1
        alpha = scope.weight("alpha", shape)
        x = cast(inputs, self.compute_dtype)
        return relu(x) - alpha * relu(-x)

    def _shared(self) -> tuple[int, ...]:
        axes = self.shared_axes
        if axes is None:
            return ()
        return axes if isinstance(axes, tuple) else (axes,)


class Softmax(Layer):
    """Turn scores into shares of 1 along axes, where a mask lets them count."""

    category = "activation"
    axis: int | tuple[int, ...] = Arg(Each(Integer(), or_one=True), default=-1)

    supports_masking = True

    def validate(self) -> None:
        """Check that there is an axis."""
        if self.axis == ():
            raise Fault(
                BAD_ARGUMENT, "needs an axis or more in `axis`, got []", arguments=("axis",)
            )

    def call(self, scope: Scope, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Any shape; the mask has the same, or 1 where it is the same for all."""
        return masked_softmax(cast(inputs, self.compute_dtype), mask, self.axis)


def masked_softmax(scores: Tensor, mask: Tensor | None, axis: int | tuple[int, ...]) -> Tensor:
    """Softmax over the places where the mask is true, and 0 at the others."""
    axes = normalize_axes(axis, scores.rank)
    if mask is None:
        return softmax(scores, axis=axes)
    check_mask(scores, mask)
    kept = mask if mask.dtype == "bool" else greater(mask, 0.5)
    least = -3e4 if scores.dtype == "float16" else -1e9
    return where(kept, softmax(where(kept, scores, least), axis=axes), 0.0)


def check_mask(scores: Tensor, mask: Tensor) -> None:
    """Raise `Fault` where a mask does not broadcast to the scores, or the other way round."""
    shape = scores.shape[scores.rank - mask.rank :]
    fits = mask.rank <= scores.rank and all(
        dim == 1 or merge_dims(dim, wanted) is not None
        for dim, wanted in zip(mask.shape, shape, strict=True)
    )
    if not fits:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a mask that broadcasts to {shape_text(scores.shape)}, got {mask.type}",
            inputs=("mask",),
        )
