"""One building block: its source, and a function that builds the same of Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.record import Record

Build = Callable[[], Any]


class Case(Record):
    """A model in both languages.

    Keras has no weights but those of layers: `apart` are the types of ours and of theirs that
    stand for such, which are compared by their parameters alone.
    """

    name: str
    net: str
    build: Build
    apart: tuple[str, ...] = ()


class Cases(list[Case]):
    """A table of cases, which functions are added to by a decorator."""

    def case(self, net: str, *, apart: tuple[str, ...] = ()) -> Callable[[Build], Build]:
        """Add a function that builds what `net` says."""

        def add(build: Build) -> Build:
            self.append(Case(build.__name__, net, build, apart))
            return build

        return add
