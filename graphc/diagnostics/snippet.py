"""Source lines with marks under them, laid out as rustc does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphc.diagnostics.canvas import BOLD_BLUE, Canvas
from graphc.diagnostics.excerpt import Excerpt
from graphc.diagnostics.glyphs import columns, printable
from graphc.record import Record, replace
from graphc.source import SourceFile, Span


class Mark(Record):
    """A span to be underlined, with the text beside it."""

    span: Span
    text: str
    is_primary: bool
    style: str


class _Place(Record):
    """A mark by lines (from 1) and characters (from 0); the end is exclusive.

    `depth` is the column of the bar that joins the lines of a mark over several, from 1.
    """

    mark: Mark
    first_line: int
    start: int
    last_line: int
    end: int
    depth: int = 0


class _Item(Record):
    """What stands under one line: a whole mark, or the `opens`/`closes` end of a long one.

    `start` and `end` are columns of the screen, `row` counts from the underlines' row: a text
    in row 0 stands beside them.
    """

    place: _Place
    kind: str
    start: int
    end: int
    text: str
    row: int = 0

    @property
    def has_turn(self) -> bool:
        """Whether a horizontal line leads from here to a bar on the left."""
        return self.kind != "whole"


class Snippet:
    """Draws the marked lines of one file on a canvas."""

    def __init__(
        self, canvas: Canvas, file: SourceFile, marks: Iterable[Mark], *, gutter: int, width: int
    ) -> None:
        self._canvas = canvas
        self._file = file
        self._gutter = gutter
        self._places = _with_depths([_place(mark) for mark in marks])
        depth = max(place.depth for place in self._places)
        self._bars_column = gutter + 4
        self._code_column = self._bars_column + (depth + 1 if depth else 0)
        self._room = max(width - self._code_column, 20)
        self._open_bars: dict[int, str] = {}

    def draw(self) -> None:
        """Draw all lines; the lines between two marked ones become an ellipsis."""
        lines = sorted({line for p in self._places for line in (p.first_line, p.last_line)})
        previous = lines[0]
        for line in lines:
            if line - previous == 2:
                self._draw_source(line - 1, Excerpt(self._file.line_text(line - 1), self._room))
            elif line - previous > 2:
                self._canvas.put(self._canvas.height, 1, "...", BOLD_BLUE)
                self._draw_bars(self._canvas.height - 1)
            self._draw_line(line)
            previous = line

    def _draw_line(self, line: int) -> None:
        places = [p for p in self._places if line in (p.first_line, p.last_line)]
        text = self._file.line_text(line)
        excerpt = _excerpt(text, self._room, line, places)
        row = self._draw_source(line, excerpt)
        items: list[_Item] = []
        for place in places:
            if _opens_at_line_start(place, line, text):
                # A bar can begin in the line itself.
                self._open_bars[place.depth] = place.mark.style
                self._canvas.put(row, self._bars_column + place.depth - 1, "/", place.mark.style)
            else:
                items.append(_item(place, line, excerpt))
        if items:
            self._draw_items(row, _with_rows(items))

    def _draw_source(self, line: int, excerpt: Excerpt) -> int:
        row = self._canvas.height
        self._canvas.put(row, 0, f" {line:>{self._gutter}} |", BOLD_BLUE)
        self._canvas.put(row, self._code_column, excerpt.text)
        self._draw_bars(row)
        return row

    def _draw_bars(self, row: int) -> None:
        for depth, style in self._open_bars.items():
            self._canvas.put(row, self._bars_column + depth - 1, "|", style)

    def _draw_items(self, source_row: int, items: list[_Item]) -> None:
        """Draw marks from the lines that lead to them up to what has to stay readable."""
        top = source_row + 1
        for row in range(top, top + max(map(_height, items))):
            self._canvas.put(row, 0, " " * (self._gutter + 2) + "|", BOLD_BLUE)
        for item in items:
            if item.has_turn:
                self._draw_turn(top, item)
        for row in range(top, self._canvas.height):
            self._draw_bars_beside(row - top, row, items)
        for item in items:
            if item.row and (item.text or item.has_turn):
                for row in range(top + 1, top + item.row + 1):
                    self._put_mark(row, item.start, "|", item)
        for item in items:
            if item.text:
                row, column = (item.row + 1, item.start) if item.row else (0, item.end + 1)
                self._put_mark(top + row, column, item.text, item)
        for item in sorted(items, key=lambda i: (i.start - i.end, i.place.mark.is_primary)):
            line = "^" if item.place.mark.is_primary else "-"
            self._put_mark(top, item.start, line * (item.end - item.start), item)
        for item in items:
            if item.kind == "opens":
                self._open_bars[item.place.depth] = item.place.mark.style
            elif item.kind == "closes":
                del self._open_bars[item.place.depth]

    def _draw_turn(self, top: int, item: _Item) -> None:
        """Draw the horizontal line between a mark and its bar."""
        column = self._bars_column + item.place.depth
        length = self._code_column + item.start - column
        self._canvas.put(top + item.row, column, "_" * length, item.place.mark.style)

    def _draw_bars_beside(self, row: int, canvas_row: int, items: list[_Item]) -> None:
        """Draw the bars at one of the rows of marks, where some begin and some end."""
        bars = dict(self._open_bars)
        for item in items:
            if item.kind == "opens" and row > item.row:
                bars[item.place.depth] = item.place.mark.style
            elif item.kind == "closes" and row > item.row:
                del bars[item.place.depth]
        for depth, style in bars.items():
            self._canvas.put(canvas_row, self._bars_column + depth - 1, "|", style)

    def _put_mark(self, row: int, column: int, text: str, item: _Item) -> None:
        self._canvas.put(row, self._code_column + column, text, item.place.mark.style)


def _place(mark: Mark) -> _Place:
    span = mark.span
    line, column = span.file.line_and_column(span.start)
    # A span that takes its last newline along ends on the line before.
    end = span.start + len(span.text.rstrip("\r\n"))
    if end == span.start:
        return _Place(mark, line, column - 1, line, column - 1)
    last_line, last_column = span.file.line_and_column(end - 1)
    return _Place(mark, line, column - 1, last_line, last_column)


def _with_depths(places: Sequence[_Place]) -> list[_Place]:
    """Give each mark over several lines a bar of its own where it meets others."""
    placed: list[_Place] = []
    for place in sorted(places, key=lambda p: (p.first_line, -p.last_line)):
        depth = 0
        if place.first_line != place.last_line:
            taken = {p.depth for p in placed if p.last_line >= place.first_line}
            depth = next(d for d in range(1, len(places) + 1) if d not in taken)
        placed.append(replace(place, depth=depth))
    return placed


def _excerpt(text: str, room: int, line: int, places: Sequence[_Place]) -> Excerpt:
    """Cut the line around what is marked on it."""
    starts = [p.start if p.first_line == line else p.end - 1 for p in places]
    ends = [p.end if p.last_line == line else p.start + 1 for p in places]
    anchor = next((s for s, p in zip(starts, places, strict=True) if p.mark.is_primary), starts[0])
    return Excerpt(text, room, first=min(starts), last=max(ends), anchor=anchor)


def _opens_at_line_start(place: _Place, line: int, text: str) -> bool:
    return line == place.first_line < place.last_line and not text[: place.start].strip()


def _item(place: _Place, line: int, excerpt: Excerpt) -> _Item:
    text = printable(place.mark.text)
    if place.first_line == place.last_line:
        return _Item(place, "whole", *excerpt.columns_between(place.start, place.end), text)
    if line == place.first_line:
        return _Item(place, "opens", *excerpt.columns_between(place.start, place.start + 1), "")
    return _Item(place, "closes", *excerpt.columns_between(place.end - 1, place.end), text)


def _with_rows(items: list[_Item]) -> list[_Item]:
    """Place texts beside their marks where they fit, and else in rows below, the right one first."""
    row = 0
    placed: list[_Item] = []
    items = sorted(items, key=lambda item: item.start, reverse=True)
    for index, item in enumerate(items):
        rest = items[index + 1 :]
        if row == 0 and item.text and any(_is_under(item, other) for other in rest):
            row = 1
        placed.append(replace(item, row=row))
        if any(_collide(item, other, row) for other in rest):
            row += 1
    return placed


def _is_under(item: _Item, other: _Item) -> bool:
    """Whether two marks share columns, so that a text beside one would seem the other's."""
    is_same = (item.start, item.end) == (other.start, other.end)
    return _overlap(item, other, 0) and (bool(other.text) or not is_same)


def _collide(item: _Item, other: _Item, row: int) -> bool:
    """Whether another mark, not to the right of this one, needs a row further down."""
    padding = columns(other.text) + 2 if other.text else 0
    return (
        (item.has_turn and (other.has_turn or bool(other.text)))
        or (other.has_turn and bool(item.text))
        or (
            bool(other.text)
            and _overlap(item, other, padding)
            and (bool(item.text) or (row == 0 and other.end <= item.end))
        )
    )


def _overlap(item: _Item, other: _Item, padding: int) -> bool:
    return item.start < other.end + padding and other.start < item.end + padding


def _height(item: _Item) -> int:
    if not item.row:
        return 1
    return item.row + (2 if item.text else 1 if item.has_turn else 0)
