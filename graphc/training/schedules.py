"""Learning rates that change with the step: `keras.optimizers.schedules`.

In the formulas s is the step and r the initial learning rate.
"""

from __future__ import annotations

from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, Positive, Text
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.training.rates import SHARE, Fraction

NAME = Text().or_none()
RATE = Fraction(0)
STEPS = Positive()


class Schedule(Definition, abstract=True):
    """The base of schedules."""

    family = "schedule"
    kind_text = "a schedule"
    argument_order: ClassVar[tuple[str, ...] | None] = None


class _Decay(Schedule, abstract=True):
    """A schedule that goes down from an initial learning rate."""

    # Without annotations here and below: to mypy, a base's arguments come first.
    initial_learning_rate = Arg(RATE)


class _ByRate(_Decay, abstract=True):
    """A schedule of so many steps for one factor; in whole factors with `staircase`."""

    decay_steps = Arg(STEPS)
    decay_rate = Arg(Number(0))
    staircase = Arg(Flag(), default=False)


class ExponentialDecay(_ByRate):
    """r * decay_rate^(s / decay_steps)."""

    name: str | None = Arg(NAME, default="ExponentialDecay")


class InverseTimeDecay(_ByRate):
    """r / (1 + decay_rate * s / decay_steps)."""

    name: str | None = Arg(NAME, default="InverseTimeDecay")


class PolynomialDecay(_Decay):
    """(r - end_learning_rate) * (1 - s / decay_steps)^power + end_learning_rate."""

    decay_steps: int = Arg(STEPS)
    end_learning_rate: float = Arg(RATE, default=0.0001)
    power: float = Arg(Number(), default=1.0)
    cycle: bool = Arg(Flag(), default=False)
    name: str | None = Arg(NAME, default="PolynomialDecay")


class CosineDecay(_Decay):
    """Half a cosine from r down to alpha * r (Loshchilov and Hutter, 2016), after a warmup."""

    decay_steps: int = Arg(STEPS)
    alpha: float = Arg(SHARE, default=0.0)
    name: str | None = Arg(NAME, default="CosineDecay")
    warmup_target: float | None = Arg(RATE.or_none(), default=None)
    warmup_steps: int = Arg(NonNegative(), default=0)


class CosineDecayRestarts(_Decay):
    """Half cosines again and again, each `t_mul` as long and `m_mul` as high as the last."""

    first_decay_steps: int = Arg(STEPS)
    t_mul: float = Arg(Number(0, open_low=True), default=2.0)
    m_mul: float = Arg(Number(0, open_low=True), default=1.0)
    alpha: float = Arg(SHARE, default=0.0)
    name: str | None = Arg(NAME, default="SGDRDecay")


class PiecewiseConstantDecay(Schedule):
    """One value up to each boundary, and one after the last."""

    argument_order = ("boundaries", "values")
    boundaries: tuple[int, ...] = Arg(Each(Integer(0)))
    values: tuple[float, ...] = Arg(Each(RATE))
    name: str | None = Arg(NAME, default="PiecewiseConstant")

    def validate(self) -> None:
        """One value more than there are boundaries, which go up."""
        if len(self.values) != len(self.boundaries) + 1:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs {len(self.boundaries) + 1} values for {len(self.boundaries)} boundaries, "
                f"got {len(self.values)}",
                arguments=("values", "boundaries"),
            )
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `boundaries` that go up, got {list(self.boundaries)}",
                arguments=("boundaries",),
            )
