"""Faulty programs, each with all that `graphc check` says of it.

`<code>/<name>.net` is checked in its own folder; `<name>.txt` is the output, for a person to
read. The marks are written by hand: one for each mistake, so that nothing is reported twice
and nothing is missed. `pytest tests/golden --bless` rewrites the texts, never the marks.

A first line `# graphc check --model decoder` gives options.
"""

import shlex
from pathlib import Path

import pytest

from tests.checked import found, marked, output

FOLDER = Path(__file__).parent
PROGRAMS = sorted(FOLDER.glob("*/*.net"))
OPTIONS = "# graphc check "


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_program(
    program: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.chdir(program.parent)
    options = options_of(program)
    marks = marked(program.name)
    assert found(program.name, options) == marks
    assert program.parent.name in {code for _, _, code in marks}
    text = output(program.name, options)
    kept = program.with_suffix(".txt")
    if pytestconfig.getoption("--bless"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


def options_of(program: Path) -> list[str]:
    first = program.read_text(encoding="utf-8", errors="replace").split("\n", maxsplit=1)[0]
    return shlex.split(first.removeprefix(OPTIONS)) if first.startswith(OPTIONS) else []


def test_every_text_has_its_program() -> None:
    programs = {program.with_suffix("") for program in PROGRAMS}
    assert {text.with_suffix("") for text in FOLDER.glob("*/*.txt")} == programs
