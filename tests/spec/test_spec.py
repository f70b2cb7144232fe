"""Every program in the specification and the documentation, through the checker.

A program gives exactly the errors that its marks say: none, where it has none. What a command
shows of it is kept beside it; `pytest tests/spec --bless` rewrites that.
"""

import shlex
from pathlib import Path

import pytest

from tests.checked import command_output, found, found_with_weights, marked
from tests.spec.fences import Fence, fences

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
PAGES = [
    *sorted(FOLDER.glob("*.md")),
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "errors").glob("*.md")),
]
FENCES = [fence for page in PAGES for fence in fences(page)]
# A file for others to import is checked by those that do.
PROGRAMS = [each for each in FENCES if each.kind == "net" and each.file == "example.net"]
SESSIONS = [fence for fence in FENCES if fence.kind == "console"]


@pytest.mark.parametrize("fence", PROGRAMS, ids=repr)
def test_program(fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # A picture, for the page of E0106.
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    fence.save(tmp_path)
    options = shlex.split(fence.options)
    if fence.has_weights:
        assert found_with_weights(fence.file) == marked(fence.file)
        return
    assert found(fence.file, options) == marked(fence.file)


@pytest.mark.parametrize("fence", SESSIONS, ids=repr)
def test_session(
    fence: Fence,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
) -> None:
    monkeypatch.chdir(tmp_path)
    fence.save(tmp_path)
    shown = ""
    for command, _ in fence.sessions:
        program, *arguments = shlex.split(command)
        assert program == "graphc"
        shown += f"$ {command}\n{command_output(*arguments).rstrip()}\n"
    if pytestconfig.getoption("--bless"):
        _replace(fence, shown)
    else:
        assert fence.text == shown


def _replace(fence: Fence, shown: str) -> None:
    # Looked for by its text: other fences of the page may have been rewritten already.
    text = fence.page.read_text(encoding="utf-8")
    start = text.index(f"```console\n{fence.text}```") + len("```console\n")
    end = start + len(fence.text)
    fence.page.write_text(text[:start] + shown + text[end:], encoding="utf-8")


def test_pages_have_programs() -> None:
    assert len(PROGRAMS) > 200
    assert {fence.page for fence in PROGRAMS} >= set(FOLDER.glob("*.md"))
