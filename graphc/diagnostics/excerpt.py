"""The part of a source line that fits on the screen, and where its characters stand there."""

from __future__ import annotations

from graphc.diagnostics.glyphs import columns, glyph

_CUT = "…"
# A line is read this many characters beyond each column of the screen: enough for text with
# combining marks, and a bound for lines of millions.
_CHARACTERS_PER_COLUMN = 4


class Excerpt:
    """A line cut to `room` columns around the characters from `first` to `last`.

    Where these are too far apart, it is cut around `anchor`. Indices count the line's
    characters from 0; an index that is cut away stands where the ellipsis does.
    """

    def __init__(
        self, line: str, room: int, *, first: int = 0, last: int = 0, anchor: int = 0
    ) -> None:
        self._start = _start_of_cut(line, room, first, last, anchor)
        column = 1 if self._start else 0
        pieces = [_CUT] if self._start else []
        self._columns = [column]
        for character in line[self._start : self._start + room * _CHARACTERS_PER_COLUMN]:
            pieces.append(glyph(character))
            column += columns(pieces[-1])
            self._columns.append(column)
            if column > room:
                break
        self._stop = self._start + len(self._columns) - 1
        self._is_cut = column > room or self._stop < len(line)
        while self._is_cut and self._columns[-1] >= room:
            pieces.pop()
            self._columns.pop()
            self._stop -= 1
        self.text = "".join(pieces) + (_CUT if self._is_cut else "")

    def columns_between(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of columns for one of characters, and never an empty one."""
        first = self._column(start)
        last = self._column(end)
        if self._is_cut and end > self._stop:
            last += 1
        return first, max(last, first + 1)

    def _column(self, index: int) -> int:
        if index < self._start:
            return 0
        if index <= self._stop:
            return self._columns[index - self._start]
        # Past the end of the line stands its newline.
        return self._columns[-1] + (0 if self._is_cut else index - self._stop)


def _start_of_cut(line: str, room: int, first: int, last: int, anchor: int) -> int:
    """Index of the first character shown."""
    end = len(line)
    if _back(line, end, room) == 0 or _back(line, min(last, end), room - 1) == 0:
        return 0
    fits = _back(line, min(last, end), room * 3 // 4) <= first
    start = _back(line, min(first if fits else anchor, end), room // 4)
    return min(start, _back(line, end, room - 1))


def _back(line: str, index: int, room: int) -> int:
    """Go back from an index by so many columns."""
    limit = max(0, index - room * _CHARACTERS_PER_COLUMN)
    while index > limit:
        room -= columns(glyph(line[index - 1]))
        if room < 0:
            break
        index -= 1
    return index
