"""What weights are brought back to after each step: `keras.constraints`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import Each, Integer, Number
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum
from graphc.ops.convert import Axes
from graphc.ops.elementary import sqrt, square
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import sum_
from graphc.ops.rounding import clip


class Constraint(Definition, abstract=True):
    """The base of constraints."""

    family = "constraint"
    kind_text = "a constraint"

    def project(self, weight: Tensor) -> Tensor:
        """What a step of training makes of a weight in the end."""
        raise NotImplementedError(type(self).__name__)


class MaxNorm(Constraint):
    """Norms along `axis` of at most `max_value`."""

    aliases = ("max_norm",)
    max_value: float = Arg(Number(0), default=2)
    axis: int = Arg(Each(Integer(), or_one=True), default=0)

    def project(self, weight: Tensor) -> Tensor:
        """Shortened where it is too long."""
        norms = _norms(weight, self.axis)
        return weight * (clip(norms, 0, self.max_value) / (EPSILON + norms))


class NonNeg(Constraint):
    """No negative weights."""

    aliases = ("non_neg",)

    def project(self, weight: Tensor) -> Tensor:
        """0 for negative elements."""
        return maximum(weight, 0)


class UnitNorm(Constraint):
    """Norms along `axis` of exactly 1."""

    aliases = ("unit_norm",)
    axis: int = Arg(Each(Integer(), or_one=True), default=0)

    def project(self, weight: Tensor) -> Tensor:
        """Divided by its norms."""
        return weight / (EPSILON + _norms(weight, self.axis))


class MinMaxNorm(Constraint):
    """Norms along `axis` between two values, approached at `rate`."""

    aliases = ("min_max_norm",)
    min_value: float = Arg(Number(0), default=0.0)
    max_value: float = Arg(Number(0), default=1.0)
    rate: float = Arg(Number(0, 1), default=1.0)
    axis: int = Arg(Each(Integer(), or_one=True), default=0)

    def validate(self) -> None:
        """The lower limit is the lower one."""
        if self.min_value > self.max_value:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `min_value` of at most `max_value`, got {self.min_value} "
                f"and {self.max_value}",
                arguments=("min_value", "max_value"),
            )

    def project(self, weight: Tensor) -> Tensor:
        """Norms that are a share of the way nearer to the limits that they are beyond."""
        norms = _norms(weight, self.axis)
        within = clip(norms, self.min_value, self.max_value)
        desired = self.rate * within + (1 - self.rate) * norms
        return weight * (desired / (EPSILON + norms))


def _norms(weight: Tensor, axis: Axes) -> Tensor:
    return sqrt(sum_(square(weight), axis, keepdims=True))


CONSTRAINT = named("constraint").or_none()
"""The rule for `…_constraint=` arguments."""
