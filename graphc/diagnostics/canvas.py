"""Rows of styled characters, drawn one over the other and printed at the end."""

from __future__ import annotations

from itertools import groupby

from graphc.diagnostics.glyphs import columns

# Parameters of the terminal's "select graphic rendition" sequence; the empty style has none.
PLAIN = ""
BOLD = "1"
GREEN = "32"
RED = "91"
BOLD_RED = "1;91"
BOLD_YELLOW = "1;93"
BOLD_BLUE = "1;94"
BOLD_CYAN = "1;96"


def paint(text: str, style: str, *, color: bool) -> str:
    """Give text a style, where colour is wanted."""
    return f"\x1b[{style}m{text}\x1b[0m" if color and style and text else text


class Canvas:
    """Cells by row and column; what is put last stands on top."""

    def __init__(self) -> None:
        self._rows: list[list[tuple[str, str]]] = []

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def put(self, row: int, column: int, text: str, style: str = PLAIN) -> None:
        """Write printable text from a column on; blank cells fill the way to it."""
        while len(self._rows) <= row:
            self._rows.append([])
        cells = self._rows[row]
        cells.extend([(" ", PLAIN)] * (column - len(cells)))
        for character in text:
            width = columns(character)
            if width:
                # The cells behind a wide character are its own, and print nothing.
                cells[column : column + width] = [(character, style), *[("", style)] * (width - 1)]
                column += width
            elif column:
                base, base_style = cells[column - 1]
                cells[column - 1] = (base + character, base_style)

    def lines(self, *, color: bool) -> list[str]:
        """Return the rows as text, without blanks at their ends."""
        return [_line(cells, color=color) for cells in self._rows]


def _line(cells: list[tuple[str, str]], *, color: bool) -> str:
    end = len(cells)
    while end and not cells[end - 1][0].strip():
        end -= 1
    return "".join(
        paint("".join(text for text, _ in run), style, color=color)
        for style, run in groupby(cells[:end], key=lambda cell: cell[1])
    )
