"""The drawing in the README is what the command beside it draws of the model above it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checked import command_output

README = Path(__file__).parents[2] / "README.md"


def test_the_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    text = README.read_text()
    model = re.search(r"```net\n(.*?)```", text, re.DOTALL)
    command = re.search(r"`graphc (render resnet.net .*?) -o resnet.mmd`", text)
    shown = re.search(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert model
    assert command
    assert shown
    monkeypatch.chdir(tmp_path)
    Path("resnet.net").write_text(model[1])
    drawn = command_output(*command[1].split(), "--format", "mermaid", "-o", "-")
    if pytestconfig.getoption("--bless"):
        README.write_text(text[: shown.start(1)] + drawn + text[shown.end(1) :])
    else:
        assert shown[1] == drawn
