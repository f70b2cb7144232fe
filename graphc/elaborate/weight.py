"""How much there is in a static value: what walks through it takes as long.

A list that stands twice in another is walked through twice, so that a few lines could make one
that no machine gets through. What lists hold in all is bounded where they are made.
"""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import LIMIT_EXCEEDED
from graphc.diagnostics.fault import Fault
from graphc.elaborate.limits import Limits

_CONTAINERS = (list, tuple, dict)


def work_of(value: Any) -> int:
    """The steps that a walk through a value counts for."""
    if isinstance(value, (str, range)):
        return len(value) // 16
    if isinstance(value, int):
        return value.bit_length() // 64
    if not isinstance(value, _CONTAINERS):
        return 0
    if not _is_nested(value):
        return len(value) // 8
    return len(value) // 8 + (_measure(value, {})[0] - len(value)) // 2


def check_weight(value: Any, limits: Limits) -> None:
    """Raise `Fault` for a list that holds too much, or too deep."""
    if not isinstance(value, _CONTAINERS) or not _is_nested(value):
        return
    weight, depth = _measure(value, {})
    if depth > limits.list_depth:
        raise Fault(LIMIT_EXCEEDED, f"lists stand in each other at most {limits.list_depth} deep")
    if weight > limits.held_items:
        raise Fault(
            LIMIT_EXCEEDED,
            f"a list holds at most {limits.held_items:,} items in all, got {weight:,}",
        )


def _items(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _is_nested(value: Any) -> bool:
    return any(isinstance(item, _CONTAINERS) for item in _items(value))


def _measure(value: Any, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many items a value holds in all, and how deep; each list in it is looked at once."""
    found = known.get(id(value))
    if found is None:
        weight, depth = len(value), 0
        for item in _items(value):
            if isinstance(item, _CONTAINERS):
                inner, below = _measure(item, known)
                weight, depth = weight + inner, max(depth, below)
        found = known[id(value)] = (weight, depth + 1)
    return found
