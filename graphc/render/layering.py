"""Layered layout of one level of a diagram: ranks from top to bottom, an order within each, places.

The method is that of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical
System Structures", 1981: longest-path ranks, dummies where an edge passes a rank, barycenters for
the order. Places across are those nearest to what each item is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence

_SWEEPS = 4


class Item:
    """Something with a place in the layout: a box, or a dummy where an edge passes by."""

    __slots__ = ("above", "below", "is_dummy", "order", "rank", "width", "x")

    def __init__(self, width: int, *, is_dummy: bool = False) -> None:
        self.width = width
        self.is_dummy = is_dummy
        self.rank = 0
        self.order = 0.0
        self.x = 0
        """Where its left edge is."""
        self.above: list[tuple[Item, int, int]] = []
        """What it is connected to in the rank above: the item, its port, and the own one."""
        self.below: list[tuple[Item, int, int]] = []


class Link:
    """An edge from a port of one item to a port of another; ports count from an item's left."""

    __slots__ = ("path", "source", "source_port", "target", "target_port")

    def __init__(self, source: Item, source_port: int, target: Item, target_port: int) -> None:
        self.source = source
        self.source_port = source_port
        self.target = target
        self.target_port = target_port
        self.path: list[Item] = []
        """The dummies that it passes through."""


def arrange(
    items: Sequence[Item], links: Sequence[Link], gap: int, *, first: Sequence[Item] = (),
    last: Sequence[Item] = (),
) -> list[list[Item]]:  # fmt: skip
    """Give items, which stand in topological order, ranks and places; the ranks, dummies included.

    `first` are kept in the top rank, and `last` in the bottom one.
    """
    _rank(items, links, first, last)
    depth = max((item.rank for item in items), default=0) + 1
    ranks: list[list[Item]] = [[] for _ in range(depth)]
    for item in items:
        ranks[item.rank].append(item)
    for link in links:
        _thread(link, ranks)
    for row in ranks:
        for place, item in enumerate(row):
            item.order = place
    _order(ranks)
    _place(ranks, gap)
    return ranks


def _rank(
    items: Sequence[Item], links: Sequence[Link], first: Sequence[Item], last: Sequence[Item]
) -> None:
    incoming: dict[Item, list[Item]] = {item: [] for item in items}
    outgoing: dict[Item, list[Item]] = {item: [] for item in items}
    for link in links:
        incoming[link.target].append(link.source)
        outgoing[link.source].append(link.target)
    start = 1 if first else 0
    for item in items:
        if item not in first:
            item.rank = max((source.rank + 1 for source in incoming[item]), default=start)
    # What nothing leads to stands right above what it leads to.
    for item in reversed(items):
        if not incoming[item] and item not in first and outgoing[item]:
            item.rank = max(start, min(target.rank for target in outgoing[item]) - 1)
    bottom = max((item.rank for item in items if item not in last), default=0) + 1
    for item in last:
        item.rank = bottom


def _thread(link: Link, ranks: list[list[Item]]) -> None:
    """Lead a link through a dummy in each rank between its ends."""
    before, port = link.source, link.source_port
    for rank in range(link.source.rank + 1, link.target.rank):
        dummy = Item(1, is_dummy=True)
        dummy.rank = rank
        ranks[rank].append(dummy)
        link.path.append(dummy)
        before.below.append((dummy, 0, port))
        dummy.above.append((before, port, 0))
        before, port = dummy, 0
    before.below.append((link.target, link.target_port, port))
    link.target.above.append((before, port, link.target_port))


def _order(ranks: list[list[Item]]) -> None:
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in ranks if down else reversed(ranks):
            centers = {}
            for item in row:
                near = item.above if down else item.below
                # Ports tell apart what comes out of one item.
                places = [other.order + (port + 1) / (other.width + 1) for other, port, _ in near]
                centers[item] = sum(places) / len(places) if places else item.order + 0.5
            row.sort(key=lambda item: centers[item])
            for place, item in enumerate(row):
                item.order = place


def _place(ranks: list[list[Item]], gap: int) -> None:
    for row in ranks:
        x = 0
        for item in row:
            item.x = x
            x += item.width + gap
    for sweep in range(2 * _SWEEPS + 1):
        down = sweep % 2 == 0
        for row in ranks if down else reversed(ranks):
            wanted = []
            for item in row:
                near = item.above if down else item.below
                places = [other.x + port - own for other, port, own in near]
                # A dummy counts more: a line is straight before a box is in the middle.
                weight = 4.0 if item.is_dummy else 1.0
                wanted.append((_median(places) if places else item.x, weight if places else 0.1))
            _spread(row, wanted, gap)
    left = min((item.x for row in ranks for item in row), default=0)
    for row in ranks:
        for item in row:
            item.x -= left


def _median(places: list[int]) -> float:
    places = sorted(places)
    middle = len(places) // 2
    return places[middle] if len(places) % 2 else (places[middle - 1] + places[middle]) / 2


def _spread(row: list[Item], wanted: list[tuple[float, float]], gap: int) -> None:
    """Place items as near as can be to where they want to be, in order, with a gap between.

    Least squares under an order is pooling of adjacent violators (Ayer and others, 1955).
    """
    offsets = []
    offset = 0
    for item in row:
        offsets.append(offset)
        offset += item.width + gap
    pools: list[tuple[float, float, int]] = []  # mean, weight, items
    for (place, own_weight), shift in zip(wanted, offsets, strict=True):
        mean, weight, count = place - shift, own_weight, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, other_count = pools.pop()
            mean = (mean * weight + other * other_weight) / (weight + other_weight)
            weight, count = weight + other_weight, count + other_count
        pools.append((mean, weight, count))
    index = 0
    for mean, _, count in pools:
        for _ in range(count):
            row[index].x = round(mean) + offsets[index]
            index += 1
