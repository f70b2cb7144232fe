"""Examples to train on: arrays by the names of a model's inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.graph import ModelGraph
from graphc.ir.types import TensorType
from graphc.record import Record, replace
from graphc.runtime.arguments import InputError, checked_inputs, need_numbers
from graphc.runtime.batches import check_examples
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.goals import Goal
from graphc.runtime.train.learner import Batch
from graphc.runtime.train.target_bounds import target_bounds


class Examples(Record):
    """Arrays, or what gives rows as arrays do, and which of the rows are meant.

    Nothing is read but the rows that are asked for.
    """

    inputs: Mapping[str, Any]
    targets: Mapping[str, Any]
    weights: Mapping[str, Any]
    start: int = 0
    stop: int | None = None
    class_weight: Mapping[int, float] | None = None
    """What an example weighs by the class that its target says."""

    __hash__ = object.__hash__

    @property
    def size(self) -> int:
        """The number of examples."""
        stop = len(next(iter(self.inputs.values()))) if self.stop is None else self.stop
        return int(stop - self.start)

    def rows(self, rows: slice | Array) -> Batch:
        """Those of a slice, or of an array of their numbers."""
        if isinstance(rows, slice):
            chosen: Any = slice(self.start + rows.start, self.start + rows.stop)
        else:
            chosen = rows + self.start
        inputs, targets, weights = (
            {name: np.asarray(array[chosen]) for name, array in arrays.items()}
            for arrays in (self.inputs, self.targets, self.weights)
        )
        if self.class_weight is not None:
            ((name, target),) = targets.items()
            weights = {name: _of_classes(target, self.class_weight)}
        return Batch(inputs, targets, weights)

    def divided(self, share: float) -> tuple[Examples, Examples]:
        """All but the last share of them, and that."""
        place = self.start + int(self.size * (1 - share))
        return replace(self, stop=place), replace(self, start=place, stop=self.start + self.size)


def _of_classes(target: Array, weights: Mapping[int, float]) -> Array:
    """A weight for each example: 1 for classes that none is given for."""
    if target.ndim > 1:
        target = target[..., 0] if target.shape[-1] == 1 else np.argmax(target, axis=-1)
    numbers = np.round(target).astype("int64")
    found = np.ones(numbers.shape, np.float32)
    for number, weight in weights.items():
        found[numbers == number] = weight
    return found


def examples_of(
    model: ModelGraph, goals: Sequence[Goal], x: Any, y: Any = None, sample_weight: Any = None
) -> Examples:
    """Examples from what `fit` and `evaluate` take; raises `InputError` where they do not fit.

    Inputs come as those of a compiled model do. Targets are one array, a list with one for each
    output, or a dict by their names, and sample weights likewise.
    """
    if isinstance(x, Examples):
        return x
    types: dict[str, TensorType] = {
        record.name: record.layer.type for record in map(model.record, model.inputs)
    }
    check_examples(types)
    inputs = checked_inputs(model.name, types, (x,), {})
    compared = [goal.output for goal in goals if goal.needs_target]
    targets = _by_output(model.name, compared, y, "target")
    for name in compared:
        if name not in targets:
            raise InputError(f"{model.name} needs a target for its output `{name}`")
    for goal in goals:
        if goal.output in targets:
            check_classes(goal, targets[goal.output])
    weights: dict[str, Array] = {}
    if sample_weight is not None:
        several = isinstance(sample_weight, (Mapping, list, tuple)) or len(compared) == 1
        given = sample_weight if several else dict.fromkeys(compared, sample_weight)
        weights = _by_output(model.name, compared, given, "sample weight")
    _check_sizes(inputs, targets, weights)
    return Examples(inputs, targets, weights)


def _by_output(model: str, outputs: list[str], given: Any, what: str) -> dict[str, Array]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        listed = given if isinstance(given, (list, tuple)) and len(outputs) > 1 else [given]
        if len(listed) != len(outputs):
            raise InputError(
                f"{model} needs a {what} for each of {len(outputs)} outputs, got {len(listed)}"
            )
        given = dict(zip(outputs, listed, strict=True))
    for name in given:
        if name not in outputs:
            hint = did_you_mean(str(name), outputs)
            raise InputError(
                f"{model} takes no {what} for `{name}`{'; ' if hint else ''}{hint or ''}"
            )
    return {name: _numbers(name, what, array) for name, array in given.items()}


def _numbers(name: str, what: str, given: Any) -> Array:
    array = np.asarray(given)
    need_numbers(f"the {what} of `{name}`", array.dtype)
    if array.ndim == 0:
        raise InputError(f"the {what} of `{name}` needs a number for each example, got one")
    return array.astype(np.float32) if array.dtype == np.float64 else array


def check_classes(goal: Goal, target: Array) -> None:
    """Raise `InputError` for class numbers that the output has no scores for.

    They would be left out of the loss in silence.
    """
    loss = goal.loss_for(target.shape)
    bounds = None if loss is None else target_bounds(loss, goal.type)
    # Keras computes something of all other numbers.
    if bounds is None or not bounds.is_classes or not target.size:
        return
    found = bounds.first_outside([target])
    if found is not None:
        raise InputError(f"{goal.target_subject(loss)} {bounds.message(*found)}")


def _check_sizes(*groups: Mapping[str, Array]) -> None:
    first, size = next((name, len(array)) for name, array in groups[0].items())
    for arrays in groups:
        for name, array in arrays.items():
            if len(array) != size:
                raise InputError(
                    f"`{first}` has {size} examples, and what is given for `{name}` {len(array)}"
                )
