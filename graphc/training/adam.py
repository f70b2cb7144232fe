"""Adam and its kin: `keras.optimizers`.

In the formulas g is the gradient of a weight w, r the learning rate, m the mean of gradients and
v the mean of their squares.
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, NonNegative
from graphc.training.optimizer import Optimizer, Shape
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


class Nadam(_Moments):
    """Adam with Nesterov's momentum (Dozat, 2016)."""

    @property
    def counters(self) -> tuple[Shape, ...]:
        """Besides, the product of the momentum's factors so far."""
        return (*super().counters, ())


class Lamb(_Moments):
    """Adam with steps as long as the weights, layer by layer (You et al., 2019)."""


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
