"""What a train block wants of each output of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphc.diagnostics.diagnostic import Label
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.ops.convert import cast
from graphc.record import Record
from graphc.source import Span
from graphc.training.keys import TrainConfig
from graphc.training.loss import AutoCrossentropy, Loss
from graphc.training.metric import Metric
from graphc.training.reduce_loss import loss_value


class Measured(Record):
    """A metric of an output, by the name that it has in reports."""

    name: str
    metric: Metric
    is_weighted: bool
    span: Span | None = None
    """Where the source asks for it."""


class Goal(Record):
    """An output with what is computed of it."""

    output: str
    type: TensorType
    loss: Loss | None
    weight: float | None
    """What the loss is multiplied by."""
    metrics: tuple[Measured, ...]
    span: Span | None = None
    """Where the source has the loss."""

    @property
    def needs_target(self) -> bool:
        """Whether anything is compared with a target."""
        return self.loss is not None or bool(self.metrics)

    def loss_for(self, target: Shape) -> Loss | None:
        """The loss that targets of this shape are for: `crossentropy` goes by it."""
        if isinstance(self.loss, AutoCrossentropy):
            return self.loss.kind(target, self.type.shape)
        return self.loss

    def target_subject(self, loss: Loss | None) -> str:
        """What messages call the targets that are for this loss."""
        return f"the target of `{self.output}`" + (f", for {loss}," if loss else "")


def goals_of(model: ModelGraph, train: TrainConfig) -> list[Goal]:
    """The goals of all outputs, in their order."""
    names = [output.name for output in model.outputs]
    counts: Counter[str] = Counter()
    measured: dict[str, list[Measured]] = {name: [] for name in names}
    for key in ("metrics", "weighted_metrics"):
        is_weighted = key == "weighted_metrics"
        for place, metrics in enumerate(train.for_outputs(key, names)):
            output = names[place] if len(names) > 1 else None
            for number, metric in enumerate(metrics):
                name = _key(metric, output, counts, is_weighted)
                span = train.places.find(*train.path(key, names, place, number))
                measured[names[place]].append(Measured(name, metric, is_weighted, span))
    losses = train.for_outputs("loss", names)
    return [
        Goal(
            output.name,
            output.type,
            losses[place][0] if losses[place] else None,
            _weight(train.loss_weights, output.name, place),
            tuple(measured[output.name]),
            train.places.find(*train.path("loss", names, place, 0)),
        )
        for place, output in enumerate(model.outputs)
    ]


def at_fault(
    asked: Span | None, made: Span, output: TensorType
) -> tuple[Span, str, tuple[Label, ...]]:
    """The places of a fault of a loss or metric, where the source asks for it and makes its output.

    They are a span, what is said there, and where else to look.
    """
    label = f"this is {output}"
    return (made, label, ()) if asked is None else (asked, "", (Label(made, label),))


def _key(metric: Metric, output: str | None, counts: Counter[str], is_weighted: bool) -> str:
    """The name in reports, which Keras makes different from those before it."""
    own = metric.name or metric.own_name
    name = own if output is None else f"{output}_{own}"
    if counts[name] and is_weighted:
        name = f"weighted_{own}" if output is None else f"{output}_weighted_{own}"
    number = counts[name]
    counts[name] += 1
    return f"{name}_{number}" if number else name


def _weight(weights: Any, output: str, place: int) -> float | None:
    if isinstance(weights, Mapping):
        weights = weights.get(output)
    elif isinstance(weights, tuple):
        weights = weights[place]
    return None if weights is None else float(weights)


def loss_of(goal: Goal, target: Tensor, output: Tensor, weight: Tensor | None) -> Tensor:
    """An output's loss in float32, computed in the loss's own dtype, before the goal's weight."""
    assert goal.loss is not None
    wide = cast(output, goal.loss.dtype or "float32")
    wide.mask = output.mask
    return cast(loss_value(goal.loss, target, wide, weight), "float32")


def weighted(goal: Goal, loss: Tensor) -> Tensor:
    """What an output's loss adds to the whole."""
    return loss if goal.weight is None else loss * goal.weight
