"""The base of what callbacks do, and what they see of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from graphc.diagnostics.codes import BAD_ARGUMENT
from graphc.diagnostics.suggest import did_you_mean
from graphc.runtime.arguments import InputError
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.learner import Learner
from graphc.runtime.train.meter import Logs
from graphc.runtime.train.misfits import misfit_of
from graphc.training.callbacks import Callback, Monitor
from graphc.training.keys import TrainConfig


class Run(Protocol):
    """A training, as callbacks see it."""

    learner: Learner
    train: TrainConfig
    epochs: int
    """The number that the last epoch comes before."""
    is_stopping: bool
    """Whether the epoch that is on is the last one."""
    quantities: list[str]
    """The names of what the loop itself puts into the logs of each epoch."""

    def say(self, text: str) -> None:
        """Tell the user something."""

    def save_model(self, path: str, *, weights_only: bool) -> None:
        """Write the model with its weights, or these alone."""

    def save_checkpoint(self, path: str, epoch: int, batch: int) -> None:
        """Write all that it takes to go on from a batch of an epoch."""


class Watcher:
    """Follows a training: `state` and `arrays` are what it remembers from epoch to epoch.

    `state` holds what JSON has words for.
    """

    def __init__(self, callback: Callback, run: Run) -> None:
        self.callback: Any = callback
        self.run = run
        self.state: dict[str, Any] = {}
        self.arrays: dict[str, Array] = {}

    def begin(self, *, is_resumed: bool) -> None:
        """Before the first epoch; what was remembered is there again in a resumed training."""

    def epoch_begin(self, epoch: int) -> None:
        """Before an epoch."""

    def batch_end(self, epoch: int, batch: int, logs: Callable[[], Logs]) -> None:
        """After a batch."""

    def evaluation_begin(self) -> None:
        """Before the model is evaluated on the validation data."""

    def evaluation_end(self) -> None:
        """After that."""

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """After an epoch and its validation; what is added to the logs is reported too."""

    def epoch_saved(self, epoch: int) -> None:
        """After an epoch, when all callbacks are done with it."""

    def epochs_end(self) -> None:
        """After the last epoch, with the weights that were trained."""

    def end(self) -> None:
        """At the end, with the weights that training gives."""

    def fault(self, message: str) -> InputError:
        """The error for a callback that cannot be followed."""
        train = self.run.train
        place = (train.callbacks or ()).index(self.callback)
        return misfit_of(train, "callbacks", place, code=BAD_ARGUMENT, message=message)

    def say(self, text: str) -> None:
        """Tell the user something, if the callback is not to be silent."""
        if self.callback.verbose:
            self.run.say(text)


class MonitorWatcher(Watcher):
    """Follows the loss or a metric."""

    def __init__(self, callback: Monitor, run: Run) -> None:
        super().__init__(callback, run)
        self.is_up = self._is_up()
        self.least = float(getattr(callback, "min_delta", 0.0))
        self.state = {"best": None, "is_told": False}

    def _is_up(self) -> bool:
        """Whether more is better."""
        if self.callback.mode != "auto":
            return bool(self.callback.mode == "max")
        name = self.callback.monitor.removeprefix("val_")
        for goal in self.run.learner.goals:
            for measured in goal.metrics:
                if measured.name == name:
                    return measured.metric.direction == "up"
        return False

    def improves(self, value: float, on: float | None) -> bool:
        """Whether a value is better than another, by as much as counts."""
        if on is None:
            return True
        least = abs(self.least)
        return value - least > on if self.is_up else value + least < on

    def watched(self, logs: Mapping[str, Any]) -> float | None:
        """What is watched; the user is told once where there is no such number."""
        value = logs.get(self.callback.monitor)
        if isinstance(value, (int, float)):
            return float(value)
        if not self.state["is_told"]:
            self.state["is_told"] = True
            numbers = [name for name, each in logs.items() if isinstance(each, (int, float))]
            hint = did_you_mean(self.callback.monitor, numbers)
            self.run.say(
                f"{type(self.callback).__name__} watches {self.callback.monitor}, which is no number "
                f"of this epoch{'; ' if hint else ''}{hint or ''}"
            )
        return None
