"""The items of a file with blocks and loops, in the ways that shorten it most."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.interop.keras_json.folding.blocks import Blocks, with_blocks
from graphc.interop.keras_json.folding.facts import Facts
from graphc.interop.keras_json.folding.lists import with_lists
from graphc.interop.keras_json.folding.repeats import folded
from graphc.interop.keras_json.folding.shape import size
from graphc.record import Record, replace
from graphc.syntax import nodes

BLOCK_COST = 40
"""How much shorter the text has to be for each block that a reader has to look up."""

MOST_EFFORT = 1000
"""How many statements are looked through again beyond half of those that there are."""


Body = tuple[nodes.Statement, ...]


class Way(Record):
    """Items with blocks and loops, and how much there is in them to read."""

    items: tuple[nodes.Item, ...]
    weight: int

    __hash__ = object.__hash__


def shortened(items: Sequence[nodes.Item], taken: set[str]) -> list[Way]:
    """The items with loops, the shortest first: with blocks of different sizes, and with none."""
    models = [
        place
        for place, item in enumerate(items)
        if isinstance(item, nodes.Definition) and item.kind == "model"
    ]
    bodies = tuple(_body(items[place]) for place in models)
    ways = [Blocks((), bodies), *with_blocks(bodies, taken.__contains__)]
    effort = _length(ways[0])
    limit = MOST_EFFORT + effort + effort // 2
    facts = Facts()
    results = []
    for way in (ways[0], *reversed(ways[1:])):
        listed = tuple(with_lists(body, taken.__contains__) for body in way.bodies)
        choices = [way.bodies]
        if any(listed):
            choices.append(tuple(map(_first, listed, way.bodies)))
        for bodies in choices:
            changed = list(items)
            for place, body in zip(models, bodies, strict=True):
                changed[place] = replace(items[place], body=body)
            made = _with_loops([*way.definitions, *changed], taken, facts)
            results.append(Way(made, size(made) + BLOCK_COST * len(way.definitions)))
        effort += _length(way)
        if effort > limit:
            break
    return sorted(results, key=lambda each: each.weight)


def _first(one: Body | None, other: Body) -> Body:
    return other if one is None else one


def _length(way: Blocks) -> int:
    """How many statements there are in all."""
    return sum(map(len, way.bodies)) + sum(len(each.body) for each in way.definitions)


def _body(item: nodes.Item) -> tuple[nodes.Statement, ...]:
    assert isinstance(item, nodes.Definition)
    return item.body


def _with_loops(items: list[nodes.Item], taken: set[str], facts: Facts) -> tuple[nodes.Item, ...]:
    return tuple(
        replace(item, body=tuple(folded(item.body, taken.__contains__, facts)))
        if isinstance(item, nodes.Definition)
        else item
        for item in items
    )
