"""Sizes that arrays share, under the names that a model has for them."""

from __future__ import annotations

from graphc.ir.dims import Dim, unify, variables
from graphc.ir.types import Shape


class SharedSizes:
    """What names stand for, and in which array that showed first."""

    def __init__(self) -> None:
        self._sizes: dict[str, Dim] = {}
        self._origins: dict[str, str] = {}

    def fits(self, subject: str, wanted: Shape, shape: tuple[int, ...]) -> bool:
        """Whether a subject's shape is the one that is needed; if so, names stand for its sizes."""
        known = dict(self._sizes)
        if not _fits(wanted, shape, known):
            return False
        self._origins.update(dict.fromkeys(known.keys() - self._sizes.keys(), subject))
        self._sizes = known
        return True

    def conflict(self, wanted: Shape, shape: tuple[int, ...]) -> str:
        """What to add to the message of a shape that does not fit: why, where that does not show."""
        if 0 in shape and len(shape) == len(wanted):
            return ": no size may be 0"
        own: dict[str, Dim] = {}
        if not _fits(wanted, shape, own):
            return ""
        # It is what others say of the same sizes that keeps it out.
        differing = sorted(each for each in own if self._sizes.get(each, own[each]) != own[each])
        return "".join(
            f"; {each} is {self._sizes[each]} in {self._origins[each]}" for each in differing
        )


def _fits(wanted: Shape, shape: tuple[int, ...], sizes: dict[str, Dim]) -> bool:
    if len(shape) != len(wanted):
        return False
    names = frozenset(each for dim in wanted for each in variables(dim))
    return all(
        unify(dim, size, sizes, names) is not False for dim, size in zip(wanted, shape, strict=True)
    )
