"""Steps of training and of evaluation, each as one program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from graphc.analysis.weight_keys import keyed_weights
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.arithmetic import logical_and
from graphc.ops.comparison import isfinite
from graphc.ops.convert import as_tensor, cast
from graphc.ops.reduction import all_
from graphc.passes.differentiate import gradients
from graphc.passes.phases import phases
from graphc.passes.pool import pool
from graphc.record import Record
from graphc.runtime.lower import Lowered, lower
from graphc.runtime.penalty import penalty
from graphc.runtime.train.goals import Goal, loss_of, weighted
from graphc.runtime.train.program import Place, Program
from graphc.training.optimize import Phase, Trained, learning_rate, optimize
from graphc.training.optimizer import AnyOptimizer, Optimizer
from graphc.training.optimizers import LossScaleOptimizer

LOSS: Place = ("loss",)
RATE: Place = ("rate",)
STEPS: Place = ("steps",)
SCALE: Place = ("scale",)
IS_FINITE: Place = ("is_finite",)


class BatchTypes(Record):
    """The types of a batch: of inputs by their names, of targets and weights by outputs' names."""

    inputs: tuple[tuple[str, TensorType], ...]
    targets: tuple[tuple[str, TensorType], ...]
    weights: tuple[tuple[str, TensorType], ...]

    @property
    def size(self) -> int:
        """The number of examples."""
        size = self.inputs[0][1].shape[0]
        assert isinstance(size, int)
        return size


class _Parts:
    """The parameters and results of a program, while it is put together."""

    def __init__(self) -> None:
        self.parameters: list[tuple[Place, Tensor]] = []
        self.results: dict[Place, Tensor] = {}

    def leaf(self, place: Place, type: TensorType) -> Tensor:
        """A parameter."""
        tensor = Tensor(TensorType(type.shape, type.dtype))
        self.parameters.append((place, tensor))
        return tensor


