"""Names from hostile files reach no terminal as anything but text."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from graphc.cli.main import cli
from graphc.diagnostics.glyphs import printable
from tests.render.drawn import HOSTILE_NAMES, hostile_source

COMMANDS = [
    ["check", "m.net", "--shapes"],
    ["check", "faulty.net"],
    ["check", "faulty.net", "--format", "json"],
    ["check", "faulty.net", "--format", "sarif"],
    ["summary", "m.net"],
    ["summary", "m.net", "--depth", "1", "--columns", "type,connected,line"],
    ["summary", "m.net", "--format", "markdown"],
    ["summary", "m.net", "--format", "json"],
    ["diff", "m.net", "other.net"],
    ["diff", "m.net", "other.net", "--verbose", "--format", "markdown"],
    ["diff", "m.net", "other.net", "--format", "json"],
    ["render", "m.net", "--format", "text"],
    ["render", "m.net", "--format", "mermaid", "-o", "-"],
    ["render", "m.net", "--format", "dot", "-o", "-"],
    ["render", "m.net", "--format", "svg", "-o", "-"],
    ["render", "m.net", "--against", "other.net", "--format", "text"],
]


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = hostile_source()
    Path("m.net").write_text(source)
    Path("other.net").write_text(source.replace("Dense(4)", "Dense(5)"))
    Path("faulty.net").write_text(source.replace("Dense(4)", "Conv2D(4, 3)"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_control_characters(command):
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert result.exit_code in (0, 1)
    bad = {c for c in result.output if (ord(c) < 32 and c not in "\n\t") or c in "\x7f\u202e"}
    assert not bad


@pytest.mark.parametrize("command", [["summary", "m.net"], ["diff", "m.net", "other.net"]])
def test_the_names_show(command):
    output = CliRunner().invoke(cli, command, catch_exceptions=False).output
    for name in HOSTILE_NAMES:
        assert printable(name) in output
