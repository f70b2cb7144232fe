"""Turns that are alike but for steps that some of them lack: which step of one is which of others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from graphc.record import Record

LARGEST_TABLE = 60_000
"""How many pairs of steps are compared for two turns at most."""


class Row(Record):
    """One step of the template: where it stands in each turn, None in those that lack it."""

    places: tuple[int | None, ...]
    turns: tuple[int, ...]
    """The turns that have it."""


def align(keys: Sequence[int], bounds: Sequence[int]) -> list[Row] | None:
    """The rows of a template for the turns between bounds; None where they are too long.

    Steps stand for each other where their keys are the same, and keep their order. The longest
    turn comes first, since the others lack steps of it rather than it of theirs.
    """
    turns = [list(range(a, b)) for a, b in pairwise(bounds)]
    order = sorted(range(len(turns)), key=lambda turn: -len(turns[turn]))
    rows: list[tuple[int, dict[int, int]]] = []
    for turn in order:
        places = turns[turn]
        if len(rows) * len(places) > LARGEST_TABLE:
            return None
        pairs = _common([key for key, _ in rows], [keys[place] for place in places])
        merged: list[tuple[int, dict[int, int]]] = []
        row = place = 0
        for at_row, at_place in [*pairs, (len(rows), len(places))]:
            merged += rows[row:at_row]
            merged += [(keys[p], {turn: p}) for p in places[place:at_place]]
            if at_row < len(rows):
                key, found = rows[at_row]
                merged.append((key, {**found, turn: places[at_place]}))
            row, place = at_row + 1, at_place + 1
        rows = merged
    return [
        Row(tuple(map(found.get, range(len(turns)))), tuple(sorted(found))) for _, found in rows
    ]


def _common(left: list[int], right: list[int]) -> list[tuple[int, int]]:
    """The longest common subsequence, as pairs of places."""
    if left == right:
        return [(place, place) for place in range(len(left))]
    width = len(right) + 1
    lengths = [[0] * width for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        row, below = lengths[i], lengths[i + 1]
        for j in range(len(right) - 1, -1, -1):
            if left[i] == right[j]:
                row[j] = below[j + 1] + 1
            else:
                row[j] = max(below[j], row[j + 1])
    pairs = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
