"""What weights are brought back to after each step: `keras.constraints`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.rules import Each, Integer, Number
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.training.definitions import named


class Constraint(Definition, abstract=True):
    """The base of constraints."""

    family = "constraint"
    kind_text = "a constraint"


class MaxNorm(Constraint):
    """Norms along `axis` of at most `max_value`."""

    aliases = ("max_norm",)
    max_value: float = Arg(Number(0), default=2)
    axis: int = Arg(Each(Integer(), or_one=True), default=0)


class NonNeg(Constraint):
    """No negative weights."""

    aliases = ("non_neg",)


class UnitNorm(Constraint):
    """Norms along `axis` of exactly 1."""

    aliases = ("unit_norm",)
    axis: int = Arg(Each(Integer(), or_one=True), default=0)


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


CONSTRAINT = named("constraint").or_none()
"""The rule for `…_constraint=` arguments."""
