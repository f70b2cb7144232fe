"""The lines between two rows of boxes in a drawing of characters."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.record import Record
from graphc.render.text_canvas import Canvas

# What a cell looks like by the directions in which lines leave it: up, down, left, right.
_SHAPES = {
    frozenset("ud"): "│",
    frozenset("lr"): "─",
    frozenset("dr"): "╭",
    frozenset("dl"): "╮",
    frozenset("ur"): "╰",
    frozenset("ul"): "╯",
    frozenset("udr"): "├",
    frozenset("udl"): "┤",
    frozenset("dlr"): "┬",
    frozenset("ulr"): "┴",
    frozenset("udlr"): "┼",
}


class Wire(Record):
    """A line from a cell in the row above to one in the row below."""

    start: int
    end: int
    is_arrow: bool


def tracks(wires: Sequence[Wire]) -> dict[int, int]:
    """The row that each bent wire goes across in, by where it starts.

    Wires that start together bend together. Two that would overlap take rows of their own, and
    one that starts where another ends bends above it.
    """
    spans: dict[int, list[int]] = {}
    for wire in wires:
        if wire.start != wire.end:
            spans.setdefault(wire.start, [wire.start]).append(wire.end)
    order = sorted(spans, key=lambda start: (min(spans[start]), max(spans[start])))
    ends = {end: start for start, xs in spans.items() for end in xs[1:]}
    rows: dict[int, int] = {}
    for start in order:
        _assign(start, spans, ends, rows, set())
    return rows


def _assign(
    start: int,
    spans: dict[int, list[int]],
    ends: dict[int, int],
    rows: dict[int, int],
    active: set[int],
) -> None:
    if start in rows or start in active:
        return
    active.add(start)
    lowest = 0
    # Where another wire comes down on this one's start, this one has to be out of the way above.
    for end in spans[start][1:]:
        if end in spans and end != start:
            _assign(end, spans, ends, rows, active)
            lowest = max(lowest, rows.get(end, -1) + 1)
    low, high = min(spans[start]), max(spans[start])
    row = lowest
    while any(
        rows[other] == row and min(spans[other]) <= high and max(spans[other]) >= low
        for other in rows
    ):
        row += 1
    rows[start] = row


def height_of(wires: Sequence[Wire]) -> int:
    """The rows that the lines take, the arrow heads included."""
    if not wires:
        return 0
    return max(tracks(wires).values(), default=-1) + 2


def draw_wires(canvas: Canvas, y: int, wires: Sequence[Wire]) -> None:
    """Draw the lines into the rows from `y` on."""
    rows = tracks(wires)
    bottom = y + height_of(wires) - 1
    cells: dict[tuple[int, int], set[str]] = {}
    owners: dict[tuple[int, int], set[int]] = {}

    def step(x: int, row: int, directions: str, owner: int) -> None:
        cells.setdefault((x, row), set()).update(directions)
        owners.setdefault((x, row), set()).add(owner)

    for wire in wires:
        turn = y + rows.get(wire.start, 0)
        if wire.start == wire.end:
            for row in range(y, bottom + 1):
                step(wire.start, row, "ud", wire.start)
            continue
        low, high = sorted((wire.start, wire.end))
        for row in range(y, turn):
            step(wire.start, row, "ud", wire.start)
        step(wire.start, turn, "u" + ("r" if wire.end > wire.start else "l"), wire.start)
        for x in range(low + 1, high):
            step(x, turn, "lr", wire.start)
        step(wire.end, turn, "d" + ("l" if wire.end > wire.start else "r"), wire.start)
        for row in range(turn + 1, bottom + 1):
            step(wire.end, row, "ud", wire.start)
    for (x, row), directions in cells.items():
        shape = _SHAPES[frozenset(directions)]
        # Lines of two tensors that cross do not touch: the one down goes over the other.
        if shape == "┼" and len(owners[x, row]) > 1:
            shape = "│"
        canvas.write(x, row, shape)
    for wire in wires:
        if wire.is_arrow:
            canvas.write(wire.end, bottom, "▼")
