"""Ending a training, or slowing it down, where it does not get better."""

from __future__ import annotations

import numpy as np

from graphc.runtime.train.meter import Logs
from graphc.runtime.train.watchers.watcher import MonitorWatcher, Run
from graphc.training.callbacks import Monitor


class Stopping(MonitorWatcher):
    """`EarlyStopping`."""

    def __init__(self, callback: Monitor, run: Run) -> None:
        super().__init__(callback, run)
        self.state |= {"wait": 0, "stopped": None, "best_epoch": 0}

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Count the epochs without improvement, and stop after too many."""
        wanted, state = self.callback, self.state
        current = self.watched(logs)
        if current is None or epoch < wanted.start_from_epoch:
            return
        keeps = wanted.restore_best_weights
        if keeps and not self.arrays:
            self._keep(epoch)
        state["wait"] += 1
        if self.improves(current, state["best"]):
            state["best"], state["best_epoch"] = current, epoch
            if keeps:
                self._keep(epoch)
            if wanted.baseline is None or self.improves(current, wanted.baseline):
                state["wait"] = 0
        elif state["wait"] >= wanted.patience and epoch > 0:
            state["stopped"] = epoch
            self.run.is_stopping = True

    def _keep(self, epoch: int) -> None:
        self.arrays = {key: array.copy() for key, array in self.run.learner.weights.items()}
        self.state["best_epoch"] = epoch

    def end(self) -> None:
        """Go back to the best weights."""
        if self.state["stopped"] is not None:
            self.say(f"epoch {self.state['stopped'] + 1}: early stopping")
        if self.arrays:
            self.say(f"the weights are those of epoch {self.state['best_epoch'] + 1}, the best one")
            self.run.learner.weights.update(self.arrays)


class Plateau(MonitorWatcher):
    """`ReduceLROnPlateau`."""

    def __init__(self, callback: Monitor, run: Run) -> None:
        super().__init__(callback, run)
        self.state |= {"wait": 0, "cooldown": 0}

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Count the epochs without improvement, and lower the rate after too many."""
        wanted, state, learner = self.callback, self.state, self.run.learner
        logs["learning_rate"] = learner.rate
        current = self.watched(logs)
        if current is None:
            return
        if state["cooldown"]:
            state["cooldown"] -= 1
            state["wait"] = 0
        if self.improves(current, state["best"]):
            state["best"], state["wait"] = current, 0
        elif not state["cooldown"]:
            state["wait"] += 1
            if state["wait"] >= wanted.patience and learner.rate > np.float32(wanted.min_lr):
                # The rate of the program is a float32.
                learner.rate = float(np.float32(max(learner.rate * wanted.factor, wanted.min_lr)))
                self.say(f"epoch {epoch + 1}: the learning rate becomes {learner.rate:.6g}")
                state["cooldown"], state["wait"] = wanted.cooldown, 0
