"""Text in GitHub's Markdown."""

from __future__ import annotations

from graphc.diagnostics.glyphs import printable

_MARKS = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>|#~"})


def markdown_text(text: str) -> str:
    """A text that shows as it is, in one line."""
    return printable(text).translate(_MARKS)
