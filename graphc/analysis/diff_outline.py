"""A diagram as the comparison reads it: what each part is, where it stands, what it hangs on.

Nothing here depends on the order of statements in the source. Layers stand in *flow order*, in
which a walk from the outputs along the arguments finds them, so that two spellings of one network
have equal outlines.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from graphc.analysis.diagram import Diagram, Edge, Group, Node, Part
from graphc.record import Record

ROOT = ""
"""The id under which an outline has the whole diagram."""

_INPUT = "input"
_WEIGHT = "weight"


class Interner:
    """Small numbers for values: equal if and only if the values are."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __call__(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))


class Slot(Record):
    """Where a node takes a tensor in: an argument, and the place in its lists."""

    argument: str
    place: tuple[int, ...]
    source: str
    output: int


class Outline:
    """One diagram, indexed. `content` numbers come from an `intern` shared by both sides."""

    def __init__(self, diagram: Diagram, intern: Interner) -> None:
        self.diagram = diagram
        self.nodes: dict[str, Node] = {}
        self.parts: dict[str, Part] = {}
        self.parents: dict[str, str] = {}
        self.children: dict[str, list[Part]] = {ROOT: list(diagram.parts)}
        self._explicit: dict[str, str] = {}
        self.order: list[str] = []
        """The nodes in the order of the diagram: each after what it takes tensors from."""
        self._index(diagram.parts, ROOT)
        self.positions = {node: place for place, node in enumerate(self.order)}
        self.slots: dict[str, list[Slot]] = {node: [] for node in self.nodes}
        self.users: dict[str, list[tuple[str, Slot]]] = {node: [] for node in self.nodes}
        self._connect(diagram.edges)
        self.rank = self._flow_order()
        self._sort_children()
        self.content: dict[str, int] = {}
        """What each part is and how it is wired inside, whatever it is called."""
        self._fill_content(intern)

    def inputs(self) -> list[Node]:
        """The inputs of the model itself, in order."""
        return [node for node in self.nodes.values() if self.is_model_input(node)]

    def is_model_input(self, node: Node) -> bool:
        """Whether a node is an input of the model, not of one nested in it."""
        return node.category == _INPUT and not self.slots[node.id]

    def ancestors(self, id: str) -> Iterator[str]:
        """The groups around a part, from the inside, without the whole."""
        parent = self.parents[id]
        while parent != ROOT:
            yield parent
            parent = self.parents[parent]

    def place(self, id: str) -> tuple[Group, ...]:
        """The groups around a part, from the outside."""
        groups = [self.parts[each] for each in self.ancestors(id)]
        return tuple(group for group in reversed(groups) if isinstance(group, Group))

    def leaves(self, id: str) -> Iterator[str]:
        """The nodes of a part, in flow order within each group."""
        if id in self.nodes:
            yield id
            return
        for part in self.children[id]:
            yield from self.leaves(part.id)

    def local_name(self, id: str) -> str:
        """A name without those of the blocks around it."""
        name = self.parts[id].name
        parent = self.parents[id]
        return name.removeprefix(f"{self.parts[parent].name}.") if parent != ROOT else name

    def explicit_name(self, id: str) -> str:
        """The local name that the source gives a part; nothing where it is numbered."""
        found = self._explicit.get(id)
        if found is None:
            found = self._explicit[id] = self._name_given(id)
        return found

    def _name_given(self, id: str) -> str:
        part, name = self.parts[id], self.local_name(id)
        if isinstance(part, Node):
            return name if part.is_named or part.category in (_INPUT, _WEIGHT) else ""
        base, _, number = name.rpartition("_")
        is_automatic = name == part.type or (base == part.type and number.isdigit())
        return "" if is_automatic else name

    def _index(self, parts: tuple[Part, ...], parent: str) -> None:
        for part in parts:
            self.parts[part.id] = part
            self.parents[part.id] = parent
            if isinstance(part, Group):
                self.children[part.id] = list(part.parts)
                self._index(part.parts, part.id)
            else:
                self.nodes[part.id] = part
                self.order.append(part.id)

    def _connect(self, edges: tuple[Edge, ...]) -> None:
        for edge in edges:
            slot = Slot(edge.argument, edge.place, edge.source, edge.output)
            self.slots[edge.target].append(slot)
            self.users[edge.source].append((edge.target, slot))
        for slots in self.slots.values():
            # Tensors given by name may stand in any order.
            slots.sort(key=lambda slot: (slot.argument, slot.place))

    def _flow_order(self) -> dict[str, int]:
        """The place of each node in flow order; a group's is that of its first."""
        rank: dict[str, int] = {}
        ends = [result.source for result in self.diagram.results]
        ends += [node for node in self.order if not self.users[node]]
        for end in ends:
            stack = [(end, False)]
            while stack:
                node, is_done = stack.pop()
                if is_done:
                    rank.setdefault(node, len(rank))
                elif node not in rank:
                    stack.append((node, True))
                    stack += [(slot.source, False) for slot in reversed(self.slots[node])]
        for node in self.order:
            for group in self.ancestors(node):
                rank[group] = min(rank.get(group, rank[node]), rank[node])
        return rank

    def _sort_children(self) -> None:
        for parts in self.children.values():
            parts.sort(key=lambda part: self.rank[part.id])

    def _fill_content(self, intern: Interner) -> None:
        inner = self._inner_edges()
        for id in reversed([id for id in self.parts if id not in self.nodes]):
            self._fill_nodes(id, intern)
            children = tuple(self.content[part.id] for part in self.children[id])
            is_model = self.parts[id].category == "model"
            self.content[id] = intern((is_model, children, tuple(sorted(inner.get(id, [])))))
        self._fill_nodes(ROOT, intern)

    def _fill_nodes(self, parent: str, intern: Interner) -> None:
        for part in self.children[parent]:
            if isinstance(part, Node):
                self.content[part.id] = intern(self._signature(part))

    def _signature(self, node: Node) -> Hashable:
        return (node.type, node.category, self.settings(node), node.details, len(node.outputs))

    def settings(self, node: Node) -> tuple[tuple[str, str], ...]:
        """What a node is configured with; what follows from its inputs is not among it."""
        if node.category == _INPUT and self.slots[node.id]:
            return tuple(entry for entry in node.config if entry[0] != "shape")
        if node.category == _WEIGHT:
            return _weight_settings(node)
        return node.config

    def _inner_edges(self) -> dict[str, list[tuple[object, ...]]]:
        """By group, the edges between parts of it: the places of both ends in it."""
        places = {
            part.id: place for parts in self.children.values() for place, part in enumerate(parts)
        }
        paths: dict[str, tuple[str, ...]] = {}
        for node in self.order:
            paths[node] = (*reversed(list(self.ancestors(node))), node)
        found: dict[str, list[tuple[object, ...]]] = {}
        for target in self.order:
            for slot in self.slots[target]:
                source_path, target_path = paths[slot.source], paths[target]
                common = 0
                while source_path[common] == target_path[common]:
                    common += 1
                if common:
                    ends = (
                        tuple(places[id] for id in source_path[common:]),
                        tuple(places[id] for id in target_path[common:]),
                    )
                    entry = (*ends, slot.output, slot.argument, slot.place)
                    found.setdefault(source_path[common - 1], []).append(entry)
        return found


def _weight_settings(node: Node) -> tuple[tuple[str, str], ...]:
    shape = ", ".join(map(str, node.outputs))
    settings = [("shape", shape)]
    for weight in node.weights:
        settings.append(("initializer", str(weight.spec.initializer)))
        settings.append(("trainable", str(weight.is_trainable)))
    return tuple(settings)
