"""The parse table, and the cache that spares a cold start lark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lark import Lark

from graphc.syntax.grammar import grammar_path, load_table
from tests.syntax.strategies import EXAMPLES

PROGRAM = """
import sys
from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax.parse import parse
sink = Sink()
tree = parse(SourceFile("a.net", "model m { output x -> Dense(3) }"), sink)
assert [type(s).__name__ for s in tree.items[0].body] == ["Output"], tree
assert not sink.diagnostics
print("lark" in sys.modules)
"""


def run(cache: Path | str, **variables: str) -> bool:
    """Parse in a new process; whether it needed lark."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **variables}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stderr == ""
    return result.stdout == "True\n"


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    assert run(tmp_path)
    (path,) = (tmp_path / "graphc").iterdir()
    return path


def test_the_second_run_reads_the_cache(cached: Path) -> None:
    assert not run(cached.parents[1])
    assert cached.stat().st_size < 100_000


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_cache_is_the_users_own(cached: Path) -> None:
    assert cached.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["truncate", "empty", "flip", "text", "other", "directory"])
def test_a_damaged_cache_is_made_anew(cached: Path, damage: str) -> None:
    content = cached.read_bytes()
    if damage == "truncate":
        cached.write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        cached.write_bytes(b"")
    elif damage == "flip":
        cached.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    elif damage == "text":
        cached.write_bytes(b"00000000\n{}")
    elif damage == "other":
        cached.write_bytes(content.replace(b"syntax", b"sintax"))
    else:
        cached.unlink()
        cached.mkdir()
    assert run(cached.parents[1])
    assert run(cached.parents[1]) == (damage == "directory")


def test_a_table_of_another_grammar_is_not_used(cached: Path) -> None:
    from binascii import crc32

    data = json.loads(cached.read_bytes().partition(b"\n")[2])
    data["grammar"] += "// changed"
    content = json.dumps(data).encode()
    cached.write_bytes(b"%08x\n" % crc32(content) + content)
    assert run(cached.parents[1])


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert run(blocker)
    assert run(blocker / "below")
    assert run("/proc/nowhere")


def test_without_a_home(tmp_path: Path) -> None:
    assert run("", HOME=str(tmp_path))
    assert not run("", HOME=str(tmp_path))
    assert (tmp_path / ".cache" / "graphc").is_dir()
    # The specification of XDG_CACHE_HOME has relative paths ignored.
    assert not run("relative", HOME=str(tmp_path))
    assert not (Path.cwd() / "relative").exists()


def test_rows_go_on_to_rows_and_productions() -> None:
    table = load_table()
    for row in table.rows:
        for step in row.values():
            assert -len(table.productions) <= step < len(table.rows)
    assert set(table.entries) == {"file", "value", "annotation"}


@pytest.mark.parametrize(
    "path", [p for p in EXAMPLES if p.stem not in ("everything",)], ids=lambda path: path.stem
)
def test_lark_itself_reads_the_examples(path: Path) -> None:
    """The grammar is one for lark, not for our lexer alone; that adds brackets and f-strings."""
    grammar = grammar_path().read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", start=["file", "value", "annotation"])
    tree = lark.parse(path.read_text(encoding="utf-8"), start="file")
    assert tree.data == "file"
