"""How a training tells of itself."""

from __future__ import annotations

from collections.abc import Callable

from graphc.runtime.train.meter import Logs


class Reporter:
    """Says nothing; others show how far a training came."""

    def epoch_begin(self, epoch: int, epochs: int, batches: int) -> None:
        """Before an epoch of so many batches."""

    def batch_end(self, batch: int, logs: Callable[[], Logs]) -> None:
        """After a batch; to ask for the logs takes time."""

    def epoch_end(self, logs: Logs) -> None:
        """After an epoch and its validation."""

    def evaluated(self, logs: Logs) -> None:
        """After an evaluation that is of no training."""

    def say(self, text: str) -> None:
        """Something that the user is to know."""

    def close(self) -> None:
        """At the end, whatever brought it about."""
