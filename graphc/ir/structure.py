"""Inputs and outputs in lists and dicts: what stands where, as Keras flattens them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Structure: TypeAlias = Any
"""The place of a tensor among all, or a list or dict of such structures."""


def flattened(value: Any) -> Iterator[tuple[str | None, Any]]:
    """What is in nested lists and dicts, in Keras' order: dicts by sorted key, which is the name."""
    if isinstance(value, dict):
        for key in sorted(value):
            if isinstance(value[key], (dict, list, tuple)):
                yield from ((None, each) for _, each in flattened(value[key]))
            else:
                yield key, value[key]
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from ((None, each) for _, each in flattened(item))
    else:
        yield None, value


def places(value: Any, first: int = 0) -> Structure:
    """The structure of nested lists and dicts, whose leaves count from `first`."""
    waiting = iter(range(first, first + sum(1 for _ in flattened(value))))
    return _placed(value, waiting)


def _placed(value: Any, waiting: Iterator[int]) -> Structure:
    if isinstance(value, dict):
        placed = {key: _placed(value[key], waiting) for key in sorted(value)}
        return {key: placed[key] for key in value}
    if isinstance(value, (list, tuple)):
        return [_placed(item, waiting) for item in value]
    return next(waiting)


def filled(structure: Structure, leaves: Sequence[Any]) -> Any:
    """A structure with what its places stand for; None is one alone, or a list of several."""
    if structure is None:
        return leaves[0] if len(leaves) == 1 else list(leaves)
    if isinstance(structure, dict):
        return {key: filled(item, leaves) for key, item in structure.items()}
    if isinstance(structure, list):
        return [filled(item, leaves) for item in structure]
    return leaves[structure]


def structure_text(structure: Structure, names: Sequence[str]) -> str:
    """A structure as the source would have it: `{"image": image, "sizes": [width, height]}`."""
    found = filled(structure, names)
    if isinstance(found, str):
        return found
    if isinstance(found, dict):
        pairs = (f'"{key}": {structure_text(structure[key], names)}' for key in structure)
        return f"{{{', '.join(pairs)}}}"
    items = range(len(names)) if structure is None else structure
    return f"[{', '.join(structure_text(item, names) for item in items)}]"


def is_plain(structure: Structure) -> bool:
    """Whether it is one tensor, or a list of several: what they are in if nothing is said."""
    if isinstance(structure, list):
        return len(structure) > 1 and all(isinstance(item, int) for item in structure)
    return isinstance(structure, int)
