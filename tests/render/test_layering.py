"""Layered layout: nothing overlaps, everything goes down, all is in order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graphc.render.layering import Item, Link, arrange


@st.composite
def graphs(draw):
    widths = draw(st.lists(st.integers(1, 30), min_size=1, max_size=14))
    items = [Item(width) for width in widths]
    links = []
    for target in range(1, len(items)):
        sources = draw(st.lists(st.integers(0, target - 1), max_size=3))
        links += [
            Link(
                items[source],
                draw(st.integers(0, items[source].width - 1)),
                items[target],
                draw(st.integers(0, items[target].width - 1)),
            )
            for source in sources
        ]
    return items, links


@given(graphs(), st.integers(1, 4))
def test_places(graph, gap):
    items, links = graph
    ranks = arrange(items, links, gap)
    assert {item for row in ranks for item in row} >= set(items)
    for number, row in enumerate(ranks):
        assert all(item.rank == number for item in row)
        assert all(a.x + a.width + gap <= b.x for a, b in pairwise(row))
    assert min(item.x for row in ranks for item in row) == 0
    for link in links:
        stops = [link.source, *link.path, link.target]
        assert all(b.rank == a.rank + 1 for a, b in pairwise(stops))
        assert all(stop.is_dummy for stop in link.path)


@given(graphs())
def test_ends_stay_at_the_ends(graph):
    items, links = graph
    first, last = Item(1, is_dummy=True), Item(1, is_dummy=True)
    links = [Link(first, 0, items[0], 0), *links, Link(items[-1], 0, last, 0)]
    ranks = arrange([first, *items, last], links, 2, first=[first], last=[last])
    assert ranks[0] == [first]
    assert ranks[-1] == [last]


def test_a_chain_is_straight():
    items = [Item(5), Item(9), Item(3)]
    links = [Link(items[0], 2, items[1], 4), Link(items[1], 4, items[2], 1)]
    arrange(items, links, 3)
    assert len({item.x + item.width // 2 for item in items}) == 1


def test_what_nothing_leads_to_stands_above_what_it_leads_to():
    items = [Item(3) for _ in range(4)]  # a -> b -> c; d -> c
    links = [
        Link(items[0], 1, items[1], 1), Link(items[1], 1, items[2], 0), Link(items[3], 1, items[2], 2),
    ]  # fmt: skip
    order = [items[0], items[1], items[3], items[2]]
    arrange(order, links, 3)
    assert items[3].rank == 1
