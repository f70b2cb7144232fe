"""Two diagrams matched: what each pair has changed, and what has no partner."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.diagram import Diagram, Group, Node
from graphc.analysis.diff_cost import cost, wiring_cost
from graphc.analysis.diff_delta import (
    Delta,
    cost_deltas,
    name_deltas,
    settings_deltas,
    type_deltas,
)
from graphc.analysis.diff_findings import Change
from graphc.analysis.diff_match import Matching, match
from graphc.analysis.diff_outline import ROOT, Interner, Outline, Slot
from graphc.analysis.diff_sharing import sharing
from graphc.analysis.diff_slide import slide
from graphc.analysis.diff_wiring import moved, rewired

_TWICE = 4_000  # nodes of both models that are matched a second time, where that may be better


def _best_matching(before: Outline, after: Outline, intern: Interner) -> Matching:
    """The matching that leaves less to be told, of those that begin above and below."""
    found = match(before, after, intern)
    slide(found)
    if len(before.nodes) + len(after.nodes) > _TWICE or not wiring_cost(found):
        return found
    other = match(before, after, intern, from_below=True)
    slide(other)
    return other if cost(other) < cost(found) else found


def _part_named_apart(matching: Matching) -> None:
    """Take apart what has moved and goes by another name: nothing says that it is the same."""
    for a in moved(matching):
        b = matching.forward[a]
        if a in matching.before.nodes and matching.is_named_apart(a, b):
            matching.release(a, b)
            matching.floating.discard(a)


class Comparison:
    """Two diagrams, matched: what each pair has changed, and what has no partner."""

    def __init__(self, before: Diagram, after: Diagram) -> None:
        intern = Interner()
        self.before = Outline(before, intern)
        self.after = Outline(after, intern)
        self.matching = _best_matching(self.before, self.after, intern)
        _part_named_apart(self.matching)
        self.moved = moved(self.matching)
        self.rewired = rewired(self.matching, self.moved)
        self.sharing = sharing(self.matching)

    def changes(self) -> Iterator[Change]:
        """All changes in the order of the model; one that only follows has no kind."""
        found = [*self._pairs(), *self._removed(), *self._added()]
        for _, change in sorted(found, key=lambda entry: entry[0]):
            yield change

    def _pairs(self) -> Iterator[tuple[tuple[int, ...], Change]]:
        said: set[object] = set()
        for a, b in self.matching.forward.items():
            change = self.pair(a, b)
            if change is None:
                continue
            # What is shared has changed once, however often it is called.
            key = (
                _one_call(self.before, a), _one_call(self.after, b), change.kind, change.causes,
            )  # fmt: skip
            if key not in said:
                said.add(key)
                yield (self._place_after(b), change)

    def pair(self, a: str, b: str) -> Change | None:
        """What has changed in a matched pair, if anything; no kind for what only follows."""
        part, other = self.before.parts[a], self.after.parts[b]
        causes: list[Delta] = list(name_deltas(a, b, self.before, self.after))
        effects: list[Delta] = []
        if isinstance(part, Node) and isinstance(other, Node):
            if not self.after.is_model_input(other):
                causes += settings_deltas(part, other, self.before, self.after)
            effects = [*type_deltas(part, other), *cost_deltas(part, other)]
            if effects and not causes and self._takes_the_same_types(a, b):
                causes, effects = effects, []
        elif isinstance(part, Group) and isinstance(other, Group):
            causes += self._freezing(part, other)
            effects = list(cost_deltas(part, other)) if causes or a in self.sharing else []
        if a in self.rewired:
            causes.append(self._takes(a, b, *self.rewired[a]))
        if a in self.sharing:
            causes.append(self.sharing[a])
        if a in self.moved:
            causes.append(self._moved_from(a, b))
        if self.before.nodes.get(a) is not None and self.after.is_model_input(self.after.nodes[b]):
            return None  # what goes into a model is told as such
        if not causes and not effects:
            return None
        kind = "moved" if a in self.moved else "changed" if causes else ""
        return Change(
            kind, part, other, self.after.place(b), tuple(causes), tuple(effects),
            self._sources(self.after, b),
        )  # fmt: skip

    def input_deltas(self, a: str, b: str) -> list[Delta]:
        """What differs in an input of the model."""
        found = list(name_deltas(a, b, self.before, self.after))
        return [*found, *type_deltas(self.before.nodes[a], self.after.nodes[b])]

    def _takes_the_same_types(self, a: str, b: str) -> bool:
        """Whether a node is given what it was given: then what differs is its own doing."""
        mine, theirs = self.before.nodes[a], self.after.nodes[b]
        return mine.inputs == theirs.inputs and not self._is_frozen_from_outside(a, b)

    def _is_frozen_from_outside(self, a: str, b: str) -> bool:
        diagrams = self.before.diagram, self.after.diagram
        return diagrams[0].is_trainable != diagrams[1].is_trainable or any(
            self._freezing(self.before.parts[group], self.after.parts[self.matching.forward[group]])
            for group in self.before.ancestors(a)
            if group in self.matching.forward
        )

    def _freezing(self, part: object, other: object) -> list[Delta]:
        """That a nested model is frozen, or no longer, where all of it is."""
        if not isinstance(part, Group) or not isinstance(other, Group) or part.category != "model":
            return []
        if part.is_trainable == other.is_trainable or None in (
            part.is_trainable,
            other.is_trainable,
        ):
            return []
        return [Delta("trainable", str(part.is_trainable), str(other.is_trainable))]

    def _takes(self, a: str, b: str, mine: list[Slot], theirs: list[Slot]) -> Delta:
        names = [
            ", ".join(_shown_name(outline, slot.source, id) for slot in slots) or "nothing"
            for outline, id, slots in ((self.before, a, mine), (self.after, b, theirs))
        ]
        return Delta("takes", *names)

    def _moved_from(self, a: str, b: str) -> Delta:
        mine, theirs = self._sources(self.before, a), self._sources(self.after, b)
        return Delta("after", ", ".join(mine) or "nothing", ", ".join(theirs) or "nothing")

    def _sources(self, outline: Outline, id: str) -> tuple[str, ...]:
        """The names of what a part takes tensors from."""
        leaves = list(outline.leaves(id))
        inside = set(leaves)
        names = [
            _shown_name(outline, slot.source, id)
            for leaf in leaves
            for slot in outline.slots[leaf]
            if slot.source not in inside
        ]
        return tuple(dict.fromkeys(names))

    def _removed(self) -> Iterator[tuple[tuple[int, ...], Change]]:
        previous: tuple[int, ...] = (-1,)
        places: dict[str, tuple[int, ...]] = {}
        for number_, node in enumerate(self.before.order):
            image = self.matching.forward.get(node)
            if image is not None:
                previous = self._place_after(image)
            places[node] = (*previous, number_)
        for id in _outermost(self.before, self.matching.forward):
            part = self.before.parts[id]
            if isinstance(part, Node) and self.before.is_model_input(part):
                continue
            place = min(places[leaf] for leaf in self.before.leaves(id))
            yield (
                place,
                Change(
                    "removed", part, None, self.before.place(id),
                    takes=self._sources(self.before, id), content=self.before.content[id],
                ),
            )  # fmt: skip

    def _added(self) -> Iterator[tuple[tuple[int, ...], Change]]:
        for id in _outermost(self.after, self.matching.backward):
            part = self.after.parts[id]
            if isinstance(part, Node) and self.after.is_model_input(part):
                continue
            yield (
                self._place_after(id),
                Change(
                    "added", None, part, self.after.place(id),
                    takes=self._sources(self.after, id), content=self.after.content[id],
                ),
            )  # fmt: skip

    def _place_after(self, id: str) -> tuple[int, ...]:
        return (min(self.after.positions[leaf] for leaf in self.after.leaves(id)),)


def _outermost(outline: Outline, matched: dict[str, str]) -> Iterator[str]:
    """The parts without a partner; groups that have none in them as one."""
    stack = [part.id for part in reversed(outline.diagram.parts)]
    while stack:
        id = stack.pop()
        if id in outline.nodes:
            if id not in matched:
                yield id
        elif id not in matched and not any(leaf in matched for leaf in outline.leaves(id)):
            yield id
        else:
            stack += [part.id for part in reversed(outline.children[id])]


def _one_call(outline: Outline, id: str) -> tuple[str, ...]:
    """A part's identity, the same in all calls of what is shared."""
    part = outline.parts[id]
    own = (part.layer or part.id).rpartition(".")[2]
    models = [group for group in outline.place(id) if group.category == "model"]
    return (*[group.layer.rpartition(".")[2] for group in models], own)


def _shown_name(outline: Outline, source: str, near: str) -> str:
    """What a source is called by a part: a part beside it, or what its block was given."""
    around = {*outline.ancestors(near), near, ROOT}
    shown = source
    for group in outline.ancestors(source):
        if group in around:
            break
        shown = group
    parent = outline.parents[near]
    if parent != ROOT and outline.parents[shown] != parent:
        return f"the input of {outline.parts[parent].type}"
    return outline.local_name(shown)
