"""Which part of one diagram stands for which part of another one.

Level by level, from the whole model down into its groups:

1. parts that the source gives one name, and that are equal;
2. parts that are equal with all that is above and below them; then above, then below;
3. between those, in flow order, the alignment that keeps the most alike.

What is left over is then looked for everywhere: equal parts that stand elsewhere now, and layers
that one spelling has in a block and the other has not. Equality is of structure; names decide only
where the source gives them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

from graphc.analysis.diagram import Group, Node
from graphc.analysis.diff_context import Context, paired_inputs, paired_results
from graphc.analysis.diff_likeness import Likeness
from graphc.analysis.diff_outline import ROOT, Interner, Outline
from graphc.analysis.diff_sequence import Pairs, best, best_in_windows, common, increasing

K = TypeVar("K", bound=Hashable)

_LARGEST_TABLE = 40_000  # pairs scored at once
_WINDOW = 64  # parts of either side, where sequences have too little in common


class Matching:
    """Pairs of ids, both ways. `floating` are the pairs (by their first) out of flow order."""

    def __init__(self, before: Outline, after: Outline) -> None:
        self.before = before
        self.after = after
        self.forward: dict[str, str] = {}
        self.backward: dict[str, str] = {}
        self.floating: set[str] = set()

    def add(self, a: str, b: str) -> None:
        """Match two parts; equal groups with all that is in them."""
        self.add_alone(a, b)
        if a not in self.before.nodes and self.before.content[a] == self.after.content[b]:
            inner = zip(self.before.children[a], self.after.children[b], strict=True)
            for part, other in inner:
                self.add(part.id, other.id)

    def add_alone(self, a: str, b: str) -> None:
        """Match two parts, and nothing in them."""
        self.forward[a], self.backward[b] = b, a

    def release(self, a: str, b: str) -> None:
        """Undo a match of two equal parts."""
        del self.forward[a], self.backward[b]
        if a not in self.before.nodes:
            inner = zip(self.before.children[a], self.after.children[b], strict=True)
            for part, other in inner:
                self.release(part.id, other.id)

    def is_named_apart(self, a: str, b: str) -> bool:
        """Whether the source gives two parts names, and not the same."""
        name, other = self.before.explicit_name(a), self.after.explicit_name(b)
        return bool(name and other) and name != other

    def is_free(self, a: str, b: str) -> bool:
        """Whether neither of two parts is matched yet."""
        return a not in self.forward and b not in self.backward


def match(
    before: Outline, after: Outline, intern: Interner, *, from_below: bool = False
) -> Matching:
    """Match the parts of two diagrams.

    Where what is above a part says one thing and what is below it another, the first decides,
    unless `from_below`.
    """
    matcher = _Matcher(before, after, intern, from_below=from_below)
    matcher.level(ROOT, ROOT)
    matcher.leftovers()
    return matcher.matching


class _Matcher:
    def __init__(
        self, before: Outline, after: Outline, intern: Interner, *, from_below: bool
    ) -> None:
        self.before = before
        self.after = after
        self.matching = Matching(before, after)
        either = [(True, False), (False, True)]
        self.directions = [(True, True), *(reversed(either) if from_below else either)]
        self.likeness = Likeness(before, after)
        self.named: tuple[set[str], set[str]] = (set(), set())
        """The names that the source gives at the level at work, of both sides."""
        inputs = paired_inputs(before, after)
        for a, b in inputs:
            self.matching.add(a, b)
        results = paired_results(before, after)
        mine, theirs = before.diagram.results, after.diagram.results
        self.contexts = (
            Context(
                before, intern, {a: ("input", i) for i, (a, _) in enumerate(inputs)},
                {(mine[p].source, mine[p].output): i for i, (p, _) in enumerate(results)},
            ),
            Context(
                after, intern, {b: ("input", i) for i, (_, b) in enumerate(inputs)},
                {(theirs[p].source, theirs[p].output): i for i, (_, p) in enumerate(results)},
            ),
        )  # fmt: skip

    def level(self, a_parent: str, b_parent: str) -> None:
        """Match the parts of two groups, and what is in them."""
        a = [part.id for part in self.before.children[a_parent]]
        b = [part.id for part in self.after.children[b_parent]]
        self.named = (
            {self.before.explicit_name(id) for id in a},
            {self.after.explicit_name(id) for id in b},
        )
        self._same_names(a, b)
        for above, below in self.directions:
            self._same_keys(
                {id: self.contexts[0].of_part(id, above=above, below=below) for id in a},
                {id: self.contexts[1].of_part(id, above=above, below=below) for id in b},
            )
        for mine, theirs in self._gaps(a, b):
            self._align(mine, theirs)
        self._float(a, b)
        for id in a:
            other = self.matching.forward.get(id)
            if (
                other is not None
                and id not in self.before.nodes
                and self.before.content[id] != self.after.content[other]
            ):
                self.level(id, other)

    def _same_names(self, a: list[str], b: list[str]) -> None:
        """Match parts that the source gives one name; calls of one layer have it together."""
        for key in (_name_and_content, _name_and_type):
            mine = {id: key(self.before, id) for id in self._free(a)}
            theirs = {id: key(self.after, id) for id in self._free_after(b)}
            others = _classes(theirs, theirs)
            for value, ids in _classes(mine, mine).items():
                if value is not None:
                    for id, other in zip(ids, others.get(value, ()), strict=False):
                        self.matching.add(id, other)

    def _same_keys(self, a: Mapping[str, Hashable], b: Mapping[str, Hashable]) -> None:
        """Match free parts with one key, where as many have it on either side."""
        mine, theirs = _classes(self._free(a), a), _classes(self._free_after(b), b)
        for value, ids in mine.items():
            others = theirs.get(value, [])
            if len(ids) == len(others):
                for id, other in zip(ids, others, strict=True):
                    if self._may_be(id, other):
                        self.matching.add(id, other)

    def _may_be(self, a: str, b: str) -> bool:
        """Whether names let a part stand for another: not if one has the name of a third."""
        name, other = self.before.explicit_name(a), self.after.explicit_name(b)
        if not name or not other or name == other:
            return True
        return name not in self.named[1] and other not in self.named[0]

    def _free(self, ids: Iterable[str]) -> list[str]:
        return [id for id in ids if id not in self.matching.forward]

    def _free_after(self, ids: Iterable[str]) -> list[str]:
        return [id for id in ids if id not in self.matching.backward]

    def _level_pairs(self, a: list[str], b: list[str]) -> Pairs:
        places = {id: place for place, id in enumerate(b)}
        forward = self.matching.forward
        return [(i, places[forward[id]]) for i, id in enumerate(a) if forward.get(id) in places]

    def _gaps(self, a: list[str], b: list[str]) -> list[tuple[list[str], list[str]]]:
        """The free parts between those matched in order."""
        fixed = [(-1, -1), *increasing(self._level_pairs(a, b)), (len(a), len(b))]
        gaps = []
        for (i, j), (next_i, next_j) in pairwise(fixed):
            mine = self._free(a[i + 1 : next_i])
            theirs = self._free_after(b[j + 1 : next_j])
            if mine and theirs:
                gaps.append((mine, theirs))
        return gaps

    def _align(self, a: list[str], b: list[str]) -> None:
        """Match what is most alike, in order."""
        if len(a) * len(b) <= _LARGEST_TABLE:
            self._align_by_score(a, b)
            return
        if self._is_in_step(a, b):
            for mine, theirs in zip(a, b, strict=True):
                self.matching.add(mine, theirs)
            return
        pairs = common(
            [_content_and_name(self.before, id) for id in a],
            [_content_and_name(self.after, id) for id in b],
        )
        for i, j in pairs or ():
            if self._may_be(a[i], b[j]):
                self.matching.add(a[i], b[j])
        for gap in self._gaps(a, b):
            self._align_by_score(*gap)

    def _is_in_step(self, a: list[str], b: list[str]) -> bool:
        """Whether parts of the same classes stand in the same places, and are not just shifted."""
        if len(a) != len(b):
            return False
        equal = 0
        for mine, theirs in zip(a, b, strict=True):
            part, other = self.before.parts[mine], self.after.parts[theirs]
            is_alike = part.type == other.type and isinstance(part, Node) == isinstance(other, Node)
            if not is_alike or not self._may_be(mine, theirs):
                return False
            equal += self.before.content[mine] == self.after.content[theirs]
        contents = {self.before.content[id] for id in a}
        return 2 * equal >= len(a) or not any(self.after.content[id] in contents for id in b)

    def _align_by_score(self, a: list[str], b: list[str]) -> None:
        score = self.likeness.scorer(a, b, self._may_be)
        is_small = len(a) * len(b) <= _LARGEST_TABLE
        found = (
            best(len(a), len(b), score)
            if is_small
            else best_in_windows(len(a), len(b), score, _WINDOW)
        )
        pairs = [(a[i], b[j]) for i, j in found]
        for mine, theirs in _swapped_back(pairs, self.before, self.after):
            self.matching.add(mine, theirs)
            self.likeness.remember(mine, theirs)

    def _float(self, a: list[str], b: list[str]) -> None:
        pairs = self._level_pairs(a, b)
        kept = set(increasing(pairs))
        self.matching.floating |= {
            a[i] for i, j in pairs if (i, j) not in kept and not self._is_source(a[i])
        }

    def _is_source(self, id: str) -> bool:
        """Whether a node takes nothing: then it is its users that have changed, if anything."""
        return not self.before.slots.get(id, [""])

    # What is left over

    def leftovers(self) -> None:
        """Match equal parts that stand elsewhere, and layers that are in a block on one side only."""
        self.named = (
            {self.before.explicit_name(id) for id in self.before.parts},
            {self.after.explicit_name(id) for id in self.after.parts},
        )
        known = set(self.matching.forward)
        self._elsewhere()
        a = self._free(self.before.order)
        b = self._free_after(self.after.order)
        if a and b:
            mine, theirs = self.contexts
            for key, other in (
                ({id: (mine.above[id], mine.below[id]) for id in a},
                 {id: (theirs.above[id], theirs.below[id]) for id in b}),
                ({id: mine.above[id] for id in a}, {id: theirs.above[id] for id in b}),
                ({id: mine.below[id] for id in a}, {id: theirs.below[id] for id in b}),
            ):  # fmt: skip
                self._same_keys(key, other)
            self._spread(with_changes=False)
            self._spread(with_changes=True)
            self._regrouped()
        self.matching.floating |= {
            id for id in self.matching.forward if id not in known and not self._is_source(id)
        }

    def _elsewhere(self) -> None:
        mine, theirs = self._outermost(self.before), self._outermost(self.after)
        for key in (_name_and_content, _content):
            a = {id: key(self.before, id) for id in self._free(mine)}
            b = {id: key(self.after, id) for id in self._free_after(theirs)}
            others = _classes(b, b)
            for value, ids in _classes(a, a).items():
                for id, other in zip(ids, others.get(value, []), strict=False):
                    # Elsewhere and under another name, nothing says that it is the same one.
                    if value is not None and not self.matching.is_named_apart(id, other):
                        self.matching.add(id, other)

    def _outermost(self, outline: Outline) -> list[str]:
        """The free parts of an outline that are in no free group."""
        is_before = outline is self.before
        taken = self.matching.forward if is_before else self.matching.backward
        return [
            id
            for id, parent in outline.parents.items()
            if id not in taken
            and (parent == ROOT or parent in taken)
            and not (id in outline.nodes and outline.is_model_input(outline.nodes[id]))
        ]

    def _spread(self, *, with_changes: bool) -> None:
        """Match layers that hang on matched ones in the same way: equal ones, or of one class."""
        waiting = [(a, b) for a, b in self.matching.forward.items() if a in self.before.nodes]
        while waiting:
            a, b = waiting.pop()
            for id, other in self._hanging(a, b):
                is_open = self.matching.is_free(id, other) and self._may_be(id, other)
                if not is_open or not self._is_inlined(id, other):
                    continue
                is_equal = self.before.content[id] == self.after.content[other]
                is_alike = self.before.nodes[id].type == self.after.nodes[other].type
                if is_equal or (with_changes and is_alike):
                    self.matching.add(id, other)
                    waiting.append((id, other))

    def _hanging(self, a: str, b: str) -> Iterable[tuple[str, str]]:
        users = defaultdict(list)
        for user, slot in self.after.users[b]:
            if user not in self.matching.backward:
                users[slot.argument, slot.place, slot.output].append(user)
        for user, slot in self.before.users[a]:
            for other in users.get((slot.argument, slot.place, slot.output), ()):
                yield user, other
        for mine, theirs in zip(self.before.slots[a], self.after.slots[b], strict=False):
            if (mine.argument, mine.place, mine.output) == (
                theirs.argument, theirs.place, theirs.output
            ):  # fmt: skip
                yield mine.source, theirs.source

    def _is_inlined(self, a: str, b: str) -> bool:
        """Whether two layers do not stand in blocks that have nothing to do with each other."""
        mine = next((g for g in self.before.ancestors(a) if g not in self.matching.forward), None)
        theirs = next((g for g in self.after.ancestors(b) if g not in self.matching.backward), None)
        if mine is None or theirs is None:
            return mine is not theirs
        return self.before.parts[mine].type == self.after.parts[theirs].type

    def _regrouped(self) -> None:
        """Match groups whose layers are all matched, into one group that has no others."""
        for id, part in self.before.parts.items():
            if not isinstance(part, Group) or id in self.matching.forward:
                continue
            images = {self.matching.forward.get(leaf) for leaf in self.before.leaves(id)}
            first = next(iter(images), None)
            if None in images or first is None:
                continue
            for group in self.after.ancestors(first):
                if group not in self.matching.backward and set(self.after.leaves(group)) == images:
                    self.matching.add_alone(id, group)
                    break


def _classes(ids: Iterable[str], keys: Mapping[str, K]) -> dict[K, list[str]]:
    """The ids by their keys."""
    found: dict[K, list[str]] = defaultdict(list)
    for id in ids:
        found[keys[id]].append(id)
    return found


def _content(outline: Outline, id: str) -> Hashable:
    return outline.content[id]


def _content_and_name(outline: Outline, id: str) -> Hashable:
    return outline.content[id], outline.explicit_name(id)


def _name_and_content(outline: Outline, id: str) -> Hashable:
    """What a part is and is called; nothing for parts without a name."""
    name = outline.explicit_name(id)
    return (name, outline.content[id]) if name else None


def _name_and_type(outline: Outline, id: str) -> Hashable:
    name, part = outline.explicit_name(id), outline.parts[id]
    return (name, part.type, part.category) if name else None


def _swapped_back(
    pairs: list[tuple[str, str]], before: Outline, after: Outline
) -> list[tuple[str, str]]:
    """The pairs, but where two layers have changed into each other, as two that have moved."""
    by_change: dict[tuple[int, int], list[int]] = defaultdict(list)
    result = list(pairs)
    for place, (a, b) in enumerate(pairs):
        mine, theirs = before.content[a], after.content[b]
        if mine == theirs or not isinstance(before.parts[a], Node) or before.explicit_name(a):
            continue
        partners = by_change.get((theirs, mine))
        if partners:
            other = partners.pop()
            result[other], result[place] = (pairs[other][0], b), (a, pairs[other][1])
        else:
            by_change[mine, theirs].append(place)
    return result
