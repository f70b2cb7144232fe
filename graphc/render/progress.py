"""A training in the terminal: a bar for the epoch that is on, and a line for each that is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from graphc.runtime.train.meter import Logs
from graphc.runtime.train.report import Reporter

_LOGS_EVERY_SECONDS = 0.2
"""Metrics take time to compute: they are shown this often."""
_NARROW, _LEAST_BAR = 60, 9
"""Terminals of fewer columns have no room for a bar; in others it has these, whatever is shown."""


class Progress(Reporter):
    """Shows training on standard error; bars where that is a terminal.

    `verbose` is that of train blocks: 2 is lines alone.
    """

    def __init__(self, *, verbose: Any = "auto", console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        can_redraw = self._console.is_terminal and not self._console.is_dumb_terminal
        self._has_bar = can_redraw and verbose != 2
        self._bars: Bars | None = None
        self._task = TaskID(0)
        self._name = ""
        self._batches = 0
        self._done = 0
        self._begun = self._shown = 0.0

    def epoch_begin(self, epoch: int, epochs: int, batches: int) -> None:
        """Begin a bar."""
        self._name = f"epoch {epoch + 1}/{epochs}"
        self._batches, self._done = batches, 0
        self._begun = self._shown = time.monotonic()
        if self._has_bar:
            columns = ("{task.description}", "{task.completed}/{task.total}")
            self._bars = Bars(
                TextColumn(columns[0]), BarColumn(24), TextColumn(columns[1]),
                TextColumn("{task.fields[logs]}"), console=self._console, transient=True,
            )  # fmt: skip
            self._bars.start()
            self._task = self._bars.add_task(self._name, total=batches, logs="")

    def batch_end(self, batch: int, logs: Callable[[], Logs]) -> None:
        """Move the bar on."""
        self._done += 1
        now = time.monotonic()
        is_last = batch + 1 == self._batches
        if self._bars is not None and (is_last or now - self._shown >= _LOGS_EVERY_SECONDS):
            self._shown = now
            text = self._cropped(f"{described(logs())}  {self._speed(now)}")
            self._bars.update(self._task, completed=batch + 1, logs=text)

    def _cropped(self, text: str) -> str:
        """As much of a text as there is room for behind the name, the bar and the count."""
        width = self._console.width
        own = len(f"{self._name}  {self._batches}/{self._batches}  ")
        room = max(width - own - (_LEAST_BAR if width >= _NARROW else 0), 0)
        return text if len(text) <= room else text[: max(room - 1, 0)] + "…"[:room]

    def epoch_end(self, logs: Logs) -> None:
        """Leave a line in the place of the bar."""
        self.close()
        speed = self._speed(time.monotonic())
        self._console.print(f"{self._name}  {described(logs)}  {speed}", markup=False)

    def evaluated(self, logs: Logs) -> None:
        """A line of what came out."""
        self.say(described(logs))

    def _speed(self, now: float) -> str:
        speed = self._done / max(now - self._begun, 1e-9)
        return f"{speed:.0f} steps/s" if speed >= 100 else f"{speed:.3g} steps/s"

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text, markup=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None


def described(logs: Mapping[str, Any]) -> str:
    """Losses and metrics in a line: "loss 0.3012  accuracy 0.9131"."""
    return "  ".join(f"{name} {_number(value)}" for name, value in logs.items())


def _number(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{' '.join(map(_number, value))}]"
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)
