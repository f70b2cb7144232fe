"""Diagrams of texts and samples, as the tests of `graphc.render` draw them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphc.analysis.diagram import Diagram
from graphc.analysis.view import view
from graphc.model import check_file, check_source
from graphc.source import SourceFile

SAMPLES = Path(__file__).parents[2] / "samples"

HOSTILE_NAMES = (
    "a\"b'c",
    "<script>alert(1)<script>",
    "back\\slash \\N \\G \\l \\\\",
    "two\nlines",
    "<svg><svg onload=alert(1)>",
    "{a|b}<f0>",
    "\u202eevil \u05e9\u05dc\u05d5\u05dd",
    "&lt;b&gt; &amp; ]]> -->",
    '#quot; "`md`" 1. %%{init}%% end',
    "\x00\x1b[31mred\x7f",
)


def hostile_source() -> str:
    """A model whose layers have the hostile names."""
    lines = [f"x = x -> Dense(4) as {spelled(name)}" for name in HOSTILE_NAMES]
    body = "\n    ".join(["input x: [4]", *lines, "output x"])
    return f"model hostile {{\n    {body}\n}}\n"


def spelled(name: str) -> str:
    """A name as a string of the language."""
    return (
        '"'
        + "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in name)
        + '"'
    )


def diagram(text: str, **options: Any) -> Diagram:
    """The diagram of the last model of a text."""
    main = check_source(SourceFile("t.net", text)).main
    assert main is not None
    return view(main.diagram(), **options)


def sample(name: str, **options: Any) -> Diagram:
    """The diagram of a sample."""
    main = check_file(SAMPLES / f"{name}.net").main
    assert main is not None
    return view(main.diagram(), **options)
