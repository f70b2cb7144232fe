"""Which of several equal parts in a row is the new one, or the one that is gone.

In a chain of equal layers any may be: then the one is that leaves the fewest others with other
tensors than before, as around a skip connection that begins within the chain.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.diff_cost import wiring_cost
from graphc.analysis.diff_match import Matching
from graphc.analysis.diff_outline import ROOT, Outline

_BUDGET = 400_000  # nodes looked at again, over all tries
_FARTHEST = 30


def slide(matching: Matching) -> None:
    """Exchange unmatched parts with equal ones beside them, where fewer edges differ then."""
    sliding = _Sliding(matching)
    for is_after in (True, False):
        outline = matching.after if is_after else matching.before
        for id in list(_free(matching, outline, is_after=is_after)):
            if not sliding.best or sliding.tries <= 0:
                return
            sliding.slide(id, is_after=is_after)


class _Sliding:
    """Tries exchanges; `best` is what the matching costs now."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.best = wiring_cost(matching)
        self.tries = _BUDGET // (len(matching.before.nodes) + len(matching.after.nodes) + 1)

    def slide(self, start: str, *, is_after: bool) -> None:
        """Try all parts that can be reached over equal ones; keep the best."""
        at = kept = start
        seen = {start}
        waiting = [start]
        while waiting and len(seen) < _FARTHEST and self.best:
            origin = waiting.pop(0)
            for other in _equal_beside(self.matching, origin, is_after=is_after):
                if other in seen or self.tries <= 0:
                    continue
                seen.add(other)
                waiting.append(other)
                _exchange(self.matching, at, other, is_after=is_after)
                at = other
                self.tries -= 1
                cost = wiring_cost(self.matching)
                if cost < self.best:
                    self.best, kept = cost, other
        if at != kept:
            _exchange(self.matching, at, kept, is_after=is_after)


def _free(matching: Matching, outline: Outline, *, is_after: bool) -> Iterator[str]:
    taken = matching.backward if is_after else matching.forward
    for id, parent in outline.parents.items():
        if id not in taken and (parent == ROOT or parent in taken):
            yield id


def _exchange(matching: Matching, free: str, taken: str, *, is_after: bool) -> None:
    """Give the partner of one part to an equal one."""
    if is_after:
        partner = matching.backward[taken]
        matching.release(partner, taken)
        matching.add(partner, free)
    else:
        partner = matching.forward[taken]
        matching.release(taken, partner)
        matching.add(free, partner)


def _equal_beside(matching: Matching, id: str, *, is_after: bool) -> Iterator[str]:
    """Unchanged parts, equal to this one, that give it tensors or take some, and have no name."""
    outline, taken = matching.after, matching.backward
    partners = matching.before
    if not is_after:
        outline, taken, partners = matching.before, matching.forward, matching.after
    for other in _beside(outline, id):
        partner = taken.get(other)
        is_equal = outline.content[other] == outline.content[id]
        if partner is None or not is_equal or partners.content[partner] != outline.content[id]:
            continue
        if not outline.explicit_name(other) and not outline.explicit_name(id):
            yield other


def _beside(outline: Outline, id: str) -> Iterator[str]:
    parent = outline.parents[id]
    for leaf in outline.leaves(id):
        near = [slot.source for slot in outline.slots[leaf]]
        near += [user for user, _ in outline.users[leaf]]
        for node in near:
            for each in (node, *outline.ancestors(node)):
                if outline.parents[each] == parent and each != id:
                    yield each
