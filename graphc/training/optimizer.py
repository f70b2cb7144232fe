"""The base of optimizers: common arguments, and how much they remember."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeAlias

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import Flag, Integer, Positive, Text
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import power
from graphc.ops.convert import as_tensor
from graphc.record import Record
from graphc.training.rates import SHARE, STRENGTH, Fraction, Rate

Shape: TypeAlias = tuple[int, ...]
Tensors: TypeAlias = tuple[Tensor, ...]
Updated: TypeAlias = tuple[Tensor, Tensors]
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_LIMIT = Fraction(0, open_low=True).or_none()


class At(Record):
    """When a step is taken, and how long it is to be: scalars in the weight's dtype."""

    rate: Tensor
    step: Tensor
    """1 at the first step."""
    counters: Tensors = ()
    """What an optimizer remembers once, besides."""
    is_scheduled: bool = False

    def power(self, base: float) -> Tensor:
        """A number to the power of the step."""
        return power(as_tensor(base, self.step.dtype), self.step)


class AnyOptimizer(Definition, abstract=True):
    """The base of optimizers: how weights follow their gradients."""

    family = "optimizer"
    kind_text = "an optimizer"
    argument_order: ClassVar[tuple[str, ...] | None] = None

    @property
    def counters(self) -> tuple[Shape, ...]:
        """The shapes of what is remembered once, whatever the weights are."""
        raise NotImplementedError(type(self).__name__)

    def slots(self, shape: Shape, path: str = "") -> tuple[Shape, ...]:
        """The shapes of what is remembered of one weight; some optimizers go by its path."""
        raise NotImplementedError(type(self).__name__)

    def variables(self, weights: Iterable[tuple[str, Shape]]) -> tuple[Shape, ...]:
        """The shapes of all that is remembered, for trainable weights by path and shape."""
        kept = self.counters
        for path, shape in weights:
            kept += self.slots(shape, path)
        return kept


class Optimizer(AnyOptimizer, abstract=True):
    """An optimizer with the arguments that nearly all have."""

    # Without annotations: to mypy, a base's arguments come first.
    learning_rate = Arg(Rate(), default=0.001)
    weight_decay = Arg(STRENGTH.or_none(), default=None)
    clipnorm = Arg(_LIMIT, default=None)
    clipvalue = Arg(_LIMIT, default=None)
    global_clipnorm = Arg(_LIMIT, default=None)
    use_ema = Arg(Flag(), default=False)
    ema_momentum = Arg(SHARE, default=0.99)
    ema_overwrite_frequency = Arg(Positive().or_none(), default=None)
    loss_scale_factor = Arg(_LIMIT, default=None)
    gradient_accumulation_steps = Arg(Integer(2).or_none(), default=None)
    name = Arg(Text().or_none(), default=None)

    def validate(self) -> None:
        """Gradients are clipped in one way at most."""
        given = [name for name in _CLIPS if getattr(self, name) is not None]
        if len(given) > 1:
            listed = " and ".join(f"`{name}`" for name in given)
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs one of `clipnorm`, `clipvalue` and `global_clipnorm` at most, got {listed}",
                arguments=tuple(given),
            )

    def slots(self, shape: Shape, path: str = "") -> tuple[Shape, ...]:
        """A moving average, a sum of gradients, then what this kind of optimizer has."""
        common: int = self.use_ema + (self.gradient_accumulation_steps is not None)
        return (shape,) * common + self.own_slots(shape, path)

    def own_slots(self, shape: Shape, path: str) -> tuple[Shape, ...]:
        """Those of them that this kind of optimizer has."""
        raise NotImplementedError(type(self).__name__)

    def start(self, weight: Any, slot: int) -> Any:
        """What one of its own slots begins with, as an array or a number."""
        return 0.0

    def decay_of(self, shape: Shape, path: str) -> float | None:
        """How much a weight is made smaller at each step, times the learning rate."""
        decay: float | None = self.weight_decay
        return decay

    def advance(self, counters: Tensors, at: At) -> Tensors:
        """Its own counters after a step: it is taken before the weights are updated."""
        return counters

    def update(self, weight: Tensor, g: Tensor, slots: Tensors, at: At) -> Updated:
        """The weight and its own slots after a step, given its gradient."""
        raise NotImplementedError(type(self).__name__)

    @property
    def counters(self) -> tuple[Shape, ...]:
        """The step, and the learning rate unless it follows a schedule."""
        is_scheduled = isinstance(self.learning_rate, Definition)
        return (((),) if is_scheduled else ((), ())) + self.own_counters

    @property
    def own_counters(self) -> tuple[Shape, ...]:
        """The shapes of those behind the step and the rate; they begin with 1."""
        return ()


OPTIMIZER = named("optimizer", ignore_case=True)
"""The rule for `optimizer=`."""
