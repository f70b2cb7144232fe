"""The sample that trains a line by hand, as a user runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "samples" / "linear_regression.py"
LINE = re.compile(r"Epoch +(\d+): W=(\S+) b=(\S+), loss=(\S+)")


def test_the_line_is_found_in_twenty_epochs() -> None:
    shown = subprocess.run(
        [sys.executable, str(SAMPLE)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = [LINE.fullmatch(line) for line in shown]
    assert len(found) == 21
    rows = [[float(each) for each in match.groups()] for match in found if match]
    assert [row[0] for row in rows] == list(range(21))
    assert rows[0][1:3] == [5, 0]
    losses = [row[3] for row in rows]
    assert losses == sorted(losses, reverse=True)
    assert abs(rows[-1][1] - 3) < 0.15
    assert abs(rows[-1][2] - 2) < 0.15
