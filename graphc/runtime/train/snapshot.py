"""All that a training is, between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.diagnostics.codes import CHECKPOINT_MISMATCH
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.record import Record
from graphc.runtime.train.faults import TrainingError
from graphc.runtime.train.learner import Learner
from graphc.runtime.train.meter import Meter
from graphc.runtime.train.program import Place, State
from graphc.source import SourceFile, Span

_NUMBERS = ("seed", "steps", "batches", "rate", "scale", "good_steps")


class Snapshot(Record):
    """Arrays by what they stand for, and everything else as JSON has it."""

    arrays: State
    facts: dict[str, Any]

    __hash__ = object.__hash__


def taken(learner: Learner, meter: Meter) -> Snapshot:
    """What a learner and a meter are."""
    weights: State = {("weight", key): array for key, array in learner.weights.items()}
    facts = {name: getattr(learner, name) for name in _NUMBERS}
    return Snapshot({**weights, **learner.remembered, **meter.state}, {"learner": facts})


def restore(snapshot: Snapshot, learner: Learner, meter: Meter, path: str) -> None:
    """Make a learner and a meter what they were.

    Raises `TrainingError`, with all as it was, where the snapshot is of another model, optimizer or
    metrics; `path` is where it comes from.
    """
    now = taken(learner, meter)
    own = {place: array for place, array in snapshot.arrays.items() if place[0] != "callback"}
    difference = _difference(now.arrays, own)
    numbers: Any = snapshot.facts.get("learner")
    if difference is None and not _are_numbers(numbers):
        difference = "it does not say how far it came"
    if difference is not None:
        raise misfit(path, f"`{path}` is the checkpoint of another training: {difference}")
    for name in _NUMBERS:
        setattr(learner, name, type(getattr(learner, name))(numbers[name]))
    for place, array in own.items():
        if place[0] == "weight":
            learner.weights[place[1]] = array
        elif place in learner.remembered:
            learner.remembered[place] = array
        else:
            meter.state[place] = array


def misfit(path: str, message: str) -> TrainingError:
    """The error of a checkpoint that a training cannot go on from."""
    return TrainingError(
        [Diagnostic(CHECKPOINT_MISMATCH, message, Span(SourceFile(path, ""), 0, 0))]
    )


def _are_numbers(facts: Any) -> bool:
    return isinstance(facts, Mapping) and all(
        isinstance(facts.get(name), (int, float)) for name in _NUMBERS
    )


def _difference(now: State, then: State) -> str | None:
    for place, array in now.items():
        if place not in then:
            return f"it lacks {_named(place)}"
        found = then[place]
        if (found.shape, found.dtype) != (array.shape, array.dtype):
            return (
                f"{_named(place)} is {array.dtype}{list(array.shape)} here, "
                f"and {found.dtype}{list(found.shape)} there"
            )
    for place in then:
        if place not in now:
            return f"it has {_named(place)}"
    return None


def _named(place: Place) -> str:
    group, *rest = place
    if group == "weight":
        return f"the weight `{rest[0]}`"
    if group == "slot":
        return f"what an optimizer remembers of `{rest[0]}`"
    if group == "metric":
        return f"the metric `{rest[0]}`"
    return f"`{'/'.join(place)}`"
