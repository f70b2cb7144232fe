"""Where the source has values, and what is in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from graphc.record import Record
from graphc.source import Span

Path: TypeAlias = "tuple[str | int, ...]"
"""The name of a value, and the places and names in lists and dicts that lead on from it."""


class Places(Record):
    """The spans of values by the paths to them."""

    spans: Mapping[Path, Span] = {}

    def find(self, *path: str | int) -> Span | None:
        """Where that is which a path leads to, or else the nearest that it is in."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans.get(path)

    def without(self, names: Collection[str]) -> Places:
        """Those of the other values."""
        return Places({path: span for path, span in self.spans.items() if path[0] not in names})
