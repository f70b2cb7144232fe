"""Optimizers: `keras.optimizers`, Adam and its kin apart.

In the formulas g is the gradient of a weight w, and r the learning rate.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import REJECTED, Each, Flag, Number, Positive, Rule, Text
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import maximum, minimum, power
from graphc.ops.convert import as_tensor
from graphc.ops.elementary import sqrt
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import mean, sum_
from graphc.ops.rounding import sign
from graphc.ops.shaping import expand_dims, transpose
from graphc.training.optimizer import (
    OPTIMIZER,
    AnyOptimizer,
    At,
    Optimizer,
    Shape,
    Tensors,
    Updated,
)
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

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        step = g * at.rate
        if not self.momentum:
            return weight - step, ()
        m = slots[0] * self.momentum - step
        return weight + (m * self.momentum - step if self.nesterov else m), (m,)


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

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        v, *rest = slots
        v = v * self.rho + g * g * (1 - self.rho)
        spread, means = v, []
        if self.centered:
            means = [rest[-1] * self.rho + g * (1 - self.rho)]
            spread = v - means[0] * means[0]
        step = g * at.rate / sqrt(spread + self.epsilon)
        if not self.momentum:
            return weight - step, (v, *means)
        m = rest[0] * self.momentum + step
        return weight - m, (v, m, *means)


class Adadelta(Optimizer):
    """Steps as large as the last ones, relative to their gradients (Zeiler, 2012)."""

    argument_order = ("learning_rate", "rho", "epsilon")
    rho: float = Arg(SHARE, default=0.95)
    epsilon: float = Arg(EPSILON, default=1e-07)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean squares of gradients and of steps."""
        return (shape, shape)

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        squares, steps = slots
        squares = squares * self.rho + g * g * (1 - self.rho)
        step = g * sqrt(steps + self.epsilon) / sqrt(squares + self.epsilon)
        steps = steps * self.rho + step * step * (1 - self.rho)
        return weight - step * at.rate, (squares, steps)


class Adagrad(Optimizer):
    """w - r * g / sqrt(sum of g²) (Duchi et al., 2011)."""

    argument_order = ("learning_rate", "initial_accumulator_value", "epsilon")
    initial_accumulator_value: float = Arg(STRENGTH, default=0.1)
    epsilon: float = Arg(EPSILON, default=1e-07)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The sum of squares."""
        return (shape,)

    def start(self, weight: Any, slot: int) -> Any:
        """The sum begins above 0."""
        return self.initial_accumulator_value

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        total = slots[0] + g * g
        return weight - g * at.rate / sqrt(total + self.epsilon), (total,)


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

    def start(self, weight: Any, slot: int) -> Any:
        """The sum begins above 0."""
        return self.initial_accumulator_value if slot == 0 else 0.0

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        total, linear = slots
        exponent, l1 = -self.learning_rate_power, self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2 * at.rate)
        after = total + g * g
        drift = (power(after, exponent) - power(total, exponent)) / at.rate
        pulled = g + weight * (2 * self.l2_shrinkage_regularization_strength)
        linear = linear + pulled - drift * weight
        bounded = minimum(maximum(linear, -l1), l1)
        return (bounded - linear) / (power(after, exponent) / at.rate + 2 * l2), (after, linear)


class Lion(Optimizer):
    """w - r * sign of a mean of g (Chen et al., 2023)."""

    argument_order = ("learning_rate", "beta_1", "beta_2")
    beta_1: float = Arg(Fraction(0, 1, open_low=True), default=0.9)
    beta_2: float = Arg(SHARE, default=0.99)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """The mean."""
        return (shape,)

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        (m,) = slots
        ahead = m * self.beta_1 + g * (1 - self.beta_1)
        return weight - at.rate * sign(ahead), (m * self.beta_2 + g * (1 - self.beta_2),)


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

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        rows, columns, v = slots
        limit = 1 / sqrt(at.step)
        rate = at.rate
        if self.relative_step and not at.is_scheduled:
            rate = minimum(rate, limit)
        length = maximum(_rms(weight), self.epsilon_2) * minimum(rate, limit)
        squares = g * g + self.epsilon_1
        keep = 1 - power(at.step, self.beta_2_decay)
        if weight.rank < 2:
            v = v * keep + squares * (1 - keep)
        else:
            rows = rows * keep + mean(squares, -1) * (1 - keep)
            columns = columns * keep + mean(squares, -2) * (1 - keep)
            share = rows / mean(rows, -1, keepdims=True)
            v = expand_dims(share, -1) * expand_dims(columns, -2)
        step = g / sqrt(v)
        step = step / maximum(_rms(step) / self.clip_threshold, 1)
        return weight - step * length, (rows, columns, v)


def _rms(x: Tensor) -> Tensor:
    return sqrt(mean(x * x))


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

    def decay_of(self, shape: Shape, path: str) -> float | None:
        """That of AdamW, or that of matrices."""
        return self.adam_weight_decay if self.uses_adam(shape, path) else self.weight_decay

    def uses_adam(self, shape: Shape, path: str) -> bool:
        """Whether a weight is no matrix, or one that is left to AdamW."""
        is_embedding = self.exclude_embeddings and "embedding" in path.lower()
        excluded = self.exclude_layers or ()
        return len(shape) != 2 or is_embedding or any(name in path for name in excluded)

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its slots after a step."""
        if len(slots) == 2:
            m, v = slots
            m = m + (g - m) * (1 - self.adam_beta_1)
            v = v + (g * g - v) * (1 - self.adam_beta_2)
            rate = at.rate * self.adam_lr_ratio * sqrt(1 - at.power(self.adam_beta_2))
            rate = rate / (1 - at.power(self.adam_beta_1))
            return weight - m * rate / (sqrt(v) + self.epsilon), (m, v)
        (m,) = slots
        m = m * self.momentum + g
        step = self._orthogonal(g + m * self.momentum if self.nesterov else m) * at.rate
        if self.rms_rate is not None:
            step = step * sqrt(as_tensor(max(weight.shape), weight.dtype)) * self.rms_rate
        return weight - step, (m,)

    def _orthogonal(self, x: Tensor) -> Tensor:
        """Newton and Schulz' iteration with a polynomial of degree 5, towards singular values of 1."""
        is_tall = x.shape[0] > x.shape[1]
        x = transpose(x) if is_tall else x
        x = x / (sqrt(sum_(x * x)) + 1e-7)
        for _ in range(self.ns_steps):
            square = matmul(x, transpose(x))
            x = x * self.muon_a + matmul(
                square * self.muon_b + matmul(square, square) * self.muon_c, x
            )
        return transpose(x) if is_tall else x


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
