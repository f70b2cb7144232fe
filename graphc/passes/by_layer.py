"""Steps in the order of the layers that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from graphc.ir.origin import Origin
from graphc.ir.tensor import Step


def by_layer(steps: Sequence[Step]) -> list[Step]:
    """The steps, each after those it needs, and those of one layer together where that can be."""
    places = {id(step): place for place, step in enumerate(steps)}
    needed: dict[int, set[int]] = {}
    users: dict[int, list[int]] = {}
    for place, step in enumerate(steps):
        sources = {places[id(x.step)] for x in step.operands if id(x.step) in places}
        needed[place] = sources
        for each in sources:
            users.setdefault(each, []).append(place)
    ready: list[tuple[tuple[int, ...], int]] = []
    for place, sources in needed.items():
        if not sources:
            heappush(ready, (_rank(steps[place].origin), place))
    ordered = []
    while ready:
        _, place = heappop(ready)
        ordered.append(steps[place])
        for user in users.get(place, ()):
            needed[user].discard(place)
            if not needed[user]:
                heappush(ready, (_rank(steps[user].origin), user))
    return ordered


def _rank(origin: Origin | None) -> tuple[int, ...]:
    return () if origin is None else tuple(call.id for call in origin.calls)
