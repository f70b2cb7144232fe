"""Which layers share their weights on one side only."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphc.analysis.diagram import Group
from graphc.analysis.diff_delta import Delta
from graphc.analysis.diff_match import Matching
from graphc.analysis.diff_outline import Outline


def sharing(matching: Matching) -> dict[str, Delta]:
    """By part (its id before): that it no longer shares its weights, or does now.

    Each is said once, of the first call: of a nested model as a whole, where all of it is.
    """
    before, after = matching.before, matching.after
    mine: dict[Any, dict[Any, str]] = defaultdict(dict)
    theirs: dict[Any, dict[Any, str]] = defaultdict(dict)
    for a, b in matching.forward.items():
        if a in before.nodes and before.nodes[a].weights and after.nodes[b].weights:
            owner, other = before.nodes[a].weights[0].owner, after.nodes[b].weights[0].owner
            mine[owner].setdefault(other, a)
            theirs[other].setdefault(owner, a)
    found: dict[str, Delta] = {}
    for others in mine.values():
        if len(others) > 1:
            for a in list(others.values())[:1]:
                found.setdefault(_outermost(a, matching), _delta(1, len(others)))
    for owners in theirs.values():
        if len(owners) > 1:
            for a in list(owners.values())[:1]:
                found.setdefault(_outermost(a, matching), _delta(len(owners), 1))
    return found


def _delta(before: int, after: int) -> Delta:
    return Delta("weights", _instances(before, after), _instances(after, before))


def _instances(count: int, other: int) -> str:
    return f"shared by {other} calls" if count == 1 else f"{count} sets of their own"


def _outermost(a: str, matching: Matching) -> str:
    """The nested model whose calls are shared otherwise now; else the layer itself."""
    found = a
    for group in matching.before.ancestors(a):
        other = matching.forward.get(group)
        if other is None:
            break
        if _calls(matching.before, group) != _calls(matching.after, other):
            found = group
    return found


def _calls(outline: Outline, id: str) -> tuple[int, int]:
    part = outline.parts[id]
    assert isinstance(part, Group)
    return part.call, part.calls
