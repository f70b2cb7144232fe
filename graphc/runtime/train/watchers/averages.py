"""Evaluating with moving averages of the weights."""

from __future__ import annotations

from graphc.runtime.train.meter import Logs
from graphc.runtime.train.watchers.watcher import Run, Watcher
from graphc.training.callbacks import Callback


class Averages(Watcher):
    """`SwapEMAWeights`: weights and their averages change places."""

    def __init__(self, callback: Callback, run: Run) -> None:
        super().__init__(callback, run)
        self.state = {"is_swapped": False}

    def _swap(self, *, to_averages: bool) -> None:
        if self.state["is_swapped"] == to_averages:
            return
        learner = self.run.learner
        for key, average in learner.averages.items():
            learner.remembered["slot", key, "0"] = learner.weights[key]
            learner.weights[key] = average
        self.state["is_swapped"] = to_averages

    def epoch_begin(self, epoch: int) -> None:
        """The weights themselves are trained."""
        self._swap(to_averages=False)

    def evaluation_begin(self) -> None:
        """The averages are evaluated."""
        self._swap(to_averages=True)

    def evaluation_end(self) -> None:
        """And the weights are back."""
        self._swap(to_averages=False)

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Callbacks that come after this one see the averages, if that is asked for."""
        if self.callback.swap_on_epoch:
            self._swap(to_averages=True)

    def epochs_end(self) -> None:
        """The weights are back, to become their averages, whichever epoch was the last one.

        Keras has them change places for good where training is stopped early: its callback looks
        for the last of all epochs, and what then becomes the weights are the trained ones.
        """
        self._swap(to_averages=False)
