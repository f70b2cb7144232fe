"""Source text, and places in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from graphc.record import Record


class SourceFile:
    """A file's text under the name that messages give it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        starts = [0]
        find, position = self.text.find, 0
        while (position := find("\n", position) + 1) > 0:
            starts.append(position)
        return starts

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1; columns count characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line counted from 1, without its newline."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] - 1 if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r})"


class Span(Record):
    """A half-open range of character offsets in one file."""

    file: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        """The source text that the span covers."""
        return self.file.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The line that the span starts on, counted from 1."""
        return self.file.line_and_column(self.start)[0]

    def to(self, end: Span) -> Span:
        """The span from the start of this one to the end of a later one."""
        return Span(self.file, self.start, end.end)
