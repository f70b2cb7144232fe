"""Adam and its kin: `keras.optimizers`.

In the formulas g is the gradient of a weight w, r the learning rate, m the mean of gradients and
v the mean of their squares.
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, NonNegative
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, logical_and, maximum, minimum, power, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.elementary import sqrt
from graphc.ops.reduction import sum_
from graphc.training.optimizer import At, Optimizer, Shape, Tensors, Updated
from graphc.training.rates import BETA, EPSILON, STRENGTH, Rate


class _Moments(Optimizer, abstract=True):
    """An optimizer that remembers two moments of each weight's gradient."""

    argument_order: ClassVar[tuple[str, ...] | None] = (
        "learning_rate",
        "beta_1",
        "beta_2",
        "epsilon",
    )
    beta_1 = Arg(BETA, default=0.9)
    beta_2 = Arg(BETA, default=0.999)
    epsilon = Arg(EPSILON, default=1e-07)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean, and the mean square or the norm."""
        return (shape, shape)

    def moments(self, g: Tensor, m: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """The means of gradients and of their squares."""
        return m + (g - m) * (1 - self.beta_1), v + (g * g - v) * (1 - self.beta_2)


class Adam(_Moments):
    """w - r * m / (sqrt(v) + epsilon), both corrected for their start (Kingma and Ba, 2014)."""

    argument_order: ClassVar[tuple[str, ...] | None] = (
        "learning_rate",
        "beta_1",
        "beta_2",
        "epsilon",
        "amsgrad",
    )
    amsgrad: bool = Arg(Flag(), default=False)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean, the mean square, and with `amsgrad` the largest of these."""
        return (shape,) * (2 + self.amsgrad)

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        m, v = self.moments(g, *slots[:2])
        rate = at.rate * sqrt(1 - at.power(self.beta_2)) / (1 - at.power(self.beta_1))
        if not self.amsgrad:
            return weight - m * rate / (sqrt(v) + self.epsilon), (m, v)
        largest = maximum(slots[2], v)
        return weight - m * rate / (sqrt(largest) + self.epsilon), (m, v, largest)


class AdamW(Adam):
    """Adam with weights that decay by themselves (Loshchilov and Hutter, 2017)."""

    aliases = ("adamw",)
    argument_order: ClassVar[tuple[str, ...] | None] = (
        "learning_rate",
        "weight_decay",
        "beta_1",
        "beta_2",
        "epsilon",
        "amsgrad",
    )
    weight_decay: float = Arg(STRENGTH, default=0.004)


class Adamax(_Moments):
    """Adam with the largest gradient instead of the mean square (Kingma and Ba, 2014)."""

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        m, u = slots
        m = m + (g - m) * (1 - self.beta_1)
        u = maximum(u * self.beta_2, absolute(g))
        return weight - m * at.rate / ((1 - at.power(self.beta_1)) * (u + self.epsilon)), (m, u)


class Nadam(_Moments):
    """Adam with Nesterov's momentum (Dozat, 2016)."""

    @property
    def own_counters(self) -> tuple[Shape, ...]:
        """The product of the momentum's factors so far."""
        return ((),)

    def factor(self, step: Tensor) -> Tensor:
        """The momentum's factor at a step, which comes up to `beta_1`."""
        factor: Tensor = (1 - power(as_tensor(0.96, step.dtype), step) * 0.5) * self.beta_1
        return factor

    def advance(self, counters: Tensors, at: At) -> Tensors:
        """The product, with this step's factor: before the weights are updated."""
        return (counters[0] * cast(self.factor(at.step), counters[0].dtype),)

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        m, v = self.moments(g, *slots)
        now, then = self.factor(at.step), self.factor(at.step + 1)
        product = cast(at.counters[0], weight.dtype)
        ahead = m * then / (1 - product * then) + g * (1 - now) / (1 - product)
        size = sqrt(v / (1 - at.power(self.beta_2))) + self.epsilon
        return weight - ahead * at.rate / size, (m, v)


class Lamb(_Moments):
    """Adam with steps as long as the weights, layer by layer (You et al., 2019)."""

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        m, v = self.moments(g, *slots)
        size = sqrt(v / (1 - at.power(self.beta_2))) + self.epsilon
        step = m / (1 - at.power(self.beta_1)) / size
        long, short = sqrt(sum_(weight * weight)), sqrt(sum_(step * step))
        is_known = logical_and(long > 0, short > 0)
        ratio = where(is_known, long / where(is_known, short, 1), 1)
        return weight - ratio * at.rate * step, (m, v)


class ScheduleFreeAdamW(_Moments):
    """AdamW with an average of the weights instead of a schedule (Defazio et al., 2024)."""

    aliases = ("schedulefreeadamw",)
    argument_order: ClassVar[tuple[str, ...] | None] = (
        "learning_rate",
        "beta_1",
        "beta_2",
        "epsilon",
        "warmup_steps",
    )
    learning_rate: Any = Arg(Rate(), default=0.0025)
    epsilon: float = Arg(EPSILON, default=1e-08)
    warmup_steps: int = Arg(NonNegative(), default=0)

    def start(self, weight: Any, slot: int) -> Any:
        """The iterates begin where the weights are."""
        return weight if slot == 0 else 0.0

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        z, v = slots
        rate = at.rate
        if self.warmup_steps:
            rate = rate * minimum(at.step / self.warmup_steps, 1)
        v = v + (g * g - v) * (1 - self.beta_2)
        average = (weight - z * (1 - self.beta_1)) / self.beta_1
        z = z - rate * g / (sqrt(v / (1 - at.power(self.beta_2))) + self.epsilon)
        share = 1 / at.step
        average = average * (1 - share) + z * share
        return z * (1 - self.beta_1) + average * self.beta_1, (z, v)
