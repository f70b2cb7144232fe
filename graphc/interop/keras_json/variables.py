"""Names for tensors: few, and used again as soon as what they stood for is not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

_NAMES = ("x", "y", "z", "u", "v", "w")


def all_names() -> Iterator[str]:
    """Names for tensors, without end."""
    yield from _NAMES
    yield from (f"x{number}" for number in count(1))


def is_variable(name: str) -> bool:
    """Whether a name is one of those for tensors."""
    return name in _NAMES or (name.startswith("x") and name[1:].isdecimal())


class Variables:
    """The names of a body's tensors; `is_taken` says which names mean something else there."""

    def __init__(self, is_taken: Callable[[str], bool]) -> None:
        self._is_taken = is_taken
        self._live: set[str] = set()

    def take(self) -> str:
        """The first name that is free."""
        name = next(
            each for each in all_names() if each not in self._live and not self._is_taken(each)
        )
        self._live.add(name)
        return name

    def release(self, name: str) -> None:
        """Say that what a name stands for is not needed any more."""
        self._live.discard(name)
