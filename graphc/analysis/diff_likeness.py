"""How much a part of one diagram looks like a part of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from graphc.analysis.diagram import Group, Node
from graphc.analysis.diff_outline import Interner, Outline

EQUAL = 3.0
_SAME_TYPE = 1.5  # and up to half a point for what is configured alike
_REPLACED = 0.4
_SAME_NAME = 2.0
_OTHER_NAME = -0.5
_NEIGHBOUR = 0.2
_USED_ALIKE = 0.05
_SAME_LINES = 0.3  # what another instance of the block, or turn of the loop, has paired
_LEAST_IN_COMMON = 0.3  # of two groups that are no instances of one block
_HEAVIEST = 10  # layers; a larger group weighs no more

_KINDS = ("normalization", "pooling", "regularization", "convolution", "recurrent", "merging")
"""Headings under which one layer does another one's work."""


class Likeness:
    """Scores pairs of parts; 0 for those that cannot stand for each other."""

    def __init__(self, before: Outline, after: Outline) -> None:
        self.before = before
        self.after = after
        self._intern = Interner()
        self._profiles: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._lines: set[object] = set()
        self._groups: dict[tuple[int, int], float] = {}
        self._leaves: dict[int, Counter[int]] = {}
        self._types: dict[int, Counter[str]] = {}

    def scorer(
        self, a: list[str], b: list[str], may_be: Callable[[str, str], bool]
    ) -> Callable[[int, int], float]:
        """The score of a pair of places: 0 for none, where names do not let it be too."""
        mine = [self._profile(0, self.before, id) for id in a]
        theirs = [self._profile(1, self.after, id) for id in b]
        known: dict[tuple[int, int], float] = {}
        lines = self._lines

        def score(i: int, j: int) -> float:
            key = (mine[i], theirs[j])
            found = known.get(key)
            if found is None:
                # Names are part of a profile.
                found = known[key] = self._score(a[i], b[j]) if may_be(a[i], b[j]) else 0.0
            if found and lines and self._lines_of(a[i], b[j]) in lines:
                return found + _SAME_LINES
            return found

        return score

    def _profile(self, side: int, outline: Outline, id: str) -> int:
        """A number for all that the score of a part depends on."""
        found = self._profiles[side].get(id)
        if found is None:
            around: object = None
            if id in outline.nodes:
                given, users = _around(outline, id)
                around = (tuple(given), tuple(users))
            profile = (
                outline.parts[id].type,
                outline.content[id],
                outline.explicit_name(id),
                around,
            )
            found = self._profiles[side][id] = self._intern(profile)
        return found

    def _score(self, a: str, b: str) -> float:
        part, other = self.before.parts[a], self.after.parts[b]
        if isinstance(part, Node) and isinstance(other, Node):
            alike = self._nodes(part, other)
            weight = 1.0
        elif isinstance(part, Group) and isinstance(other, Group):
            alike = self._group_pair(part, other)
            leaves = min(self._count(self.before, a), self._count(self.after, b), _HEAVIEST)
            weight = 1 + 0.2 * leaves
        else:
            return 0.0
        if alike <= 0:
            return 0.0
        return alike * weight + self._names(a, b) + self._neighbours(a, b)

    def remember(self, a: str, b: str) -> None:
        """Let other instances of a block pair its layers as this one does."""
        self._lines.add(self._lines_of(a, b))

    def _lines_of(self, a: str, b: str) -> object:
        mine, theirs = self.before.parts[a].span, self.after.parts[b].span
        return mine.file.name, mine.start, mine.end, theirs.file.name, theirs.start, theirs.end

    def _nodes(self, a: Node, b: Node) -> float:
        if self.before.content[a.id] == self.after.content[b.id]:
            return EQUAL
        if a.type == b.type and a.category == b.category:
            mine, theirs = set(self.before.settings(a)), set(self.after.settings(b))
            either = mine | theirs
            return _SAME_TYPE + (0.5 * len(mine & theirs) / len(either) if either else 0.5)
        if len(self.before.slots[a.id]) == len(self.after.slots[b.id]) and _kind(a) == _kind(b):
            return _REPLACED
        return 0.0

    def _group_pair(self, a: Group, b: Group) -> float:
        if (a.category == "model") != (b.category == "model"):
            return 0.0
        key = (self.before.content[a.id], self.after.content[b.id])
        if key[0] == key[1]:
            return EQUAL
        if key not in self._groups:
            self._groups[key] = self._in_common(a, b)
        in_common = self._groups[key]
        is_same_block = a.type == b.type
        return in_common * 2 + 0.5 if is_same_block or in_common > _LEAST_IN_COMMON else 0.0

    def _in_common(self, a: Group, b: Group) -> float:
        self._count(self.before, a.id)
        self._count(self.after, b.id)
        mine, theirs = self.before.content[a.id], self.after.content[b.id]
        return 0.5 * _dice(self._leaves[mine], self._leaves[theirs]) + 0.5 * _dice(
            self._types[mine], self._types[theirs]
        )

    def _count(self, outline: Outline, id: str) -> int:
        """How many layers a group has; what they are is kept for later."""
        content = outline.content[id]
        if content not in self._leaves:
            leaves = list(outline.leaves(id))
            self._leaves[content] = Counter(outline.content[leaf] for leaf in leaves)
            self._types[content] = Counter(outline.nodes[leaf].type for leaf in leaves)
        return self._leaves[content].total()

    def _names(self, a: str, b: str) -> float:
        name, other = self.before.explicit_name(a), self.after.explicit_name(b)
        if name and other:
            return _SAME_NAME if name == other else _OTHER_NAME
        return 0.0

    def _neighbours(self, a: str, b: str) -> float:
        if a not in self.before.nodes or b not in self.after.nodes:
            return 0.0
        mine, theirs = _around(self.before, a), _around(self.after, b)
        is_used_alike = len(self.before.users[a]) == len(self.after.users[b])
        same = (mine[0] == theirs[0]) + (mine[1] == theirs[1])
        return _NEIGHBOUR * same + (_USED_ALIKE if is_used_alike else 0.0)


def _around(outline: Outline, id: str) -> tuple[list[str], list[str]]:
    """The classes of what a node takes tensors from, and of what takes some from it."""
    given = [outline.nodes[slot.source].type for slot in outline.slots[id]]
    return given, sorted(outline.nodes[user].type for user, _ in outline.users[id])


def _dice(a: Counter[int] | Counter[str], b: Counter[int] | Counter[str]) -> float:
    total = a.total() + b.total()
    shared = sum(min(count, b[key]) for key, count in a.items())  # type: ignore[index, misc]
    return 2 * shared / total if total else 1.0


def _kind(node: Node) -> str:
    """What a node does, where others do the same in another way."""
    if node.category == "activation" or (
        len(node.inputs) == len(node.outputs) == 1 and node.inputs[0].shape == node.outputs[0].shape
        and node.category == "operation"
    ):  # fmt: skip
        return "elementwise"
    return node.category if node.category in _KINDS else node.type
