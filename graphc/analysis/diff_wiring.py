"""Which matched parts of two diagrams have moved, and which take other tensors now.

An edge that leads around what was added, removed or moved is no change of its own: tensors are
followed through those to what is the same on both sides.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from graphc.analysis.diff_match import Matching
from graphc.analysis.diff_outline import Outline, Slot
from graphc.record import replace

_MOST_SOURCES = 64  # followed through one node; more tell no more

Sources = frozenset[Hashable]
"""Outputs of nodes, by ids that both sides have."""


def moved(matching: Matching) -> set[str]:
    """The parts (their ids before) that hang on something else than before, out of order."""
    before, after = matching.before, matching.after
    floating = {leaf for part in matching.floating for leaf in before.leaves(part)}
    solid = {a: b for a, b in matching.forward.items() if a in before.nodes and a not in floating}
    flows = _Flow(before, {a: a for a in solid}), _Flow(after, {b: a for a, b in solid.items()})
    found = set()
    for part in sorted(matching.floating):
        pairs = [(leaf, matching.forward.get(leaf)) for leaf in before.leaves(part)]
        if any(b is not None and _hangs_elsewhere(a, b, flows) for a, b in pairs):
            found.add(part)
    return found


def _hangs_elsewhere(a: str, b: str, flows: tuple[_Flow, _Flow]) -> bool:
    mine, theirs = flows[0].given(a), flows[1].given(b)
    if len(mine) != len(theirs):
        return True
    given = zip(mine, theirs, strict=True)
    return not all(_agree(*pair) for pair in given) or not _agree(
        flows[0].users(a), flows[1].users(b)
    )


def _agree(mine: Sources, theirs: Sources) -> bool:
    return mine == theirs or bool(mine & theirs)


def rewired(matching: Matching, moved_parts: set[str]) -> dict[str, tuple[list[Slot], list[Slot]]]:
    """The nodes that take other tensors now, with what they take on both sides."""
    before, after = matching.before, matching.after
    away = {leaf for part in moved_parts for leaf in before.leaves(part)}
    solid = {a: b for a, b in matching.forward.items() if a in before.nodes and a not in away}
    known = {a: a for a in solid}, {b: a for a, b in solid.items()}
    flows = _Flow(before, known[0]), _Flow(after, known[1])
    found = {}
    for a, b in solid.items():
        mine, theirs = before.slots[a], after.slots[b]
        if before.nodes[a].type != after.nodes[b].type:
            # Another class calls its arguments otherwise.
            mine, theirs = [_unnamed(slot) for slot in mine], [_unnamed(slot) for slot in theirs]
        if not _take_the_same(mine, theirs, known, flows):
            found[a] = (mine, theirs)
    return found


def _unnamed(slot: Slot) -> Slot:
    return replace(slot, argument="")


def _take_the_same(
    mine: list[Slot],
    theirs: list[Slot],
    known: tuple[dict[str, str], dict[str, str]],
    flows: tuple[_Flow, _Flow],
) -> bool:
    if len(mine) != len(theirs):
        return False
    for slot, other in zip(mine, theirs, strict=True):
        if (slot.argument, slot.place) != (other.argument, other.place):
            return False
        if slot.source in known[0] and other.source in known[1]:
            same = known[0][slot.source] == known[1][other.source] and slot.output == other.output
            if not same:
                return False
            continue
        sources, others = flows[0].through(slot), flows[1].through(other)
        if sources and others and not sources & others:
            return False
    return True


class _Flow:
    """Follows tensors of one diagram to nodes that are `known` by an id that both sides have."""

    def __init__(self, outline: Outline, known: Mapping[str, str]) -> None:
        self.outline = outline
        self.known = known
        self._sources: dict[str, Sources] = {}
        for node in outline.order:
            if node not in known:
                self._sources[node] = _joined(map(self.through, outline.slots[node]))
        self._users: dict[str, Sources] = {}
        for node in reversed(outline.order):
            if node not in known:
                self._users[node] = self.users(node)

    def through(self, slot: Slot) -> Sources:
        """What is at the beginning of an edge."""
        if slot.source in self.known:
            return frozenset([(self.known[slot.source], slot.output)])
        return self._sources[slot.source]

    def given(self, node: str) -> list[Sources]:
        """What a node takes, by slot."""
        return [self.through(slot) for slot in self.outline.slots[node]]

    def users(self, node: str) -> Sources:
        """What takes something of a node."""
        return _joined(self._used_by(user) for user, _ in self.outline.users[node])

    def _used_by(self, user: str) -> Sources:
        if user in self.known:
            # Into which argument is the user's affair.
            return frozenset([self.known[user]])
        return self._users[user]


def _joined(sources: Iterable[Sources]) -> Sources:
    found: set[Hashable] = set()
    for each in sources:
        found |= each
        if len(found) > _MOST_SOURCES:
            break
    return frozenset(found)
