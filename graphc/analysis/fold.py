"""Diagrams with runs of equal parts drawn once, with the number of times."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any

from graphc.analysis.diagram import (
    Diagram,
    Edge,
    Group,
    Node,
    Part,
    add_totals,
    layer_count,
    nodes_of,
    trainable,
    unique,
)
from graphc.record import Record, replace

_LONGEST = 200  # parts in what is repeated
_CANDIDATES = 16  # places tried for the second time that a part stands
_SINGLE_LAYERS = 3  # as many equal layers in a row are worth a box with a number
_PASSES = 8  # loops within loops

Signature = Callable[[Part], Hashable]


def fold(diagram: Diagram) -> Diagram:
    """Draw once what is repeated one after the other: blocks, and layers that loops make.

    Parts are equal if their layers are, but for names and weights, and if they take what the one
    before gave. What anything else takes from within a run ends it.
    """
    return _Folding(diagram, _equal_parts).folded()


def merge_boxes(diagram: Diagram) -> Diagram:
    """Draw a run of closed groups of one block as one box, whatever each is configured with."""
    return _Folding(diagram, _same_block).folded()


class _Window(Record):
    """A run: `count` times `length` parts, from `start` on."""

    start: int
    length: int
    count: int


class _Folding:
    """Folds one diagram, the innermost groups first."""

    def __init__(self, diagram: Diagram, signature: Signature) -> None:
        self.diagram = diagram
        self.signature = signature
        self.moved: dict[str, str] = {}
        """What stands for the last of a run: the node that is kept, the first."""
        self.gone: set[str] = set()

    def folded(self) -> Diagram:
        edges = list(self.diagram.edges)
        parts = self._parts(list(self.diagram.parts), edges)
        return replace(self.diagram, parts=tuple(parts), edges=tuple(self._now(edges)))

    def _now(self, edges: Sequence[Edge]) -> list[Edge]:
        """The edges as what is folded already leaves them."""
        return [
            replace(edge, source=self._home(edge.source)) if edge.source in self.moved else edge
            for edge in edges
            if edge.target not in self.gone
        ]

    def _home(self, node: str) -> str:
        """The node that stands for one, through runs within runs."""
        while node in self.moved:
            node = self.moved[node]
        return node

    def _parts(self, parts: list[Part], edges: Sequence[Edge]) -> list[Part]:
        """Some parts folded, given the edges that touch them."""
        touching = _by_part(parts, edges)
        opened = [
            replace(part, parts=tuple(self._parts(list(part.parts), touching[index])))
            if isinstance(part, Group)
            else part
            for index, part in enumerate(parts)
        ]
        for _ in range(_PASSES):
            runs = _Level(opened, self._now(edges), self.signature).runs()
            if not runs:
                break
            opened = self._fold_runs(opened, runs)
        return opened

    def _fold_runs(self, parts: list[Part], runs: Sequence[_Window]) -> list[Part]:
        result: list[Part] = []
        at = 0
        for run in runs:
            result += parts[at : run.start]
            windows = [
                parts[run.start + i * run.length : run.start + (i + 1) * run.length]
                for i in range(run.count)
            ]
            leaves = [[node.id for node in nodes_of(window)] for window in windows]
            self.moved.update(zip(leaves[-1], leaves[0], strict=True))
            self.gone.update(leaf for window in leaves[1:] for leaf in window)
            result.append(_once(windows))
            at = run.start + run.length * run.count
        return result + parts[at:]


def _by_part(parts: Sequence[Part], edges: Sequence[Edge]) -> list[list[Edge]]:
    """The edges that touch each part."""
    owner = {node.id: index for index, part in enumerate(parts) for node in nodes_of([part])}
    touching: list[list[Edge]] = [[] for _ in parts]
    for edge in edges:
        source, target = owner.get(edge.source), owner.get(edge.target)
        if source is not None:
            touching[source].append(edge)
        if target is not None and target != source:
            touching[target].append(edge)
    return touching


class _Level:
    """The parts of one group in order, and what each takes from the others."""

    def __init__(self, parts: list[Part], edges: list[Edge], signature: Signature) -> None:
        self.parts = parts
        self.owner: dict[str, int] = {}
        self.place: dict[str, int] = {}
        for index, part in enumerate(parts):
            for place, node in enumerate(nodes_of([part])):
                self.owner[node.id] = index
                self.place[node.id] = place
        self.taken: list[list[tuple[tuple[Any, ...], int | str]]] = [[] for _ in parts]
        self.reach = [-1] * len(parts)
        """The last part that takes something from each; beyond the level, after all."""
        inner: list[list[Hashable]] = [[] for _ in parts]
        for edge in edges:
            source, target = self.owner.get(edge.source), self.owner.get(edge.target)
            if source is not None:
                self.reach[source] = max(
                    self.reach[source], len(parts) if target is None else target
                )
            if target is None:
                continue
            shape = (
                edge.output, self.place[edge.target], edge.argument, edge.place, edge.change
            )  # fmt: skip
            if source == target:
                inner[target].append((self.place[edge.source], *shape))
            elif source is None:
                self.taken[target].append((shape, edge.source))
            else:
                self.taken[target].append(((self.place[edge.source], *shape), source))
        kinds: dict[Hashable, int] = {}
        self.kinds = [
            kinds.setdefault((signature(part), tuple(inner[i])), len(kinds))
            for i, part in enumerate(parts)
        ]
        self.places: dict[int, list[int]] = defaultdict(list)
        for index, kind in enumerate(self.kinds):
            self.places[kind].append(index)

    def runs(self) -> list[_Window]:
        """Runs that do not overlap, from left to right, each as long as there is one."""
        found = []
        at = 0
        while at < len(self.parts):
            run = self._longest(at)
            if run is None:
                at += 1
            else:
                found.append(run)
                at += run.length * run.count
        return found

    def _longest(self, start: int) -> _Window | None:
        best: _Window | None = None
        later = self.places[self.kinds[start]]
        first = bisect_right(later, start)
        for second in later[first : first + _CANDIDATES]:
            length = second - start
            if length > _LONGEST:
                break
            count = self._repeats(start, length)
            if count < self._least(start, length) or not self._is_in_order(start, length):
                continue
            if best is None or count * length > best.count * best.length:
                best = _Window(start, length, count)
        return best

    def _least(self, start: int, length: int) -> int:
        part = self.parts[start]
        is_layer = length == 1 and isinstance(part, Node) and not part.hidden
        return _SINGLE_LAYERS if is_layer else 2

    def _is_in_order(self, start: int, length: int) -> bool:
        """Whether parts stand in the order of the source: a loop's body begins at its beginning.

        The second time is asked too: what stands before a loop may look like the end of its body.
        """
        for begin in (start, start + length):
            spans = [part.span for part in self.parts[begin : begin + length]]
            if any(a.file is b.file and a.end > b.end for a, b in pairwise(spans)):
                return False
        return True

    def _repeats(self, start: int, length: int) -> int:
        """How many times the parts from `start` on are repeated."""
        count = 1
        while self._is_repeated(start + count * length, length, is_first=count == 1):
            count += 1
        # What is taken from within a run ends it; but for the last time, whose outputs are the run's.
        for time in range(count - 1):
            window = range(start + time * length, start + (time + 1) * length)
            if any(self.reach[index] >= start + (time + 2) * length for index in window):
                return time + 1
        return count

    def _is_repeated(self, start: int, length: int, *, is_first: bool) -> bool:
        """Whether a window is the one before it again; `is_first` for the first repetition."""
        if start + length > len(self.parts):
            return False
        return all(
            self.kinds[index - length] == self.kinds[index]
            and self._takes_the_same(index - length, index, start, length, is_first=is_first)
            for index in range(start, start + length)
        )

    def _takes_the_same(self, a: int, b: int, start: int, length: int, *, is_first: bool) -> bool:
        """Whether two parts take the same: from as far before them, or from one place.

        The first time, what is taken from the time before comes from anywhere before.
        """
        if len(self.taken[a]) != len(self.taken[b]):
            return False
        for (shape, source), (other_shape, other) in zip(self.taken[a], self.taken[b], strict=True):
            if source == other and shape == other_shape:
                continue
            if not isinstance(other, int) or other < start - length:
                return False
            if other < start and is_first:
                # Only where it goes to can be compared: argument and place.
                is_before = not isinstance(source, int) or source < start - length
                if not is_before or shape[-3:] != other_shape[-3:]:
                    return False
            elif not isinstance(source, int) or b - other != a - source or shape != other_shape:
                return False
        return True


def _once(windows: list[list[Part]]) -> Part:
    """A run as one part."""
    every = [part for window in windows for part in window]
    weights = unique(weight for part in every for weight in part.weights)
    totals = add_totals(every, weights)
    first = windows[0]
    results = tuple(name for node in nodes_of(windows[-1]) for name in node.results)
    if len(first) > 1:
        parts = tuple(first)
        return Group(
            f"r{first[0].id}", "", "", "repeat", parts, totals, weights, trainable(every),
            first[0].span.to(first[-1].span) if first[0].span.file is first[-1].span.file
            else first[0].span,
            count=len(windows),
        )  # fmt: skip
    part = first[0]
    count = sum(window[0].count for window in windows)
    if isinstance(part, Group):
        return replace(part, totals=totals, weights=weights, count=count)
    last = windows[-1][0]
    assert isinstance(last, Node)
    hidden = sum(layer_count(each) for each in every) if part.hidden else 0
    return replace(
        part, totals=totals, weights=weights, count=count, results=results, outputs=last.outputs,
        hidden=hidden,
    )  # fmt: skip


def _equal_parts(part: Part) -> Hashable:
    if isinstance(part, Node):
        return (
            part.type, part.category, part.config, part.inputs, part.outputs, part.is_trainable,
            part.call, part.calls, part.message, part.change, part.changes, part.count, part.hidden,
            part.totals.parameters,
        )  # fmt: skip
    return (
        part.type, part.category, part.count, part.call, part.calls, part.change, part.changes,
        tuple(map(_equal_parts, part.parts)),
    )  # fmt: skip


def _same_block(part: Part) -> Hashable:
    if isinstance(part, Node) and part.hidden and part.calls == 1 and part.message is None:
        return (
            part.type, part.category, part.change, part.changes, len(part.inputs),
            len(part.outputs),
        )  # fmt: skip
    return part.id
