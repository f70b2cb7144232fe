"""What is above and below each node of two diagrams, as numbers that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from graphc.analysis.diagram import Node
from graphc.analysis.diff_outline import Interner, Outline


class Context:
    """Of one diagram: a number for all that leads to a node, and one for all that it leads to.

    `inputs` and `results` say which inputs and outputs the two diagrams have in common.
    """

    def __init__(
        self,
        outline: Outline,
        intern: Interner,
        inputs: dict[str, Hashable],
        results: dict[tuple[str, int], Hashable],
    ) -> None:
        self.above: dict[str, int] = {}
        for node in outline.order:
            given = tuple(
                (slot.argument, slot.place, slot.output, self.above[slot.source])
                for slot in outline.slots[node]
            )
            own = inputs.get(node, outline.content[node])
            self.above[node] = intern(("above", own, given))
        self.below: dict[str, int] = {}
        for node in reversed(outline.order):
            users = sorted(
                (slot.argument, slot.place, slot.output, self.below[user])
                for user, slot in outline.users[node]
            )
            outputs = len(outline.nodes[node].outputs) or 1
            named = tuple(results.get((node, output)) for output in range(outputs))
            own = inputs.get(node, outline.content[node])
            self.below[node] = intern(("below", own, tuple(users), named))
        self._outline = outline
        self._intern = intern

    def of_part(self, id: str, *, above: bool, below: bool) -> int:
        """A number for a part with all that is above it, below it, or both."""
        leaves = list(self._outline.leaves(id))
        return self._intern(
            (
                self._outline.content[id],
                tuple(self.above[leaf] for leaf in leaves) if above else (),
                tuple(self.below[leaf] for leaf in leaves) if below else (),
            )
        )


def paired_inputs(before: Outline, after: Outline) -> list[tuple[str, str]]:
    """Inputs of one model and the other that are the same: by name, then by type, then in order."""
    mine, theirs = before.inputs(), after.inputs()
    pairs = _take(mine, theirs, lambda a, b: a.name == b.name)
    pairs += _take(mine, theirs, lambda a, b: a.outputs == b.outputs)
    pairs += _take(mine, theirs, lambda a, b: _rank(a) == _rank(b))
    return pairs


def _rank(node: Node) -> tuple[str, int]:
    return node.outputs[0].dtype, node.outputs[0].rank


def _take(
    mine: list[Node], theirs: list[Node], is_same: Callable[[Node, Node], bool]
) -> list[tuple[str, str]]:
    pairs = []
    for a in list(mine):
        found = next((b for b in theirs if is_same(a, b)), None)
        if found is not None:
            mine.remove(a)
            theirs.remove(found)
            pairs.append((a.id, found.id))
    return pairs


def paired_results(before: Outline, after: Outline) -> list[tuple[int, int]]:
    """Places of outputs that are the same: by name, then the rest in order."""
    mine = [result.name for result in before.diagram.results]
    theirs = {result.name: place for place, result in enumerate(after.diagram.results)}
    pairs = [(place, theirs[name]) for place, name in enumerate(mine) if name in theirs]
    taken = {place for place, _ in pairs}, {place for _, place in pairs}
    rest = [place for place in range(len(mine)) if place not in taken[0]]
    others = [place for place in range(len(after.diagram.results)) if place not in taken[1]]
    return pairs + list(zip(rest, others, strict=False))
