"""Two sequences aligned: which items of one stand for which of the other, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence

Pairs = list[tuple[int, int]]

_MOST_EDITS = 300  # beyond, the sequences have little in common, and the trace grows as its square


def increasing(pairs: Sequence[tuple[int, int]]) -> Pairs:
    """The longest run of pairs that go up on both sides; the pairs come sorted by the first."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        at = bisect_left(tails, second)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [second]
        ends[at : at + 1] = [index]
    chain: Pairs = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def common(a: Sequence[Hashable], b: Sequence[Hashable]) -> Pairs | None:
    """The longest common subsequence as pairs of places (Myers, 1986); None if it is far off."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    middle = _myers(a[start : len(a) - end], b[start : len(b) - end])
    if middle is None:
        return None
    pairs = [(i, i) for i in range(start)]
    pairs += [(start + i, start + j) for i, j in middle]
    pairs += [(len(a) - end + i, len(b) - end + i) for i in range(end)]
    return pairs


def _myers(a: Sequence[Hashable], b: Sequence[Hashable]) -> Pairs | None:
    if not a or not b:
        return []
    trace: list[dict[int, int]] = []
    reach = {1: 0}
    for edits in range(min(len(a) + len(b), _MOST_EDITS) + 1):
        trace.append(dict(reach))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _backtrack(trace, len(a), len(b))
    return None


def _backtrack(trace: list[dict[int, int]], x: int, y: int) -> Pairs:
    pairs: Pairs = []
    for edits in range(len(trace) - 1, -1, -1):
        reach, k = trace[edits], x - y
        down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
        from_k = k + 1 if down else k - 1
        from_x = reach[from_k]
        from_y = from_x - from_k
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def best(length_a: int, length_b: int, score: Callable[[int, int], float]) -> Pairs:
    """The alignment with the highest sum of scores (Needleman and Wunsch); 0 pairs nothing.

    Of equal ones, the pairs stand as early as they can.
    """
    rows = [[0.0] * (length_b + 1)]
    scores: list[list[float]] = []
    # From the end, so that walking forward takes the earliest pairs.
    for i in range(length_a - 1, -1, -1):
        below, row, line = rows[-1], [0.0] * (length_b + 1), [0.0] * length_b
        for j in range(length_b - 1, -1, -1):
            value = line[j] = score(i, j)
            row[j] = max(
                below[j], row[j + 1], value + below[j + 1] if value > 0 else 0.0
            )  # fmt: skip
        rows.append(row)
        scores.append(line)
    rows.reverse()
    scores.reverse()
    pairs: Pairs = []
    i = j = 0
    while i < length_a and j < length_b:
        value = scores[i][j]
        if value > 0 and rows[i][j] == value + rows[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif rows[i][j] == rows[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
