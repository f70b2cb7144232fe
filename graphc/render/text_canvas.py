"""A drawing of characters, each cell with the style it is printed in."""

from __future__ import annotations

from graphc.diagnostics.glyphs import columns
from graphc.render.palette import CHANGES, PALETTE

_ROUND = "╭╮╰╯─│"
_SQUARE = "┌┐└┘╌┆"


class Canvas:
    """Rows of cells, as many as are drawn on."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[list[tuple[str, str]]] = []

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def row(self, y: int) -> list[tuple[str, str]]:
        """A row, made where there is none yet."""
        while len(self.rows) <= y:
            self.rows.append([(" ", "")] * self.width)
        return self.rows[y]

    def at(self, x: int, y: int) -> str:
        """The character of a cell."""
        return self.row(y)[x][0]

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write a text from a cell on; a wide character takes two."""
        row = self.row(y)
        for character in text:
            width = columns(character)
            if width == 0:
                before, old = row[x - 1]
                row[x - 1] = (before + character, old)
                continue
            row[x] = (character, style)
            if width == 2:
                row[x + 1] = ("", style)
            x += width

    def frame(
        self, x: int, y: int, width: int, height: int, style: str, *, square: bool = False
    ) -> None:
        """Draw a border."""
        corners = _SQUARE if square else _ROUND
        across = corners[4] * (width - 2)
        self.write(x, y, corners[0] + across + corners[1], style)
        for row in range(y + 1, y + height - 1):
            self.write(x, row, corners[5], style)
            self.write(x + width - 1, row, corners[5], style)
        self.write(x, y + height - 1, corners[2] + across + corners[3], style)

    def vertical(self, x: int, top: int, bottom: int) -> None:
        """Draw a line down through the rows from `top` to before `bottom`."""
        for y in range(top, bottom):
            self.write(x, y, "│")

    def paste(self, other: Canvas, x: int, y: int) -> None:
        """Copy another drawing onto this one."""
        for place, cells in enumerate(other.rows):
            self.row(y + place)[x : x + other.width] = cells

    def text(self, *, color: bool, theme: str) -> str:
        """The drawing as lines; with the colours of the families where a terminal takes them."""
        if not color:
            lines = ("".join(cell for cell, _ in row).rstrip() for row in self.rows)
            return "".join(f"{line}\n" for line in lines)
        return "".join(f"{_styled(row, theme)}\n" for row in self.rows)


def _styled(row: list[tuple[str, str]], theme: str) -> str:
    from itertools import groupby

    from rich.color import ColorSystem
    from rich.style import Style

    parts = []
    for name, cells in groupby(row, key=lambda cell: cell[1]):
        text = "".join(cell for cell, _ in cells)
        style = Style.null()
        if name == "title":
            style = Style(bold=True)
        elif name:
            shade = CHANGES[name][1] if name in CHANGES else PALETTE[name]
            style = Style(color=shade.of(theme).border)
        parts.append(
            style.render(text, color_system=ColorSystem.TRUECOLOR) if text.strip() else text
        )
    return "".join(parts).rstrip()
