"""Names for the tensors of a loop whose turns are not all alike.

A turn reads what was made in it, what the turn before has left, or what was made before the loop.
Places that have to have one name are put together, what flows on keeps its name where it can, and
each try is played through: a name has to hold what every turn reads from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphc.interop.keras_json.folding.align import Row
from graphc.interop.keras_json.folding.flow import Flow, Step
from graphc.interop.keras_json.variables import all_names
from graphc.record import Record

MOST_PLAYED = 400_000
"""How many steps are played through for one loop."""

Place = tuple[Any, ...]
"""A tensor of a turn `("bound", row, place)`, one that is left for the next turn `("left", chain)`,
a copy of it at the beginning of a turn `("copy", place)`, or one from before `("outer", value)`."""


class Wiring(Record):
    """The names that rows read and bind, and copies `(target, source)` around them."""

    reads: tuple[tuple[str, ...], ...]
    binds: tuple[tuple[str, ...], ...]
    before: tuple[tuple[str, str], ...]
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    chains: int
    """How many tensors a turn leaves for the next."""

    @property
    def copies(self) -> int:
        """How many statements there are that copy alone."""
        return sum(map(len, (self.before, self.first, self.last, self.after)))

    @property
    def names(self) -> set[str]:
        """All names that it gives."""
        return {name for each in (*self.reads, *self.binds) for name in each}


class _NoWiring(Exception):
    """The turns take what no name can hold."""


def wire(
    flow: Flow, rows: Sequence[Row], bounds: Sequence[int], is_taken: Callable[[str], bool]
) -> Wiring | None:
    """The names for the rows of a loop; None where there are none."""
    inputs = {value for step in flow.steps if step.tree is None for value in step.binds}
    found: Wiring | None = None
    for is_copied in (False, True):
        try:
            wires = _Wires(flow, rows, bounds, is_copied=is_copied)
            found = wires.wiring(is_taken)
            if not any(values.get(0) in inputs for values in wires.chains):
                return found
        except _NoWiring:
            continue
    return found  # what begins as an input gets a name of its own, if it can


class _Wires:
    def __init__(
        self, flow: Flow, rows: Sequence[Row], bounds: Sequence[int], *, is_copied: bool
    ) -> None:
        self.flow, self.rows = flow, rows
        self.bounds = bounds
        self.is_copied = is_copied
        self.count = len(bounds) - 1
        self.parents: dict[Place, Place] = {}
        self.played = 0
        self.final: dict[int, Place] = {}
        self.owners: dict[int, tuple[int, Place]] = {}
        for number, row in enumerate(rows):
            for turn, place in enumerate(row.places):
                if place is not None:
                    for k, value in enumerate(flow.steps[place].binds):
                        self.owners[value] = (turn, ("bound", number, k))
        self.outer = flow.live(bounds[0])
        self.left_over = flow.live(bounds[-1])
        self._chains()
        self._sources()

    # What turns take from those before

    def _chains(self) -> None:
        """Put places together that read what one turn has left for the next."""
        self.slots: dict[tuple[int, int], dict[int, int]] = {}
        groups: dict[tuple[int, int], tuple[int, int]] = {}

        def root(slot: tuple[int, int]) -> tuple[int, int]:
            while groups[slot] != slot:
                slot = groups[slot]
            return slot

        readers: dict[tuple[int, int], tuple[int, int]] = {}
        for number, row in enumerate(self.rows):
            for turn, place in enumerate(row.places):
                if place is None:
                    continue
                for k, value in enumerate(self.flow.steps[place].reads):
                    slot = (number, k)
                    self.slots.setdefault(slot, {})[turn] = value
                    owner = self.owners.get(value)
                    if owner is not None and owner[0] < turn:
                        groups.setdefault(slot, slot)
                        other = readers.setdefault((turn, value), slot)
                        groups[root(slot)] = root(other)
        roots = list(dict.fromkeys(map(root, groups)))
        self.chain_of = {slot: roots.index(root(slot)) for slot in groups}
        if len(roots) == 1:  # what comes in is read in the first turn where others read their own
            for slot, values in self.slots.items():
                if slot not in groups and len(values) > 1 and self._is_first_only(values):
                    self.chain_of[slot] = 0
        self.chains: list[dict[int, int]] = [{} for _ in roots]
        for slot, chain in self.chain_of.items():
            for turn, value in self.slots[slot].items():
                owner = self.owners.get(value)
                if owner is not None and owner[0] == turn:
                    continue
                if owner is None and turn:
                    raise _NoWiring
                if self.chains[chain].setdefault(turn, value) != value:
                    raise _NoWiring

    def _is_first_only(self, values: dict[int, int]) -> bool:
        """Whether a place reads what was made before the loop in the first turn alone."""
        turns = [turn for turn, value in values.items() if value not in self.owners]
        return turns == [0]

    def _sources(self) -> None:
        """Where each place reads from, and what is copied between turns."""
        self.source: dict[tuple[int, int], Place] = {}
        self.copies: dict[Place, Place] = {}
        for slot, values in self.slots.items():
            places: list[Place] = []
            outer: set[Place] = set()
            for turn, value in values.items():
                owner = self.owners.get(value)
                if owner is not None and owner[0] == turn:
                    places.append(owner[1])
                elif slot in self.chain_of:
                    outer.add(("left", self.chain_of[slot]))
                else:
                    outer.add(("outer", value))
            if len(outer) > 1:
                raise _NoWiring
            for place in outer:
                if places:
                    self.copies[("copy", place)] = place
                    places.append(("copy", place))
                else:
                    places.append(place)
            for place in places[1:]:
                self._join(places[0], place)
            self.source[slot] = places[0]
        self.ends: dict[int, Place] = {}
        for chain, values in enumerate(self.chains):
            found: list[Place] = []
            for turn, value in values.items():
                owner = self.owners.get(value)
                if turn == 0:
                    continue
                if owner is not None and owner[0] == turn - 1:
                    found.append(owner[1])
                    continue
                passed = [
                    other for other, held in enumerate(self.chains) if held.get(turn - 1) == value
                ]
                if not passed:
                    raise _NoWiring
                found.append(("left", passed[0]))
            for place in found[1:]:
                self._join(found[0], place)
            if found:
                self.ends[chain] = found[0]
            if 0 in values and not self.is_copied:
                self._join(("left", chain), ("outer", values[0]))

    # Places put together

    def _root(self, place: Place) -> Place:
        while (parent := self.parents.get(place, place)) != place:
            place = parent
        return place

    def _join(self, left: Place, right: Place) -> None:
        a, b = self._root(left), self._root(right)
        if a != b:
            self.parents[b] = a

    def _try(self, left: Place, right: Place) -> bool:
        a, b = self._root(left), self._root(right)
        if a == b:
            return True
        self.parents[b] = a
        if self._holds():
            return True
        del self.parents[b]
        return False

    def _step(self, number: int) -> Step:
        """One of the steps that a row stands for."""
        return self.flow.steps[next(p for p in self.rows[number].places if p is not None)]

    def _order(self) -> list[int]:
        """The chains that take over what others held come first."""
        return sorted(self.ends, key=lambda chain: (self.ends[chain][0] != "left", chain))

    def _holds(self) -> bool:
        """Whether every name holds what is read from it, played through turn by turn."""
        self.played += self.bounds[-1] - self.bounds[0]
        if self.played > MOST_PLAYED:
            raise _NoWiring
        root = self._root
        state: dict[Place, int] = {}
        for value in self.outer:
            place = root(("outer", value))
            if place in state:
                return False
            state[place] = value
        if self.is_copied:
            for chain, values in enumerate(self.chains):
                if 0 in values:
                    state[root(("left", chain))] = values[0]
        reads = {slot: root(place) for slot, place in self.source.items()}
        steps = self.flow.steps
        for turn in range(self.count):
            for copy, place in self.copies.items():
                held = state.get(root(place))
                if held is None:
                    return False
                state[root(copy)] = held
            for number, row in enumerate(self.rows):
                at = row.places[turn]
                if at is None:
                    continue
                step = steps[at]
                for k, value in enumerate(step.reads):
                    if state.get(reads[number, k]) != value:
                        return False
                bound = [root(("bound", number, k)) for k in range(len(step.binds))]
                if len(set(bound)) != len(bound):
                    return False
                state.update(zip(bound, step.binds, strict=True))
            for chain in self._order():
                held = state.get(root(self.ends[chain]))
                if held is None:
                    return False
                state[root(("left", chain))] = held
        self.final = {}
        for place, value in state.items():  # the name that stays is the better one
            if self.final.get(value, ("",))[0] not in ("left", "outer"):
                self.final[value] = place
        for value in self.left_over:
            if value in self.owners:
                if value not in self.final:
                    return False
            elif value in self.outer and state.get(root(("outer", value))) != value:
                return False
        return True

    # Names

    def wiring(self, is_taken: Callable[[str], bool]) -> Wiring:
        """The names, as few as there can be."""
        if not self._holds():
            raise _NoWiring
        for chain in self._order():
            self._try(("left", chain), self.ends[chain])
        for number, k in sorted(self.slots, key=lambda slot: (-slot[0], slot[1])):
            for bound in range(len(self._step(number).binds)):
                self._try(self.source[number, k], ("bound", number, bound))
        for chain in self._order():
            self._try(("left", chain), self.ends[chain])
        for copy, place in self.copies.items():
            self._try(place, copy)
        self._fewer()
        self._holds()
        names = self._names(is_taken)

        def named(place: Place) -> str:
            return names[self._root(place)]

        def copied(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
            return tuple((target, source) for target, source in pairs if target != source)

        reads, binds = [], []
        for number in range(len(self.rows)):
            step = self._step(number)
            reads.append(tuple(named(self.source[number, k]) for k in range(len(step.reads))))
            binds.append(tuple(named(("bound", number, k)) for k in range(len(step.binds))))
        before = [
            (named(("left", chain)), self.flow.names[values[0]])
            for chain, values in enumerate(self.chains)
            if self.is_copied and 0 in values
        ]
        first = [(named(copy), named(place)) for copy, place in self.copies.items()]
        last = [(named(("left", chain)), named(self.ends[chain])) for chain in self._order()]
        after = copied(
            [
                (self.flow.names[value], names[self.final[value]])
                for value in self.left_over
                if value in self.owners
            ]
        )
        kept = {self.flow.names[v] for v in self.left_over if v not in self.owners}
        sources = {source for _, source in after}
        if any(target in kept or target in sources for target, _ in after):
            raise _NoWiring
        return Wiring(
            tuple(reads),
            tuple(binds),
            copied(before),
            copied(first),
            copied(last),
            after,
            len(self.chains),
        )

    def _fewer(self) -> None:
        """Give one name to what is never needed at one time."""
        places = [("bound", number, 0) for number in range(len(self.rows))]
        roots = list(dict.fromkeys(map(self._root, places)))
        if len(roots) > 16:
            return
        for number, place in enumerate(roots):
            for other in roots[:number]:
                if self._root(other) != self._root(place) and self._try(other, place):
                    break

    def _names(self, is_taken: Callable[[str], bool]) -> dict[Place, str]:
        names: dict[Place, str] = {}
        for value in self.outer:
            names[self._root(("outer", value))] = self.flow.names[value]
        used = set(names.values())
        for value in self.left_over:
            if value in self.owners and self.final[value] not in names:
                wanted = self.flow.names[value]
                if wanted not in used:
                    names[self.final[value]] = wanted
                    used.add(wanted)
        places: list[Place] = [("left", chain) for chain in range(len(self.chains))]
        for number in range(len(self.rows)):
            step = self._step(number)
            places += [self.source[number, k] for k in range(len(step.reads))]
            places += [("bound", number, k) for k in range(len(step.binds))]
        for place in [*places, *self.copies]:
            root = self._root(place)
            if root not in names:
                names[root] = next(
                    each for each in all_names() if each not in used and not is_taken(each)
                )
                used.add(names[root])
        return names
