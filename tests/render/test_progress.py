"""What a training shows in terminals."""

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
    made = Progress(console=Console(file=written))
    now = [5.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    made.epoch_begin(1, 12, 4)
    for batch in range(4):
        now[0] += seconds / 4
        made.batch_end(batch, dict)
    made.epoch_end({"loss": 0.25, "accuracy": 1.0})
    assert written.getvalue() == f"epoch 2/12  loss 0.25  accuracy 1  {speed} steps/s\n"


def shown(width: int, terminal: str = "xterm") -> list[str]:
    """What stands in the line of the bar, one after the other, and what is left behind."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=True, no_color=True, soft_wrap=True, highlight=False,
        _environ={"TERM": terminal},
    )  # fmt: skip
    made = Progress(console=console)
    logs = {"loss": 1.25, "sparse_top_k_categorical_accuracy": 0.5}
    made.epoch_begin(0, 2, 100)
    for batch in range(100):
        made.batch_end(batch, lambda: logs)
    made.say("saved")
    made.epoch_end(logs)
    return [line for line in out.getvalue().replace("\n", "\r").split("\r") if "epoch" in line]


@pytest.mark.parametrize("width", [30, 60, 100])
def test_name_count_and_loss_have_room_in_every_terminal(width: int) -> None:
    *_, last, done = shown(width)
    assert "epoch 1/2 " in last
    assert " 100/100 loss 1.2" in last
    assert ("━━━" in last) == (width >= 60)
    assert done.split("epoch")[1].startswith(
        " 1/2  loss 1.25  sparse_top_k_categorical_accuracy 0.5"
    )


def test_terminals_that_cannot_go_back_have_lines_alone() -> None:
    [done] = shown(80, "dumb")
    assert done.startswith("epoch 1/2  loss 1.25")
