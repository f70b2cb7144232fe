"""Segments of steps that stand in several places: where each begins, and how long it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphc.record import Record

LONGEST = 80
"""How many steps a segment has at most."""


class Segment(Record):
    """Some steps one after the other; `starts` are all places where such steps begin."""

    starts: tuple[int, ...]
    length: int
    bound: int
    """How much there is to read in all but one of them."""


def segments(
    keys: Sequence[int], sizes: Sequence[int], whole_from: Sequence[int]
) -> Iterator[Segment]:
    """The segments of two steps and more that recur; a key below zero is like no other.

    `whole_from` says for each place where a segment begins at the earliest that ends there.
    """
    sums = [0]
    for each in sizes:
        sums.append(sums[-1] + each)
    numbers = list(keys)
    places = [place for place, key in enumerate(keys) if key >= 0]
    for length in range(2, LONGEST + 1):
        found: dict[tuple[int, int], list[int]] = {}
        for place in places:
            end = place + length - 1
            if end < len(keys) and keys[end] >= 0:
                found.setdefault((numbers[place], keys[end]), []).append(place)
        places = []
        for number, starts in enumerate(found.values()):
            if len(starts) < 2:
                continue
            for place in starts:
                numbers[place] = number
            places += starts
            whole = tuple(each for each in starts if each >= whole_from[each + length])
            apart = disjoint(whole, length)
            if len(apart) > 1:
                size = sums[whole[0] + length] - sums[whole[0]]
                yield Segment(whole, length, size * (len(apart) - 1))
        places.sort()
        if not places:
            return


def disjoint(starts: Sequence[int], length: int) -> list[int]:
    """The first of the places, and each that begins where the one before has ended."""
    found: list[int] = []
    for start in starts:
        if not found or start >= found[-1] + length:
            found.append(start)
    return found
