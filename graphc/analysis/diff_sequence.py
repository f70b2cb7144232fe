"""Two sequences aligned: which items of one stand for which of the other, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence

Pairs = list[tuple[int, int]]

_MOST_EDITS = 1000  # the trace grows as their square


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
    # reach[k + offset] is how far into `a` the diagonal k leads; each edit keeps what it needs.
    trace: list[list[int]] = []
    most = min(len(a) + len(b), _MOST_EDITS)
    offset = most + 1
    reach = [0] * (2 * offset + 1)
    for edits in range(most + 1):
        trace.append(reach[offset - edits - 1 : offset + edits + 2])
        for k in range(-edits, edits + 1, 2):
            at = offset + k
            is_down = k == -edits or (k != edits and reach[at - 1] < reach[at + 1])
            x = reach[at + 1] if is_down else reach[at - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[at] = x
            if x >= len(a) and x - k >= len(b):
                return _backtrack(trace, len(a), len(b))
    return None


def _backtrack(trace: list[list[int]], x: int, y: int) -> Pairs:
    pairs: Pairs = []
    for edits in range(len(trace) - 1, -1, -1):
        reach, k = trace[edits], x - y
        at = k + edits + 1
        is_down = k == -edits or (k != edits and reach[at - 1] < reach[at + 1])
        from_k = k + 1 if is_down else k - 1
        from_x = reach[at + 1] if is_down else reach[at - 1]
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
        elif rows[i][j] != rows[i][j + 1]:
            i += 1
        elif rows[i][j] != rows[i + 1][j] or _pairs_up(scores[i], j + 1):
            j += 1  # where either will do, what comes next decides, so that neither runs ahead
        else:
            i += 1
    return pairs


def _pairs_up(line: list[float], place: int) -> bool:
    return place < len(line) and line[place] > 0


def best_in_windows(
    length_a: int, length_b: int, score: Callable[[int, int], float], window: int
) -> Pairs:
    """As `best`, for sequences too long for one table: what is far apart is not compared."""
    pairs: Pairs = []
    i = j = 0
    while i < length_a and j < length_b:
        mine, theirs = min(window, length_a - i), min(window, length_b - j)
        is_last = i + mine == length_a and j + theirs == length_b
        found = best(mine, theirs, lambda x, y, i=i, j=j: score(i + x, j + y))  # type: ignore[misc]
        half = window // 2
        kept = found if is_last else [(x, y) for x, y in found if x < half and y < half]
        pairs += [(i + x, j + y) for x, y in kept]
        if is_last:
            break
        last_x, last_y = kept[-1] if kept else (half, half)
        i, j = i + last_x + 1, j + last_y + 1
    return pairs
