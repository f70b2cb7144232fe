"""The order in which calls are written: each branch whole, from its beginning to where it joins."""

from __future__ import annotations

import re
from collections.abc import Callable
from heapq import heapify, heappop, heappush

from graphc.declare.registry import snake_case
from graphc.diagnostics.codes import MALFORMED_MODEL
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.network import ForeignCall, ForeignLayer, Network, call_addresses
from graphc.record import Record

FARTHEST = 300
"""How many calls are looked at behind each that joins branches, for where these begin."""

LONGEST_BRANCH = 100
"""How many calls of a branch are looked at for when it was made."""

Key = tuple[str, int]
"""A call: the name of its layer, and which of its calls it is."""


class Step(Record):
    """One call of one layer."""

    layer: ForeignLayer
    index: int
    call: ForeignCall

    __hash__ = object.__hash__


def ordered_calls(network: Network) -> list[Step]:
    """The calls of a model, each after those it takes tensors from.

    The order is that of a walk from the outputs upwards: a branch is not interleaved with
    others, as it is in Keras' order by depth. Calls that lead to no output come last. Of what
    several branches come from, the latest join stands before all of them: a cell does not begin
    before those are done that it continues.
    """
    calls = _Calls(network)
    joins = _Joins(calls, calls.walked(lambda _: None))
    order = calls.walked(joins.before)
    calls.put_in_order(order, joins)
    return [calls.step(key) for key in calls.walked(joins.before)]


class _Calls:
    def __init__(self, network: Network) -> None:
        self.layers = {layer.name: layer for layer in network.layers}
        self.roots = [(address.layer, address.call) for _, address in network.outputs]
        self.roots += [(layer.name, i) for layer in network.layers for i in range(len(layer.calls))]
        self._sources: dict[Key, list[Key]] = {}

    def step(self, key: Key) -> Step:
        layer = self.layers[key[0]]
        return Step(layer, key[1], layer.calls[key[1]])

    def sources(self, key: Key) -> list[Key]:
        """The calls that one takes tensors from, in the order of its arguments."""
        found = self._sources.get(key)
        if found is None:
            call = self.layers[key[0]].calls[key[1]]
            found = [(each.layer, each.call) for each in call_addresses(call)]
            if key[1]:  # Keras shows what the last call gives
                found.insert(0, (key[0], key[1] - 1))
            found = [each for each in dict.fromkeys(found) if self.layers[each[0]].calls]
            self._sources[key] = found
        return found

    def put_in_order(self, order: list[Key], joins: _Joins) -> None:
        """Have the branches that join at a call in the order in which they were made.

        Nothing records it but the numbers in names that Keras gives by itself.
        """
        places = {key: place for place, key in enumerate(order)}
        for key in order:
            sources = self.sources(key)
            if len(sources) < 2 or key[1]:
                continue
            begin = joins.begins.get(key)
            end = -1 if begin is None else places[begin]
            branches = []
            for source in sorted(sources, key=places.__getitem__):
                branch = order[max(end + 1, places[source] - LONGEST_BRANCH) : places[source] + 1]
                branches.append((source, self._numbers(branch)))
                end = max(end, places[source])
            shared = set.intersection(*(set(numbers) for _, numbers in branches))
            if shared:
                base = min(shared)
                branches.sort(key=lambda each: each[1][base])
                self._sources[key] = [source for source, _ in branches]

    def _numbers(self, branch: list[Key]) -> dict[str, int]:
        """The lowest number that each kind of layer has in a branch."""
        found: dict[str, int] = {}
        for name, _ in branch:
            base = snake_case(self.layers[name].class_name)
            numbered = re.fullmatch(rf"{base}(?:_(\d+))?", name)
            if numbered is not None:
                number = int(numbered[1] or 0)
                found[base] = min(number, found.get(base, number))
        return found

    def walked(self, before: Callable[[Key], Key | None]) -> list[Key]:
        """All calls, each after its sources, and after what is to come `before` these."""
        done: dict[Key, None] = {}
        open_calls: set[Key] = set()
        for root in self.roots:
            stack = [(root, False)]
            while stack:
                key, is_ready = stack.pop()
                if key in done or not self.layers[key[0]].calls:
                    continue
                if is_ready:
                    open_calls.discard(key)
                    done[key] = None
                    continue
                if key in open_calls:
                    path = self.layers[key[0]].calls[key[1]].path
                    raise Fault(MALFORMED_MODEL, f"{path} takes a tensor that it leads to")
                open_calls.add(key)
                stack.append((key, True))
                stack += [(each, False) for each in reversed(self.sources(key)) if each not in done]
                first = before(key)
                if first is not None:
                    stack.append((first, False))
        return list(done)


class _Joins:
    """Where the branches begin that join at a call."""

    def __init__(self, calls: _Calls, order: list[Key]) -> None:
        self.calls = calls
        self.begins: dict[Key, Key] = {}
        """For each call the latest that several of its branches come from."""
        self.levels: dict[Key, int] = {}
        self.places = {key: place for place, key in enumerate(order)}
        for key in order:
            levels = [self.levels[source] for source in calls.sources(key)]
            self.levels[key] = max(levels, default=0) + 1

    def before(self, key: Key) -> Key | None:
        """The latest join that two of the branches come from, if there is one."""
        sources = self.calls.sources(key)
        if len(sources) < 2:
            return None
        owners: dict[Key, Key | None] = {each: each for each in sources}
        queue = [(-self.levels[each], self.places[each], each) for each in sources]
        heapify(queue)
        for _ in range(FARTHEST):
            if not queue:
                return None
            _, _, found = heappop(queue)
            owner = owners[found]
            if owner is None:
                self.begins[key] = found
                return self._join(found)
            for source in self.calls.sources(found):
                if source not in owners:
                    owners[source] = owner
                    heappush(queue, (-self.levels[source], self.places[source], source))
                elif owners[source] != owner:
                    owners[source] = None
        return None

    def _join(self, key: Key) -> Key | None:
        """The nearest join at a call or before it."""
        while len(sources := self.calls.sources(key)) == 1:
            (key,) = sources
        return key if sources else None
