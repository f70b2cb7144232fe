"""The line that each epoch leaves."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from graphc.render import progress
from graphc.render.progress import Progress


@pytest.mark.parametrize(
    ("seconds", "speed"), [(0.001, "4000"), (0.03, "133"), (0.1, "40"), (1.5, "2.67")]
)
def test_steps_per_second_are_plain_numbers(
    seconds: float, speed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    shown = Progress(console=Console(file=written))
    now = [5.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown.epoch_begin(1, 12, 4)
    for batch in range(4):
        now[0] += seconds / 4
        shown.batch_end(batch, dict)
    shown.epoch_end({"loss": 0.25, "accuracy": 1.0})
    assert written.getvalue() == f"epoch 2/12  loss 0.25  accuracy 1  {speed} steps/s\n"
