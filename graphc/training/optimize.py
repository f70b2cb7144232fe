"""One step of an optimizer over all weights: what every kind of optimizer does around its update."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, maximum, minimum, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import filled
from graphc.ops.elementary import sqrt
from graphc.ops.reduction import sum_
from graphc.ops.rounding import clip
from graphc.record import Record, replace
from graphc.training.constraints import Constraint
from graphc.training.optimizer import At, Optimizer, Tensors
from graphc.training.schedules import Schedule


class Trained(Record):
    """A weight, its gradient, and what the optimizer remembers of it, in the order of its slots."""

    path: str
    weight: Tensor
    gradient: Tensor
    slots: Tensors
    constraint: Constraint | None = None

    __hash__ = object.__hash__


class Phase(Record):
    """What is known of a step before it is taken: each kind has a program of its own."""

    accumulates: bool = False
    """Whether gradients are added up, and weights are left alone."""
    averages: bool = False
    """Whether weights become their moving averages."""


def phase_of(optimizer: Optimizer, steps: int) -> Phase:
    """The phase of the step that is taken after so many."""
    every, overwrite = _every(optimizer), optimizer.ema_overwrite_frequency
    return Phase(
        accumulates=(steps + 1) % every != 0,
        averages=optimizer.use_ema
        and overwrite is not None
        and (steps // every + 1) % overwrite == 0,
    )


def _every(optimizer: Optimizer) -> int:
    """How many steps there are to each change of the weights."""
    return optimizer.gradient_accumulation_steps or 1


def learning_rate(optimizer: Optimizer, rate: Tensor, steps: Tensor) -> Tensor:
    """The rate after so many steps: what the schedule says if there is one, else the one given."""
    schedule = optimizer.learning_rate
    return schedule.rate(cast(steps, rate.dtype)) if isinstance(schedule, Schedule) else rate


def optimize(
    optimizer: Optimizer,
    trained: Sequence[Trained],
    rate: Tensor,
    steps: Tensor,
    counters: Tensors,
    phase: Phase,
) -> tuple[list[tuple[Tensor, Tensors]], Tensors]:
    """Each weight with its slots after a step, and the optimizer's own counters.

    `steps` have been taken before; gradients are of the loss times `loss_scale_factor`.
    """
    scale = optimizer.loss_scale_factor
    if scale is not None:
        trained = [replace(each, gradient=each.gradient / scale) for each in trained]
    if optimizer.gradient_accumulation_steps is not None:
        trained = [_added_up(optimizer, each, phase) for each in trained]
    # All but schedules count the changes of the weights.
    changes = steps if _every(optimizer) == 1 else steps // _every(optimizer)
    if not phase.accumulates:
        is_scheduled = isinstance(optimizer.learning_rate, Schedule)
        at = At(rate, cast(changes, "float32") + 1, counters, is_scheduled)
        counters = optimizer.advance(counters, at)
        at = replace(at, counters=counters)
        trained = [_updated(optimizer, each, at) for each in _clipped(optimizer, trained)]
    if optimizer.use_ema:
        trained = [_averaged(optimizer, each, changes, phase) for each in trained]
    trained = [_constrained(each) for each in trained]
    return [(each.weight, each.slots) for each in trained], counters


def _added_up(optimizer: Optimizer, each: Trained, phase: Phase) -> Trained:
    """The sum of gradients so far; the mean of all of them when the weight is to change."""
    place = int(optimizer.use_ema)
    total = each.gradient + each.slots[place]
    if phase.accumulates:
        return replace(each, slots=_with(each.slots, place, total))
    mean = total / optimizer.gradient_accumulation_steps
    none_yet = filled(total.shape, 0, total.dtype)
    return replace(each, gradient=mean, slots=_with(each.slots, place, none_yet))


def _clipped(optimizer: Optimizer, trained: Sequence[Trained]) -> Sequence[Trained]:
    norm, limit, value = optimizer.clipnorm, optimizer.global_clipnorm, optimizer.clipvalue
    if norm is not None:
        return [replace(each, gradient=_shortened(each.gradient, norm)) for each in trained]
    if value is not None:
        return [replace(each, gradient=clip(each.gradient, -value, value)) for each in trained]
    if limit is not None and trained:
        squares = [cast(sum_(each.gradient * each.gradient), "float32") for each in trained]
        length = sqrt(reduce(add, squares))
        # The difference is 0, or NaN where the length is not finite: then all gradients are.
        factor = minimum(1 / length, 1 / limit) * limit + (length - length)
        return [
            replace(each, gradient=each.gradient * cast(factor, each.gradient.dtype))
            for each in trained
        ]
    return trained


def _shortened(gradient: Tensor, norm: float) -> Tensor:
    """A gradient at most so long."""
    return gradient * norm / maximum(sqrt(sum_(gradient * gradient)), norm)


def _updated(optimizer: Optimizer, each: Trained, at: At) -> Trained:
    """Decayed, then moved along the gradient."""
    dtype = each.weight.dtype
    at = replace(at, rate=cast(at.rate, dtype), step=cast(at.step, dtype))
    weight = each.weight
    shape = tuple(dim for dim in weight.shape if isinstance(dim, int))
    decay = optimizer.decay_of(shape, each.path)
    if decay is not None:
        weight = weight - weight * decay * at.rate
    common = len(each.slots) - len(optimizer.own_slots(shape, each.path))
    weight, own = optimizer.update(weight, each.gradient, each.slots[common:], at)
    slots = (
        *each.slots[:common],
        *(_as(x, y) for x, y in zip(own, each.slots[common:], strict=True)),
    )
    return replace(each, weight=_as(weight, each.weight), slots=slots)


def _averaged(optimizer: Optimizer, each: Trained, changes: Tensor, phase: Phase) -> Trained:
    """The moving average after a step, which begins with the weight; the weight may become it."""
    weight = each.weight
    share = where(equal(changes, 0), as_tensor(0.0, weight.dtype), optimizer.ema_momentum)
    average = _as(each.slots[0] * share + weight * (1 - share), weight)
    return replace(
        each,
        weight=average if phase.averages else weight,
        slots=_with(each.slots, 0, average),
    )


def _constrained(each: Trained) -> Trained:
    """Brought back to what its constraint allows: after each step, one that accumulates too."""
    if each.constraint is None:
        return each
    return replace(each, weight=_as(each.constraint.project(each.weight), each.weight))


def _with(slots: Tensors, place: int, tensor: Tensor) -> Tensors:
    return (*slots[:place], _as(tensor, slots[place]), *slots[place + 1 :])


def _as(tensor: Tensor, before: Tensor) -> Tensor:
    """In the dtype that it was kept in before."""
    return cast(tensor, before.dtype)
