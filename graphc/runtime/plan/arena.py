"""Offsets in one arena: what is not needed at the same time may share its bytes.

The largest first, each as low as it goes (greedy by size: Pisarchyk and Lee, "Efficient memory
management for deep neural net inference", 2020).
"""

from __future__ import annotations

from collections.abc import Sequence

from graphc.record import Record

ALIGNMENT = 64
"""Bytes of a cache line, and of the widest registers."""


MOST_TRIES = 30
MOST_PAIRS = 10_000_000
"""Needs held against each other in all tries: a few seconds' work."""


class Need(Record):
    """So many bytes, from one time to another, both included."""

    size: int
    first: int
    last: int


def arrange(needs: Sequence[Need]) -> tuple[list[int], int]:
    """An offset for each need, and the size of the arena.

    While that is larger than what is needed at one time, those that stick out at its end go first.
    """
    least = peak([Need(_rounded(need.size), need.first, need.last) for need in needs])
    order = sorted(range(len(needs)), key=lambda i: (-needs[i].size, needs[i].first))
    best = offsets, total = _lowest(needs, order)
    for _ in range(min(MOST_TRIES, MOST_PAIRS // max(len(needs) ** 2, 1))):
        if best[1] <= least:
            break
        late = {i for i in order if offsets[i] + _rounded(needs[i].size) == total}
        order.sort(key=lambda i: i not in late)
        offsets, total = _lowest(needs, order)
        best = min(best, (offsets, total), key=lambda found: found[1])
    return best


def _lowest(needs: Sequence[Need], order: Sequence[int]) -> tuple[list[int], int]:
    """Each need in its turn as low as it goes, and the end of all."""
    offsets = [0] * len(needs)
    total = 0
    done: list[int] = []
    for index in order:
        need = needs[index]
        taken = sorted(
            (offsets[other], offsets[other] + _rounded(needs[other].size))
            for other in done
            if needs[other].first <= need.last and need.first <= needs[other].last
        )
        offset = 0
        for start, stop in taken:
            if offset + _rounded(need.size) <= start:
                break
            offset = max(offset, stop)
        offsets[index] = offset
        done.append(index)
        total = max(total, offset + _rounded(need.size))
    return offsets, total


def _rounded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def peak(needs: Sequence[Need]) -> int:
    """The largest sum of what is needed at one time: no arrangement is smaller."""
    times = {need.first for need in needs}
    return max((sum(n.size for n in needs if n.first <= t <= n.last) for t in times), default=0)
