"""What became of the loss and the metrics, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from graphc.runtime.train.goals import Goal
from graphc.runtime.train.meter import Logs

History: TypeAlias = dict[str, list[Any]]
"""For each quantity, a number for each epoch that has it: as Keras' `History.history`."""


def add_epoch(history: History, logs: Logs) -> None:
    """Put the numbers of an epoch behind those of the others."""
    for name, value in logs.items():
        history.setdefault(name, []).append(value)


def quantities(goals: Sequence[Goal], *, validates: bool) -> list[str]:
    """The names of what an epoch is told in, if all epochs are evaluated or none."""
    names = ["loss"]
    with_loss = [goal.output for goal in goals if goal.loss is not None]
    if len(with_loss) > 1:
        names += [f"{output}_loss" for output in with_loss]
    names += [measured.name for goal in goals for measured in goal.metrics]
    return [*names, *(f"val_{name}" for name in names if validates)]
