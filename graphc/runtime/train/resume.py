"""Trainings as snapshots, and back: they go on as if nothing had been between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphc.record import Record
from graphc.runtime.train.snapshot import Snapshot, misfit, restore, taken

if TYPE_CHECKING:
    from graphc.runtime.train.fit import Fit

CALLBACK = "callback"


class Position(Record):
    """The batch that comes next, from 0 in each epoch."""

    epoch: int
    batch: int
    is_last: bool = False
    """Whether a callback has ended the training before."""


def whole_snapshot(fit: Fit, position: Position) -> Snapshot:
    """A training before the batch at a position."""
    own = taken(fit.learner, fit.meter)
    arrays = dict(own.arrays)
    for number, watcher in enumerate(fit.watchers):
        for name, array in watcher.arrays.items():
            arrays[CALLBACK, str(number), name] = array
    callbacks = [[type(each.callback).__name__, each.state] for each in fit.watchers]
    return Snapshot(
        arrays,
        {
            **own.facts,
            "position": [position.epoch, position.batch, position.is_last],
            "plan": _plan(fit),
            "history": fit.history,
            "callbacks": callbacks,
        },
    )


def position_of(snapshot: Snapshot, fit: Fit, path: str) -> Position:
    """Make a training what it was, and say where it is to go on.

    Raises `TrainingError` where the snapshot is of another training, or of none.
    """
    facts = snapshot.facts
    plan = facts.get("plan")
    if not isinstance(plan, Mapping):
        raise misfit(path, f"`{path}` is no checkpoint of a training")
    for name, value in _plan(fit).items():
        if plan.get(name) != value:
            raise misfit(
                path,
                f"`{path}` is the checkpoint of another training: its {name} was "
                f"{plan.get(name)!r}, and is {value!r} here",
            )
    position = _position(facts.get("position"))
    history: Any = facts.get("history")
    callbacks: Any = facts.get("callbacks")
    if position is None or not _is_history(history) or not _fit_callbacks(callbacks, fit):
        raise misfit(path, f"`{path}` is the checkpoint of a training with other callbacks")
    restore(snapshot, fit.learner, fit.meter, path)
    fit.history.update(history)
    for number, watcher in enumerate(fit.watchers):
        watcher.state = dict(callbacks[number][1])
        watcher.arrays = {
            place[2]: array
            for place, array in snapshot.arrays.items()
            if place[:2] == (CALLBACK, str(number))
        }
    return position


def _plan(fit: Fit) -> dict[str, Any]:
    """What the next batches depend on, by the names that the user has for it."""
    plan = fit.plan
    return {
        "number of examples": plan.size,
        "batch_size": plan.batch_size,
        "steps_per_epoch": plan.steps,
        "shuffle": plan.shuffle,
        "seed": plan.seed,
        "initial_epoch": plan.first,
    }


def _position(stored: Any) -> Position | None:
    match stored:
        case [int(epoch), int(batch), bool(is_last)] if epoch >= 0 and batch >= 0:
            return Position(epoch, batch, is_last)
    return None


def _is_history(stored: Any) -> bool:
    return isinstance(stored, Mapping) and all(isinstance(each, list) for each in stored.values())


def _fit_callbacks(stored: Any, fit: Fit) -> bool:
    if not isinstance(stored, list) or len(stored) != len(fit.watchers):
        return False
    return all(
        isinstance(each, list)
        and len(each) == 2
        and each[0] == type(watcher.callback).__name__
        and _is_state(watcher.state, each[1])
        for each, watcher in zip(stored, fit.watchers, strict=True)
    )


def _is_state(fresh: Mapping[str, Any], stored: Any) -> bool:
    """Whether something has the items of what a callback begins with."""
    if not isinstance(stored, Mapping) or set(stored) != set(fresh):
        return False
    for name, value in fresh.items():
        # None is what is not known before the first epoch.
        kinds = (type(None), int, float, list) if value is None else (int, float)
        if not isinstance(stored[name], kinds):
            return False
    return True
