"""Offsets in one arena: what is not needed at the same time may share its bytes.

The largest first, each as low as it goes (greedy by size: Pisarchyk and Lee, "Efficient memory
management for deep neural net inference", 2020).
"""

from __future__ import annotations

from collections.abc import Sequence

from graphc.record import Record

ALIGNMENT = 64
"""Bytes of a cache line, and of the widest registers."""


class Need(Record):
    """So many bytes, from one time to another, both included."""

    size: int
    first: int
    last: int


def arrange(needs: Sequence[Need]) -> tuple[list[int], int]:
    """An offset for each need, and the size of the arena."""
    offsets = [0] * len(needs)
    done: list[int] = []
    for index in sorted(range(len(needs)), key=lambda i: (-needs[i].size, needs[i].first)):
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
    total = max((o + _rounded(n.size) for o, n in zip(offsets, needs, strict=True)), default=0)
    return offsets, total


def _rounded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def peak(needs: Sequence[Need]) -> int:
    """The largest sum of what is needed at one time: no arrangement is smaller."""
    times = {need.first for need in needs}
    return max((sum(n.size for n in needs if n.first <= t <= n.last) for t in times), default=0)
