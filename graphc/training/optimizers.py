"""Optimizers: `keras.optimizers`, Adam and its kin apart.

In the formulas g is the gradient of a weight w, and r the learning rate.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import REJECTED, Each, Flag, Number, Positive, Rule, Text
from graphc.training.optimizer import OPTIMIZER, AnyOptimizer, Optimizer, Shape
from graphc.training.rates import BETA, EPSILON, SHARE, STRENGTH, Fraction, Rate


class SGD(Optimizer):
    """w - r * g, or with momentum m: w - r * g + momentum * m (Sutskever et al., 2013)."""

    aliases = ("sgd",)
    argument_order = ("learning_rate", "momentum", "nesterov")
    learning_rate: Any = Arg(Rate(), default=0.01)
    momentum: float = Arg(SHARE, default=0.0)
    nesterov: bool = Arg(Flag(), default=False)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The momentum, if there is any."""
        return (shape,) if self.momentum else ()


class RMSprop(Optimizer):
    """w - r * g / sqrt(mean of g²) (Hinton, 2012)."""

    aliases = ("rmsprop",)
    argument_order = ("learning_rate", "rho", "momentum", "epsilon", "centered")
    rho: float = Arg(SHARE, default=0.9)
    momentum: float = Arg(SHARE, default=0.0)
    epsilon: float = Arg(EPSILON, default=1e-07)
    centered: bool = Arg(Flag(), default=False)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean square, the momentum if there is any, the mean if squares are centered."""
        return (shape,) * (1 + (self.momentum > 0) + self.centered)


class Adadelta(Optimizer):
    """Steps as large as the last ones, relative to their gradients (Zeiler, 2012)."""

    argument_order = ("learning_rate", "rho", "epsilon")
    rho: float = Arg(SHARE, default=0.95)
    epsilon: float = Arg(EPSILON, default=1e-07)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean squares of gradients and of steps."""
        return (shape, shape)


class Adagrad(Optimizer):
    """w - r * g / sqrt(sum of g²) (Duchi et al., 2011)."""

    argument_order = ("learning_rate", "initial_accumulator_value", "epsilon")
    initial_accumulator_value: float = Arg(STRENGTH, default=0.1)
    epsilon: float = Arg(EPSILON, default=1e-07)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The sum of squares."""
        return (shape,)


class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan et al., 2013)."""

    argument_order = (
        *("learning_rate", "learning_rate_power", "initial_accumulator_value"),
        *("l1_regularization_strength", "l2_regularization_strength"),
        *("l2_shrinkage_regularization_strength", "beta"),
    )
    learning_rate_power: float = Arg(Number(None, 0), default=-0.5)
    initial_accumulator_value: float = Arg(STRENGTH, default=0.1)
    l1_regularization_strength: float = Arg(STRENGTH, default=0.0)
    l2_regularization_strength: float = Arg(STRENGTH, default=0.0)
    l2_shrinkage_regularization_strength: float = Arg(STRENGTH, default=0.0)
    beta: float = Arg(STRENGTH, default=0.0)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The sum of squares, and the linear part."""
        return (shape, shape)


class Lion(Optimizer):
    """w - r * sign of a mean of g (Chen et al., 2023)."""

    argument_order = ("learning_rate", "beta_1", "beta_2")
    beta_1: float = Arg(Fraction(0, 1, open_low=True), default=0.9)
    beta_2: float = Arg(SHARE, default=0.99)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean."""
        return (shape,)


class Adafactor(Optimizer):
    """Adam that remembers rows and columns instead of matrices (Shazeer and Stern, 2018)."""

    argument_order = (
        *("learning_rate", "beta_2_decay", "epsilon_1", "epsilon_2"),
        *("clip_threshold", "relative_step"),
    )
    beta_2_decay: float = Arg(Number(None, 0), default=-0.8)
    epsilon_1: float = Arg(EPSILON, default=1e-30)
    epsilon_2: float = Arg(EPSILON, default=0.001)
    clip_threshold: float = Arg(Fraction(0, open_low=True), default=1.0)
    relative_step: bool = Arg(Flag(), default=True)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """Mean squares of rows and of columns; Keras keeps those of the whole besides."""
        if len(shape) < 2:
            return ((), (), shape)
        return (shape[:-1], (*shape[:-2], shape[-1]), shape)


