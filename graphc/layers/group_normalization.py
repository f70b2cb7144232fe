"""Normalization within groups of channels."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import REJECTED, Integer, Rule
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import promote
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import RSQRT
from graphc.ir.shapes import normalize_axis, replace_axis
from graphc.ir.tensor import Tensor
from graphc.layers.normalization import Affine
from graphc.ops.convert import cast
from graphc.ops.normalization import moments
from graphc.ops.shaping import to_shape


class GroupCount(Rule):
    """A positive whole number, or -1 for a group of each channel."""

    @property
    def sentence(self) -> str:
        return "a positive whole number, or -1 for one group per channel"

    def accept(self, value: Any) -> Any:
        count = Integer(-1).accept(value)
        return REJECTED if count == 0 else count

    @property
    def valid(self) -> tuple[Any, ...]:
        return (1, 2, -1)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (0, -2, 2.5)


class GroupNormalization(Affine):
    """Normalize each example by the moments of groups of its channels (arxiv.org/abs/1803.08494)."""

    groups: int = Arg(GroupCount(), default=32)
    axis: int = Arg(Integer(), default=-1)

    argument_order = ("groups", "axis")
    input_dtype = "any"

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[batch, ...], the channels along `axis`."""
        axis = normalize_axis(self.axis, inputs.rank)
        channels, groups = self._split(inputs, axis)
        gamma, beta = self.factors(scope, (channels,))
        grouped = replace_axis(inputs.shape, axis, groups, channels // groups)
        x = to_shape(cast(inputs, promote(inputs.dtype, "float32")), grouped)
        mean, variance = moments(x, tuple(a for a in range(1, x.rank) if a != axis), keepdims=True)
        spread = replace_axis((1,) * inputs.rank, axis, groups, channels // groups)
        factor = apply(RSQRT, variance + self.epsilon)
        if gamma is not None:
            factor = factor * to_shape(cast(gamma, x.dtype), spread)
        shift = -mean * factor
        if beta is not None:
            shift = shift + to_shape(cast(beta, x.dtype), spread)
        outputs = to_shape(cast(x * factor + shift, inputs.dtype), inputs.shape)
        return cast(outputs, self.compute_dtype)

    def _split(self, inputs: Tensor, axis: int) -> tuple[int, int]:
        """Give the number of channels and of groups, which divides it."""
        channels = inputs.shape[axis]
        if not isinstance(channels, int):
            raise Fault(
                UNKNOWN_SIZE,
                f"needs a known number of channels along axis {self.axis}, got {inputs.type}",
                inputs=("inputs",),
            )
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            divisors = [str(n) for n in range(1, channels + 1) if channels % n == 0]
            raise Fault(
                SHAPE_MISMATCH,
                f"needs channels that divide into {groups} groups, got {inputs.type}",
                label=f"{channels} is not a multiple of {groups}",
                help=f"{channels} divides into {', '.join(divisors[:12])} groups",
                arguments=("groups",),
                inputs=("inputs",),
            )
        return channels, groups
