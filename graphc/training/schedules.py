"""Learning rates that change with the step: `keras.optimizers.schedules`.

In the formulas s is the step and r the initial learning rate.
"""

from __future__ import annotations

import math
from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, Positive, Text
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum, minimum, power, where
from graphc.ops.convert import as_tensor
from graphc.ops.elementary import log
from graphc.ops.rounding import ceil, floor
from graphc.ops.trigonometry import cos
from graphc.training.rates import SHARE, Fraction

NAME = Text().or_none()
RATE = Fraction(0)
STEPS = Positive()


class Schedule(Definition, abstract=True):
    """The base of schedules."""

    family = "schedule"
    kind_text = "a schedule"
    argument_order: ClassVar[tuple[str, ...] | None] = None

    def rate(self, step: Tensor) -> Tensor:
        """The learning rate after so many steps, both float scalars."""
        raise NotImplementedError(type(self).__name__)


class _Decay(Schedule, abstract=True):
    """A schedule that goes down from an initial learning rate."""

    # Without annotations here and below: to mypy, a base's arguments come first.
    initial_learning_rate = Arg(RATE)


class _ByRate(_Decay, abstract=True):
    """A schedule of so many steps for one factor; in whole factors with `staircase`."""

    decay_steps = Arg(STEPS)
    decay_rate = Arg(Number(0))
    staircase = Arg(Flag(), default=False)

    def factors(self, step: Tensor) -> Tensor:
        """How many times the factor has come in."""
        share = step / self.decay_steps
        whole: Tensor = floor(share) if self.staircase else share
        return whole


class ExponentialDecay(_ByRate):
    """r * decay_rate^(s / decay_steps)."""

    name: str | None = Arg(NAME, default="ExponentialDecay")

    def rate(self, step: Tensor) -> Tensor:
        shrunk: Tensor = power(as_tensor(self.decay_rate, step.dtype), self.factors(step))
        rate: Tensor = shrunk * self.initial_learning_rate
        return rate


class InverseTimeDecay(_ByRate):
    """r / (1 + decay_rate * s / decay_steps)."""

    name: str | None = Arg(NAME, default="InverseTimeDecay")

    def rate(self, step: Tensor) -> Tensor:
        divisor = self.factors(step) * self.decay_rate + 1
        rate: Tensor = as_tensor(self.initial_learning_rate, step.dtype) / divisor
        return rate


class PolynomialDecay(_Decay):
    """(r - end_learning_rate) * (1 - s / decay_steps)^power + end_learning_rate."""

    decay_steps: int = Arg(STEPS)
    end_learning_rate: float = Arg(RATE, default=0.0001)
    power: float = Arg(Number(), default=1.0)
    cycle: bool = Arg(Flag(), default=False)
    name: str | None = Arg(NAME, default="PolynomialDecay")

    def rate(self, step: Tensor) -> Tensor:
        if self.cycle:
            cycles = where(step > 0, ceil(step / self.decay_steps), 1)
            share = step / (cycles * self.decay_steps)
        else:
            share = minimum(step, self.decay_steps) / self.decay_steps
        height = self.initial_learning_rate - self.end_learning_rate
        left: Tensor = power(1 - share, self.power)
        rate: Tensor = left * height + self.end_learning_rate
        return rate


class CosineDecay(_Decay):
    """Half a cosine from r down to alpha * r (Loshchilov and Hutter, 2016), after a warmup."""

    decay_steps: int = Arg(STEPS)
    alpha: float = Arg(SHARE, default=0.0)
    name: str | None = Arg(NAME, default="CosineDecay")
    warmup_target: float | None = Arg(RATE.or_none(), default=None)
    warmup_steps: int = Arg(NonNegative(), default=0)

    def rate(self, step: Tensor) -> Tensor:
        start = self.initial_learning_rate
        if self.warmup_target is None:
            rate: Tensor = _half_cosine(minimum(step / self.decay_steps, 1), self.alpha) * start
            return rate
        share = minimum(maximum(step - self.warmup_steps, 0) / self.decay_steps, 1)
        after = _half_cosine(share, self.alpha) * self.warmup_target
        if not self.warmup_steps:
            return after
        rise = (self.warmup_target - start) / self.warmup_steps
        return where(step < self.warmup_steps, step * rise + start, after)


class CosineDecayRestarts(_Decay):
    """Half cosines again and again, each `t_mul` as long and `m_mul` as high as the last."""

    first_decay_steps: int = Arg(STEPS)
    t_mul: float = Arg(Number(0, open_low=True), default=2.0)
    m_mul: float = Arg(Number(0, open_low=True), default=1.0)
    alpha: float = Arg(SHARE, default=0.0)
    name: str | None = Arg(NAME, default="SGDRDecay")

    def rate(self, step: Tensor) -> Tensor:
        share = step / self.first_decay_steps
        if self.t_mul == 1:
            restarts = floor(share)
            share = share - restarts
        else:
            # The cosines so far are a geometric series: 1 + t_mul + t_mul² + …
            grown = 1 - share * (1 - self.t_mul)
            restarts = floor(log(grown) / log(as_tensor(self.t_mul, step.dtype)))
            length = power(as_tensor(self.t_mul, step.dtype), restarts)
            share = (share - (1 - length) / (1 - self.t_mul)) / length
        height = power(as_tensor(self.m_mul, step.dtype), restarts)
        rate: Tensor = _half_cosine(share, self.alpha, height) * self.initial_learning_rate
        return rate


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

    def rate(self, step: Tensor) -> Tensor:
        result = as_tensor(self.values[-1], step.dtype)
        pairs = zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True)
        for boundary, value in pairs:
            result = where(step <= boundary, value, result)
        return result


def _half_cosine(share: Tensor, alpha: float, height: Tensor | float = 1.0) -> Tensor:
    """From `height` down to `alpha` as the share goes from 0 to 1."""
    wave = (cos(share * math.pi) + 1) * 0.5 * height
    return wave * (1 - alpha) + alpha