class PlainText(Text):
    """A part of a path. Keras takes patterns, which could keep the checker busy for ever."""

    @property
    def sentence(self) -> str:
        return "a part of a weight's path, without the special characters of patterns"

    def accept(self, value: Any) -> Any:
        is_plain = isinstance(value, str) and not set(value) & set("\\^$*+?{}[]|()")
        return value if is_plain else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return ("dense", "block_1/dense_2")

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("(a+)+$", 3)


class Muon(Optimizer):
    """Steps that are orthogonal matrices (Jordan et al., 2024); AdamW for all but matrices."""

    argument_order = (
        *("learning_rate", "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon"),
        *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum"),
        *("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", "name"),
        *("exclude_layers", "exclude_embeddings", "muon_a", "muon_b", "muon_c", "adam_lr_ratio"),
        *("momentum", "ns_steps", "nesterov", "rms_rate"),
    )
    adam_beta_1: float = Arg(BETA, default=0.9)
    adam_beta_2: float = Arg(BETA, default=0.999)
    adam_weight_decay: float | None = Arg(STRENGTH.or_none(), default=0.004)
    epsilon: float = Arg(EPSILON, default=1e-07)
    weight_decay: float | None = Arg(STRENGTH.or_none(), default=0.004)
    exclude_layers: tuple[str, ...] | None = Arg(Each(PlainText()).or_none(), default=None)
    exclude_embeddings: bool = Arg(Flag(), default=True)
    muon_a: float = Arg(Number(), default=3.4445)
    muon_b: float = Arg(Number(), default=-4.775)
    muon_c: float = Arg(Number(), default=2.0315)
    adam_lr_ratio: float = Arg(Number(0), default=1)
    momentum: float = Arg(SHARE, default=0.95)
    ns_steps: int = Arg(Positive(), default=5)
    nesterov: bool = Arg(Flag(), default=True)
    rms_rate: float | None = Arg(Number(0).or_none(), default=0.2)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The momentum, and with AdamW the mean square."""
        return (shape, shape) if self.uses_adam(shape, path) else (shape,)

    def uses_adam(self, shape: Shape, path: str) -> bool:
        """Whether a weight is no matrix, or one that is left to AdamW."""
        is_embedding = self.exclude_embeddings and "embedding" in path.lower()
        excluded = self.exclude_layers or ()
        return len(shape) != 2 or is_embedding or any(name in path for name in excluded)


class _Inner(Rule):
    """An optimizer that scales no losses itself."""

    @property
    def sentence(self) -> str:
        return "another optimizer, such as Adam()"

    def accept(self, value: Any) -> Any:
        accepted = OPTIMIZER.accept(value)
        return REJECTED if isinstance(accepted, LossScaleOptimizer) else accepted

    def names(self) -> Any:
        return OPTIMIZER.names()

    @property
    def valid(self) -> tuple[Any, ...]:
        return (SGD(), RMSprop())

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("no_such_optimizer", None, 3)


class LossScaleOptimizer(AnyOptimizer):
    """Another optimizer, on losses scaled up so that half-precision gradients do not vanish."""

    aliases = ("lossscaleoptimizer",)
    inner_optimizer: AnyOptimizer = Arg(_Inner())
    initial_scale: float = Arg(Fraction(0, open_low=True), default=32768.0)
    dynamic_growth_steps: int = Arg(Positive(), default=2000)
    name: str | None = Arg(Text().or_none(), default=None)

    @property
    def counters(self) -> tuple[Shape, ...]:
        """A step and a rate that nobody uses, good steps in a row, the scale, the inner ones."""
        return (*((),) * 4, *self.inner_optimizer.counters)

    def slots(self, shape: Shape, path: str = "") -> tuple[Shape, ...]:
        """Those of the inner optimizer."""
        return self.inner_optimizer.slots(shape, path)
