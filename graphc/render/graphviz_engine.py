"""Graphviz in this process, as it ships inside pygraphviz' wheels; else a `dot` on the PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

INSTALL = "pip install pygraphviz (its wheels hold Graphviz), or install Graphviz itself"


class NoGraphviz(Exception):
    """There is no Graphviz to lay a diagram out with."""

    def __init__(self) -> None:
        super().__init__(f"drawing needs Graphviz, which is not installed: {INSTALL}")


class GraphvizFailed(Exception):
    """Graphviz could not draw; the message is its own."""


def draw(source: str, output: str, *, dpi: float | None = None) -> bytes:
    """Lay out DOT source and draw it as "svg", "png", "pdf" or another format of Graphviz.

    `dpi` is for bitmaps: pixels to an inch, 96 without it. Raises `NoGraphviz`, or
    `GraphvizFailed` with what Graphviz says.
    """
    try:
        from pygraphviz import AGraph
    except ImportError:
        return _undated(_by_command(source, output, dpi))
    with _captured() as said:
        try:
            graph = AGraph(string=source)
            if dpi is not None:
                graph.graph_attr["dpi"] = f"{dpi:.4g}"
            drawn = graph.draw(None, format=output, prog="dot")
        except (OSError, ValueError) as error:
            raise GraphvizFailed(str(error)) from None
    if not drawn:
        raise GraphvizFailed(_errors(said) or "Graphviz drew nothing")
    return _undated(bytes(drawn))


_POINTS = 72  # in an inch
_BOX = re.compile(rb'\bbb="0,0,([\d.]+),([\d.]+)"')


def size_inches(source: str) -> tuple[float, float]:
    """The width and height of DOT source once it is laid out."""
    found = _BOX.search(draw(source, "dot"))
    assert found is not None, "a layout has a bounding box"
    return float(found[1]) / _POINTS, float(found[2]) / _POINTS


def _by_command(source: str, output: str, dpi: float | None) -> bytes:
    command = shutil.which("dot")
    if command is None:
        raise NoGraphviz
    done = subprocess.run(  # noqa: S603 - Graphviz, found on the user's own PATH
        [command, f"-T{output}", *([f"-Gdpi={dpi:.4g}"] if dpi is not None else [])],
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        raise GraphvizFailed(_errors([done.stderr.decode(errors="replace")]))
    return done.stdout


@contextmanager
def _captured() -> Iterator[list[str]]:
    """Keep what Graphviz and the libraries under it print: warnings of fonts, mostly."""
    said: list[str] = []
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        before = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(before, 2)
            os.close(before)
            file.seek(0)
            said.append(file.read().decode(errors="replace"))


def _errors(said: list[str]) -> str:
    return "; ".join(
        line for text in said for line in text.splitlines() if line.startswith("Error")
    )


_DATE = re.compile(rb"/CreationDate \(D:[^)]*\)")


def _undated(drawn: bytes) -> bytes:
    """A PDF without the time it was made at, which would differ on every run; as long as before."""
    if not drawn.startswith(b"%PDF"):
        return drawn
    return _DATE.sub(lambda found: b" " * len(found[0]), drawn)
