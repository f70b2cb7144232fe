"""What ends a training."""

from __future__ import annotations

from graphc.diagnostics.diagnostic import Diagnostic


class TrainingError(Exception):
    """A training that cannot begin or go on: `diagnostics` say why."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


class LossNotANumber(TrainingError):
    """A loss that is no number, or an infinite one: the weights are those of before."""


class Interrupted(Exception):
    """A training that was asked to stop: `checkpoint` is where it can go on from, if anywhere."""

    def __init__(self, epoch: int, checkpoint: str | None) -> None:
        super().__init__(f"training was interrupted in epoch {epoch + 1}")
        self.epoch = epoch
        self.checkpoint = checkpoint
