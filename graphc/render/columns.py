"""Cuts a long drawing into columns, as a newspaper does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphc.analysis.diagram import Diagram, Group, Part, nodes_of

_ROWS_WITHOUT_END = 26  # as many rows are still one picture
_ROW, _COLUMN = 62, 230  # points that a row is high and a column wide, about
_MOST_TENSORS = 4  # that may go on in a later column where columns are asked for


def columns(diagram: Diagram, rows: int | None) -> list[list[Part]]:
    """The parts by columns of about so many rows; one column for 0.

    None chooses: a short drawing is one column, a long one about as wide as it is high, cut where
    one tensor goes on: more, and the shape of the net is lost. No cut goes through a group.
    """
    parts = list(diagram.parts)
    if rows == 0 or len(parts) < 2:
        return [parts]
    levels = _Levels(diagram)
    total = max(levels.ends)
    most = _MOST_TENSORS
    if rows is None:
        most = 1
        if total <= _ROWS_WITHOUT_END:
            return [parts]
        rows = math.ceil(total / math.sqrt(total * _ROW / _COLUMN))
    cuts = _cuts(levels, rows, total, most)
    starts = [0, *cuts]
    return [parts[a:b] for a, b in zip(starts, [*cuts, len(parts)], strict=True)]


class _Levels:
    """How far down each part is, and what crosses each cut."""

    def __init__(self, diagram: Diagram) -> None:
        parts = diagram.parts
        owner = {node.id: i for i, part in enumerate(parts) for node in nodes_of([part])}
        depths: dict[str, int] = {}
        sources: list[set[int]] = [set() for _ in parts]
        last_use: dict[tuple[str, int], int] = {}
        for edge in diagram.edges:
            source, target = owner[edge.source], owner[edge.target]
            if source == target:
                depths[edge.target] = max(
                    depths.get(edge.target, 1), depths.get(edge.source, 1) + 1
                )
            else:
                sources[target].add(source)
                tensor = (edge.source, edge.output)
                last_use[tensor] = max(target, last_use.get(tensor, 0))
        self.begins = [
            i > 0 and parts[i].span.end < parts[i - 1].span.end for i in range(len(parts))
        ]
        """Whether the source goes back before a part: a loop's body begins again, mostly."""
        self.ends: list[int] = []
        for index, part in enumerate(parts):
            above = max((self.ends[s] for s in sources[index] if s < index), default=0)
            self.ends.append(above + _height(part, depths))
        changes = [0] * (len(parts) + 1)
        for (source_id, _), last in last_use.items():
            first = owner[source_id]
            if last > first:
                changes[first + 1] += 1
                changes[last + 1] -= 1
        self.crossing = [0] * (len(parts) + 1)
        """How many tensors cross a cut before each part."""
        for index in range(1, len(parts) + 1):
            self.crossing[index] = self.crossing[index - 1] + changes[index]


def _height(part: Part, depths: dict[str, int]) -> int:
    """The rows of a part: those of the longest way through it, about."""
    longest = max(depths.get(node.id, 1) for node in nodes_of([part]))
    return longest + (1 if isinstance(part, Group) else 0)


def _cuts(levels: _Levels, rows: int, total: int, most: int) -> list[int]:
    """Before which parts to cut."""
    cuts: list[int] = []
    top = 0
    while total - top > rows * 1.25:
        best: tuple[float, int] | None = None
        for index in range(cuts[-1] + 1 if cuts else 1, len(levels.ends)):
            height = levels.ends[index - 1] - top
            if height > rows * 1.5 and best is not None:
                break
            if height < rows * 0.6 or levels.crossing[index] > most:
                continue
            far = abs(height - rows) / rows + 0.5 * (levels.crossing[index] - 1)
            far -= 0.3 * levels.begins[index]
            if best is None or far < best[0]:
                best = (far, index)
        if best is None or total - levels.ends[best[1] - 1] < rows * 0.4:
            break
        cuts.append(best[1])
        top = levels.ends[best[1] - 1]
    return cuts


def letters(count: int) -> Sequence[str]:
    """Marks for tensors that go on elsewhere: A to Z, then A1."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [alphabet[i % 26] + (str(i // 26) if i >= 26 else "") for i in range(count)]
