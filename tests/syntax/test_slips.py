"""What is said of each slip: slips.txt, kept by hand and rewritten by `pytest --bless`.

A block is a source, each line behind `| ` (a statement in a model) or `> ` (a whole file), and the
errors below it: code, the text at fault, message, help, and the edits of the fix.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.fix import apply_fixes
from tests.syntax.parsing import is_broken, parsed

GOLDEN = Path(__file__).with_name("slips.txt")


def read() -> list[tuple[str, str]]:
    """The sources, marks in front, and what is kept as said of each."""
    blocks = GOLDEN.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    pairs = []
    for block in blocks:
        lines = block.split("\n")
        marks = [line[:2] in ("| ", "> ", "|", ">") for line in lines]
        count = marks.index(False) if False in marks else len(lines)
        pairs.append(("\n".join(lines[:count]), "\n".join(lines[count:])))
    return pairs


def source_of(marked: str) -> str:
    lines = [line[2:] for line in marked.split("\n")]
    if marked.startswith(">"):
        return "\n".join(lines) + "\n"
    return "model m {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def said(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.code.id} `{diagnostic.span.text}` {diagnostic.message}"]
    if diagnostic.help:
        lines.append(f"      help: {diagnostic.help}")
    if diagnostic.fix:
        edits = [f"`{e.span.text}` => `{e.replacement}`" for e in diagnostic.fix.edits]
        lines.append(f"      fix: {', '.join(edits)}".replace("\n", "\\n"))
    return "\n".join(lines)


CASES = read()


@pytest.fixture(scope="module", autouse=True)
def bless(pytestconfig: pytest.Config):
    yield
    if pytestconfig.getoption("--bless"):
        blocks = []
        for marked, _ in CASES:
            _, diagnostics = parsed(source_of(marked))
            blocks.append("\n".join([marked, *map(said, diagnostics)]))
        GOLDEN.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("marked", "expected"), CASES, ids=[m.split("\n")[0][2:] for m, _ in CASES]
)
def test_slip(marked: str, expected: str, pytestconfig: pytest.Config) -> None:
    _, diagnostics = parsed(source_of(marked))
    assert len(diagnostics) == 1  # one mistake, one error
    if not pytestconfig.getoption("--bless"):
        assert said(diagnostics[0]) == expected


def test_there_are_many_slips_and_each_once() -> None:
    assert len(CASES) > 150
    assert len({marked for marked, _ in CASES}) == len(CASES)


@pytest.mark.parametrize("marked", [m for m, e in CASES if "      fix: " in e])
def test_fixes_mend(marked: str) -> None:
    source = source_of(marked)
    _, diagnostics = parsed(source)
    fixes = [d.fix for d in diagnostics if d.fix]
    tree, left = parsed(apply_fixes(source, fixes).text)
    assert left == []
    assert not is_broken(tree)


@pytest.mark.parametrize(
    ("marked", "expected"), CASES, ids=[m.split("\n")[0][2:] for m, _ in CASES]
)
def test_messages_are_in_the_users_terms(marked: str, expected: str) -> None:
    message = expected.split("\n")[0]
    for word in ("illegal", "please", "failed", "Token", "NAME", "LPAR", "NEWLINE", "$END", "_"):
        assert word not in message.replace("08_", "").replace("1__0", "").partition("` ")[2] or (
            word in marked
        )
    assert not message.endswith(".")


# A line that begins with an arrow belongs to the one before it.
@pytest.mark.parametrize("marked", [m for m, _ in CASES if m[0] == "|" and m[:4] != "| ->"])
def test_slips_leave_their_neighbours_alone(marked: str) -> None:
    """A model around the slip is still read, but for brackets that leave it open."""
    source = source_of(marked).replace("model m {\n", "model m {\n    before = 1\n")
    tree, diagnostics = parsed(source + "model other {\n    after = 1\n}\n")
    assert len(diagnostics) == 1
    assert [item.name for item in tree.items] == ["m", "other"]
    assert tree.items[0].body[0].span.text == "before = 1"
    assert tree.items[1].body[0].span.text == "after = 1"
