"""Layers that bring features to mean 0, variance 1 or length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import Each, Flag, Integer, Number
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.shapes import merge_dims, normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.ops import normalization as ops
from graphc.ops.convert import cast
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER, Ones
from graphc.training.regularizers import REGULARIZER

AXES = Each(Integer(), or_one=True)


class Affine(Layer, abstract=True):
    """The arguments of layers that scale and shift by feature what they have normalized."""

    category = "normalization"
    axis: Any = Arg(Integer(), default=-1)
    epsilon: float = Arg(Number(), default=1e-3)
    center: bool = Arg(Flag(), default=True)
    scale: bool = Arg(Flag(), default=True)
    beta_initializer: Any = Arg(INITIALIZER, default="zeros")
    gamma_initializer: Any = Arg(INITIALIZER, default="ones")
    beta_regularizer: Any = Arg(REGULARIZER, default=None)
    gamma_regularizer: Any = Arg(REGULARIZER, default=None)
    beta_constraint: Any = Arg(CONSTRAINT, default=None)
    gamma_constraint: Any = Arg(CONSTRAINT, default=None)

    supports_masking = True

    def factors(self, scope: Scope, shape: Shape) -> tuple[Tensor | None, Tensor | None]:
        """Make gamma and beta of a shape, each where the layer has it, in full precision."""
        gamma = scope.weight("gamma", shape, autocast=False) if self.scale else None
        beta = scope.weight("beta", shape, autocast=False) if self.center else None
        return gamma, beta


class LayerNormalization(Affine):
    """Normalize each example along axes by its own moments (Ba et al., arxiv.org/abs/1607.06450)."""

    axis: int | tuple[int, ...] = Arg(AXES, default=-1)
    # Deprecated in Keras, and not what RMSNormalization does.
    rms_scaling: bool = Arg(Flag(), default=False, kw_only=True)

    input_dtype = "any"

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """With one axis as a number, of which Keras makes a list."""
        return one_axis(self)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        axes = sorted_axes(self.axis)
        normalize_axes(axes, inputs.rank)
        shape = tuple(inputs.shape[axis] for axis in axes)
        gamma, beta = self._factors(scope, shape)
        outputs = ops.layer_normalization(
            inputs, gamma, beta, axes, self.epsilon, rms_scaling=self.rms_scaling
        )
        return cast(outputs, self.compute_dtype)

    def _factors(self, scope: Scope, shape: Shape) -> tuple[Tensor | None, Tensor | None]:
        if not self.rms_scaling:
            return self.factors(scope, shape)
        return scope.weight("gamma", shape, autocast=False), None


class RMSNormalization(Layer):
    """Divide by the root mean square along axes (Zhang and Sennrich, arxiv.org/abs/1910.07467)."""

    category = "normalization"
    axis: int | tuple[int, ...] = Arg(AXES, default=-1)
    epsilon: float = Arg(Number(), default=1e-6)

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """With one axis as a number, of which Keras makes a list."""
        return one_axis(self)

    def call(self, scope: Scope, x: Tensor) -> Tensor:
        """Any shape; the scale broadcasts from the last axis on."""
        axes = sorted_axes(self.axis)
        normalize_axes(axes, x.rank)
        shape = tuple(x.shape[axis] for axis in axes)
        scale = scope.weight("scale", shape, _ONES)
        self._check_scale(x, scale)
        result = ops.rms_normalization(cast(x, self.compute_dtype), scale, axes, self.epsilon)
        return cast(result, self.compute_dtype)

    def _check_scale(self, x: Tensor, scale: Tensor) -> None:
        """Refuse what Keras 3.15 cannot run: it never moves the scale to another axis."""
        last = x.shape[x.rank - scale.rank :]
        for dim, size in zip(last, scale.shape, strict=True):
            if size != 1 and merge_dims(dim, size) is None:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs `axis` to name the last axes, which its scale broadcasts to, "
                    f"got {self.axis} for {x.type}",
                    label=f"{size} is not {dim}",
                    help="transpose so that the axes come last",
                    arguments=("axis",),
                )


_ONES = Ones()


class UnitNormalization(Layer):
    """Divide by the length along axes."""

    category = "normalization"
    axis: int | tuple[int, ...] = Arg(AXES, default=-1)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        # The function makes a list of a single number, the layer in Keras does not.
        normalize_axes(self.axis, inputs.rank)
        x = cast(inputs, self.compute_dtype)
        return ops.normalize(x, axis=self.axis, order=2, epsilon=1e-12)


def sorted_axes(axis: int | tuple[int, ...]) -> tuple[int, ...]:
    """Give the axes in the order in which Keras keeps them, negative ones first."""
    return tuple(sorted(axis)) if isinstance(axis, tuple) else (axis,)


def one_axis(layer: Any) -> Layer:
    """A layer whose `axis` is a number, where it is a list of one."""
    made: Layer = layer
    if isinstance(layer.axis, tuple) and len(layer.axis) == 1:
        made = type(layer).from_values({**layer.all_values(), "axis": layer.axis[0]})
    return made