def inner(optimizer: AnyOptimizer) -> Optimizer:
    """The optimizer that moves the weights."""
    if isinstance(optimizer, LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    assert isinstance(optimizer, Optimizer)
    return optimizer


def training_step(
    model: ModelGraph,
    goals: Sequence[Goal],
    optimizer: AnyOptimizer,
    types: BatchTypes,
    phase: Phase,
    seed: int,
) -> Program:
    """A step on such batches: the loss, metrics, and weights that are changed without gradients.

    Behind them it puts the weights that gradients change, and what the optimizer remembers.
    """
    parts = _Parts()
    lowered = _lowered(model, types, parts, training=True)
    loss = _measure(model, lowered, goals, types, parts)
    for key, tensor in lowered.updates.items():
        parts.results["weight", key] = tensor
    factor: Any = inner(optimizer).loss_scale_factor
    if isinstance(optimizer, LossScaleOptimizer):
        factor = parts.leaf(SCALE, TensorType((), "float32"))
    scaled = loss if factor is None else loss * factor
    trainable = {key for key, weight in keyed_weights(model).items() if weight.is_trainable}
    sources = [(key, tensor) for key, tensor in lowered.weights if key in trainable]
    kept = list(parts.results)
    given = [tensor for (group, *_), tensor in parts.parameters if group != "weight"]
    # The gradients of what goes over fewer pixels do, too.
    fewer = pool([scaled, *(parts.results[place] for place in kept)])
    scaled, *results = phases(fewer, given)
    made, slopes = gradients(scaled, [tensor for _, tensor in sources], results)
    parts.results = dict(zip(kept, made[1:], strict=True))
    weights: dict[str, Tensor] = {}
    totals: dict[str, Tensor] = {}
    for (key, tensor), slope in zip(sources, slopes, strict=True):
        weights.setdefault(key, tensor)
        totals[key] = totals[key] + slope if key in totals else slope
    if isinstance(optimizer, LossScaleOptimizer):
        parts.results[IS_FINITE] = reduce(logical_and, map(all_, map(isfinite, totals.values())))
        totals = {key: slope / cast(factor, slope.dtype) for key, slope in totals.items()}
    puts = _update(model, inner(optimizer), weights, totals, phase, parts)
    return Program(parts.parameters, parts.results, seed, puts, is_held=True)


def evaluation_step(
    model: ModelGraph, goals: Sequence[Goal], types: BatchTypes, seed: int
) -> Program:
    """Metrics and the loss after a batch."""
    parts = _Parts()
    _measure(model, _lowered(model, types, parts, training=False), goals, types, parts)
    return Program(parts.parameters, parts.results, seed, is_held=True)


def _lowered(model: ModelGraph, types: BatchTypes, parts: _Parts, *, training: bool) -> Lowered:
    lowered = lower(model, dict(types.inputs), training=training)
    parts.parameters += [(("input", name), tensor) for name, tensor in lowered.inputs.items()]
    parts.parameters += [(("weight", key), tensor) for key, tensor in lowered.weights]
    return lowered


def _measure(
    model: ModelGraph,
    lowered: Lowered,
    goals: Sequence[Goal],
    types: BatchTypes,
    parts: _Parts,
) -> Tensor:
    """The loss; results for it, for each output's part in it, and for the metrics."""
    targets: Mapping[str, TensorType] = dict(types.targets)
    weights: Mapping[str, TensorType] = dict(types.weights)
    losses: list[Tensor] = []
    for goal in goals:
        if not goal.needs_target:
            continue
        output = lowered.outputs[goal.output]
        target = parts.leaf(("target", goal.output), targets[goal.output])
        given = weights.get(goal.output)
        weight = None if given is None else parts.leaf(("sample_weight", goal.output), given)
        if goal.loss is not None:
            own = loss_of(goal, target, output, weight)
            parts.results["output_loss", goal.output] = own
            losses.append(weighted(goal, own))
        for measured in goal.metrics:
            metric = measured.metric
            states = tuple(
                parts.leaf(("metric", measured.name, str(place)), type)
                for place, type in enumerate(metric.state_types(output.type))
            )
            after = metric.update(states, target, output, weight if measured.is_weighted else None)
            for place, state in enumerate(after):
                parts.results["metric", measured.name, str(place)] = state
    added = penalty(model, lowered)
    if added is not None:
        losses.append(cast(added, "float32"))
    loss = reduce(add, losses) if losses else as_tensor(0.0, "float32")
    parts.results[LOSS] = loss
    return loss


def _update(
    model: ModelGraph,
    optimizer: Optimizer,
    weights: Mapping[str, Tensor],
    slopes: Mapping[str, Tensor],
    phase: Phase,
    parts: _Parts,
) -> dict[Place, Tensor]:
    """The weights that gradients change, and what the optimizer remembers."""
    owned = keyed_weights(model)
    trained = [
        Trained(
            key,
            weight,
            slopes[key],
            tuple(
                parts.leaf(("slot", key, str(place)), TensorType(shape, weight.dtype))
                for place, shape in enumerate(optimizer.slots(owned[key].spec.shape, key))
            ),
            owned[key].spec.constraint,
        )
        for key, weight in weights.items()
    ]
    steps = parts.leaf(STEPS, TensorType((), "int32"))
    rate = learning_rate(optimizer, parts.leaf(RATE, TensorType((), "float32")), steps)
    counters = tuple(
        parts.leaf(("counter", str(place)), TensorType(shape, "float32"))
        for place, shape in enumerate(optimizer.own_counters)
    )
    after, counters = optimize(optimizer, trained, rate, steps, counters, phase)
    puts: dict[Place, Tensor] = {}
    for each, (weight, slots) in zip(trained, after, strict=True):
        puts["weight", each.path] = weight
        for place, slot in enumerate(slots):
            puts["slot", each.path, str(place)] = slot
    for place, counter in enumerate(counters):
        puts["counter", str(place)] = counter
    return puts
