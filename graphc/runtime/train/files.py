"""What a training writes and reads; formats of files are known further up."""

from __future__ import annotations

from typing import Protocol

from graphc.runtime.kernels.table import Array
from graphc.runtime.train.snapshot import Snapshot


class Files(Protocol):
    """Writes files whole or not at all, in folders that it makes."""

    def save_model(self, path: str, weights: dict[str, Array], *, weights_only: bool) -> None:
        """Write a model with its weights, or these alone."""

    def write_snapshot(self, path: str, snapshot: Snapshot) -> None:
        """Write a checkpoint."""

    def read_snapshot(self, path: str) -> Snapshot | None:
        """Read one, if the file is there. Raises `TrainingError` for a file that is none."""
