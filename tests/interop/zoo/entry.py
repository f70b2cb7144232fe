"""How the modules of the zoo list their models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.record import Record


class Entry(Record):
    """A function that builds a Keras model, and what is special about it."""

    build: Callable[[], Any]
    is_fast: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.build.__name__


ZOO: list[Entry] = []
"""All models, in the order of their modules."""


def animal(**options: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """List the function below."""

    def add(build: Callable[[], Any]) -> Callable[[], Any]:
        ZOO.append(Entry(build, **options))
        return build

    return add
