"""The lines that a fix changes, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphc.diagnostics.canvas import BOLD_BLUE, GREEN, RED, Canvas
from graphc.diagnostics.diagnostic import Edit
from graphc.diagnostics.excerpt import Excerpt
from graphc.diagnostics.fix import apply_edits
from graphc.record import Record
from graphc.source import SourceFile

_LINES_SHOWN = 8


class Change(Record):
    """Lines of a file, by the number of the first, and those that take their place."""

    file: SourceFile
    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def last_line(self) -> int:
        """The largest line number that is shown."""
        return self.line + min(max(len(self.removed), len(self.added)), _LINES_SHOWN) - 1


def changes(edits: Iterable[Edit]) -> list[Change]:
    """Collect what edits do to lines, those on the same lines together."""
    files: dict[SourceFile, list[Edit]] = {}
    for edit in edits:
        files.setdefault(edit.span.file, []).append(edit)
    groups: list[list[Edit]] = []
    for own in files.values():
        last_line = -1
        for edit in sorted(own, key=lambda e: (e.span.start, e.span.end)):
            if edit.span.line > last_line:
                groups.append([])
            groups[-1].append(edit)
            last_line = edit.span.file.line_and_column(edit.span.end)[0]
    return [_change(group) for group in groups]


def draw_change(canvas: Canvas, change: Change, *, gutter: int, width: int) -> None:
    """Draw the lines as `3 - old` and `3 + new`, each cut around the first difference."""
    room = max(width - gutter - 4, 20)
    for sign, style, lines, others in (
        ("-", RED, change.removed, change.added),
        ("+", GREEN, change.added, change.removed),
    ):
        for index, line in enumerate(lines[:_LINES_SHOWN]):
            twin = others[index] if index < len(others) else ""
            start = _first_difference(line, twin)
            excerpt = Excerpt(line, room, first=start, last=start + 1, anchor=start)
            row = canvas.height
            canvas.put(row, 0, f" {change.line + index:>{gutter}}", BOLD_BLUE)
            canvas.put(row, gutter + 2, f"{sign} {excerpt.text}", style)
        if len(lines) > _LINES_SHOWN:
            canvas.put(canvas.height, 1, "...", BOLD_BLUE)


def _change(edits: Sequence[Edit]) -> Change:
    file = edits[0].span.file
    first = edits[0].span.line
    last = max(file.line_and_column(edit.span.end)[0] for edit in edits)
    start = file.line_starts[first - 1]
    is_last = last == len(file.line_starts)
    end = len(file.text) if is_last else file.line_starts[last] - 1
    text = apply_edits(file.text, edits)
    removed = _lines(file.text[start:end])
    added = _lines(text[start : len(text) - len(file.text) + end])
    while removed and added and removed[-1] == added[-1]:
        removed.pop()
        added.pop()
    same = 0
    while same < min(len(removed), len(added)) and removed[same] == added[same]:
        same += 1
    return Change(file, first + same, tuple(removed[same:]), tuple(added[same:]))


def _first_difference(a: str, b: str) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((index for index, (x, y) in pairs if x != y), min(len(a), len(b)))


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]
