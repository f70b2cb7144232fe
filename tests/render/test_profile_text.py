"""Profiles as tables."""

from __future__ import annotations

import pytest

from graphc.render.flame.page import flame_tree
from graphc.render.profile_text import amount_text, profile_text, seconds_text
from graphc.runtime.profile import Frame, LayerTime, Profile, StepTime

CONV = Frame("conv", "Conv2D", "convolution")
STAGE = Frame("stage", "stage", "block")
DENSE = Frame("head\x1b[31m", "Dense", "core")
MADE = Profile(
    "net",
    (("x", "[2, 8, 8, 3]"),),
    (
        LayerTime("stage.conv", (STAGE, CONV), 0.003, 6_000_000, 3 << 20,
                  (StepTime("conv", 0.002, 2 << 20), StepTime("add", 0.001, 1 << 20))),
        LayerTime("stage.bn", (STAGE, Frame("bn", "BatchNormalization", "normalization")), 0.0, 500, 0, ()),
        LayerTime("head\x1b[31m", (DENSE,), 0.001, 1000, 512, (StepTime("dot_general", 0.001, 512),)),
    ),
    0.0037,
    9,
)  # fmt: skip


def test_the_table():
    lines = profile_text(MADE).splitlines()
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")
    ]
    assert rows == [
        ["Layer", "Type", "Time", "Share", "FLOPs", "FLOP/s", "Bytes", "Bytes/s"],
        ["stage.conv", "Conv2D", "3.00 ms", "75.0%", "6.00 M", "2.00 G", "3.00 MiB", "1000.00 MiB"],
        [rows[2][0], "Dense", "1.00 ms", "25.0%", "1.00 k", "1.00 M", "512 B", "500.00 KiB"],
        ["Total", "", "4.00 ms", "", "6.00 M", "1.50 G", "3.00 MiB", "750.12 MiB"],
    ]
    assert "\x1b" not in rows[2][0]
    assert lines[-2:] == [
        "One call on x [2, 8, 8, 3] takes 3.70 ms (the median of 9 runs).",
        "1 layer has no steps left: others do their work, or there is none.",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_cut(width):
    text = profile_text(MADE, width=width)
    assert all(len(line) <= max(width, 100) for line in text.splitlines())
    assert "…" not in text


def test_the_tree_adds_up():
    tree = flame_tree(MADE)
    assert [part["name"] for part in tree["parts"]] == ["stage", "head\x1b[31m"]
    (conv,) = tree["parts"][0]["parts"]  # what takes no time is left out
    assert [part["name"] for part in conv["parts"]] == ["conv", "add"]
    assert tree["seconds"] == pytest.approx(0.004)
    assert (
        conv["text"]
        == "3.00 ms · 75.0% · 6.00 M FLOPs, 2.00 GFLOP/s · 3.00 MiB moved, 1000.00 MiB/s"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (seconds_text(2.5), "2.50 s"), (seconds_text(0.0025), "2.50 ms"),
        (seconds_text(2.5e-6), "2.5 µs"), (seconds_text(0.0), "0.0 µs"), (amount_text(12), "12"),
        (amount_text(1234), "1.23 k"), (amount_text(2e18), "2000.00 P"), (amount_text(0.5), "0.50"),
    ],
)  # fmt: skip
def test_amounts(text, expected):
    assert text == expected
