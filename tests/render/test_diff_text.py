"""Pairs of models, each with all that `graphc diff` says of them.

`diff/<name>/before.net` and `after.net` are compared in their own folder; `diff.txt` is the output,
for a person to read. Without an `after.net`, a first line `# graphc diff --set-after depth=12` says
what the file is compared with. `pytest tests/render --bless` rewrites the texts.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import graphc
from graphc.analysis.diff import Difference
from graphc.render.diff_text import diff_markdown, diff_text
from tests.checked import command_output

FOLDER = Path(__file__).parent / "diff"
CASES = sorted(path.parent for path in FOLDER.glob("*/before.net"))
OPTIONS = "# graphc diff "


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.chdir(case)
    first = Path("before.net").read_text(encoding="utf-8").split("\n", maxsplit=1)[0]
    options = shlex.split(first.removeprefix(OPTIONS)) if first.startswith(OPTIONS) else []
    after = ["after.net"] if Path("after.net").exists() else []
    text = command_output("diff", "before.net", *after, *options)
    kept = Path("diff.txt")
    if pytestconfig.getoption("--bless"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


BASE = """model m {
    input x: [8]
    output x -> Dense(8) as "a_b" -> Dense(4)
}
"""


def difference(before: str, after: str) -> Difference:
    return graphc.parse(before).diff(graphc.parse(after))


def test_names_are_text_in_the_terminal_and_in_markdown() -> None:
    hostile = BASE.replace('"a_b"', '"[red]*a|b*\\n<script>"')
    found = difference(BASE, hostile)
    text = diff_text(found, "a", "b")
    assert "[red]*a|b*" in text
    assert "<script>" not in diff_markdown(found, "a", "b").replace("\\<script\\>", "")


def test_colour_is_only_added() -> None:
    found = difference(BASE, BASE.replace("Dense(4)", "Dense(5) -> Dropout(0.1)"))
    plain, coloured = diff_text(found, "a", "b"), diff_text(found, "a", "b", color=True)
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured


def test_what_follows_is_listed_when_asked_for() -> None:
    found = difference(BASE, BASE.replace("Dense(8)", "Dense(9)"))
    assert "Params and MACs follow in 1 other layer (--verbose lists them)." in diff_text(
        found, "a", "b"
    )
    assert "dense (Dense) params: 36 → 40; MACs: 32 → 36" in diff_text(
        found, "a", "b", verbose=True
    )
