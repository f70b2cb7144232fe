"""Two models as one diagram: what both have once, and what only one has, marked."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.diagram import Diagram, Edge, Group, Node, Part, nodes_of
from graphc.analysis.diff_comparison import Comparison
from graphc.analysis.diff_findings import Change
from graphc.analysis.diff_outline import ROOT
from graphc.record import replace

GONE = "was"
"""What the ids of removed parts begin with; no other id does."""


def union(before: Diagram, after: Diagram) -> Diagram:
    """The diagram of `after`, with what differs from `before` marked, and with what is gone.

    `change` says what became of a part, and `changes` what of it has changed. A layer in which
    only shapes and costs follow from other changes has `changes`, and no `change`.
    Both diagrams have everything open; the union can be collapsed and folded like any other.
    """
    return _Union(Comparison(before, after)).diagram()


class _Union:
    def __init__(self, compared: Comparison) -> None:
        self.before = compared.before
        self.after = compared.after
        self.forward = compared.matching.forward
        self.backward = compared.matching.backward
        self.pairs: dict[str, Change] = {}
        """What has changed, by the id after."""
        for a, b in self.forward.items():
            change = compared.pair(a, b)
            if change is not None:
                self.pairs[b] = change
        self.inputs = {
            b: tuple(map(str, compared.input_deltas(a, b)))
            for a, b in self.forward.items()
            if b in self.after.nodes and self.after.is_model_input(self.after.nodes[b])
        }

    def diagram(self) -> Diagram:
        """The union."""
        parts = tuple(self._parts(ROOT, self.after.diagram.parts))
        place = {node.id: number for number, node in enumerate(nodes_of(parts))}
        # A tensor that went the other way would lead back through what it is made of now.
        edges = (edge for edge in self._edges() if place[edge.source] < place[edge.target])
        is_complete = self.before.diagram.is_complete and self.after.diagram.is_complete
        return replace(self.after.diagram, parts=parts, edges=tuple(edges), is_complete=is_complete)

    def _parts(self, parent: str, parts: tuple[Part, ...]) -> Iterator[Part]:
        """The parts of a group as it is now, each followed by what is gone from behind it."""
        gone = self._gone_from(parent)
        yield from gone.pop(None, ())
        for part in parts:
            yield self._marked(part)
            yield from gone.pop(part.id, ())
        for rest in gone.values():
            yield from rest

    def _marked(self, part: Part) -> Part:
        change = self.pairs.get(part.id)
        kind, lines = "", tuple[str, ...]()
        if part.id not in self.backward and not self._is_regrouped(part.id):
            kind = "added"
        elif change is not None:
            kind = change.kind
            lines = tuple(map(str, (*change.causes, *change.effects)))
        if self.inputs.get(part.id):
            kind, lines = "changed", self.inputs[part.id]
        if isinstance(part, Node):
            return replace(part, change=kind, changes=lines)
        inner = tuple(self._parts(part.id, part.parts))
        return replace(part, parts=inner, change=kind, changes=lines)

    def _is_regrouped(self, id: str) -> bool:
        """Whether a group is new, but something in it is not."""
        return id not in self.after.nodes and any(
            leaf in self.backward for leaf in self.after.leaves(id)
        )

    def _gone_from(self, parent: str) -> dict[str | None, list[Part]]:
        """What was in a group, by the part that it stands behind now (None: before all)."""
        was = ROOT if parent == ROOT else self.backward.get(parent)
        if was is None:
            return {}
        here = {part.id for part in self._children_after(parent)}
        place = {part.id: number for number, part in enumerate(self._children_after(parent))}
        found: dict[str | None, list[Part]] = {}
        at: dict[str, str | None] = {}
        last: str | None = None
        for part in self._children_before(was):
            image = self.forward.get(part.id)
            if image is not None:
                last = image if image in here else last
                continue
            removed = self._removed(part)
            if removed is None:
                continue
            # Behind all that it took something from, and behind what stood before it.
            behind = [at[s] if s in at else self._beside(s, here) for s in self._sources(part.id)]
            anchors = [each for each in (last, *behind) if each is not None]
            anchor = max(anchors, key=place.__getitem__) if anchors else None
            for leaf in self.before.leaves(part.id):
                at[leaf] = anchor
            found.setdefault(anchor, []).append(removed)
        return found

    def _children_after(self, parent: str) -> tuple[Part, ...]:
        return _children(self.after.diagram, None if parent == ROOT else self.after.parts[parent])

    def _children_before(self, parent: str) -> tuple[Part, ...]:
        return _children(self.before.diagram, None if parent == ROOT else self.before.parts[parent])

    def _sources(self, id: str) -> Iterator[str]:
        for leaf in self.before.leaves(id):
            for slot in self.before.slots[leaf]:
                yield slot.source

    def _beside(self, source: str, here: set[str]) -> str | None:
        """The part among these that holds a node of the model before, if any does."""
        image = self.forward.get(source)
        if image is None:
            return None
        return next((id for id in (image, *self.after.ancestors(image)) if id in here), None)

    def _removed(self, part: Part) -> Part | None:
        """A part that is gone; of a group, what has not gone elsewhere."""
        if isinstance(part, Node):
            if part.id in self.forward:
                return None
            return replace(
                part, id=GONE + part.id, layer=GONE + part.layer, change="removed", results=()
            )
        inner = tuple(filter(None, map(self._removed, part.parts)))
        if not inner:
            return None
        layer = GONE + part.layer if part.layer else ""
        return replace(part, id=GONE + part.id, layer=layer, parts=inner, change="removed")

    def _edges(self) -> Iterator[Edge]:
        """The edges of both, those that only one has marked."""
        kept = {self._key(edge) for edge in self.before.diagram.edges}
        now = set()
        for edge in self.after.diagram.edges:
            key = (edge.source, edge.output, edge.target, edge.argument, edge.place)
            now.add(key)
            yield edge if key in kept else replace(edge, change="added")
        for edge in self.before.diagram.edges:
            key = self._key(edge)
            if key not in now:
                source, _, target, argument, _ = key
                yield replace(
                    edge, source=source, target=target, argument=argument, change="removed"
                )

    def _key(self, edge: Edge) -> tuple[str, int, str, str, tuple[int, ...]]:
        source = self.forward.get(edge.source, GONE + edge.source)
        target = self.forward.get(edge.target, GONE + edge.target)
        return source, edge.output, target, self._argument(edge), edge.place

    def _argument(self, edge: Edge) -> str:
        """The argument that an edge of the model before leads to, as it is called now."""
        image = self.forward.get(edge.target)
        if image is None:
            return edge.argument
        mine, theirs = self.before.slots[edge.target], self.after.slots[image]
        is_other = self.before.nodes[edge.target].type != self.after.nodes[image].type
        if is_other and len(mine) == len(theirs):
            for slot, other in zip(mine, theirs, strict=True):
                if (slot.argument, slot.place) == (edge.argument, edge.place):
                    return other.argument
        return edge.argument


def _children(diagram: Diagram, group: Part | None) -> tuple[Part, ...]:
    """The parts of a group, or of the whole, in the order of the diagram."""
    if group is None:
        return diagram.parts
    assert isinstance(group, Group)
    return group.parts
