"""Tables by primitives' names whose parts stand in several modules, one for each family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Families(dict[str, T]):
    """A dict that imports modules which add to it, one after the other, until it has a name.

    Walking it imports them all. A process that runs a dozen primitives by themselves
    (`graphc.eager`) takes a quarter less for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[str] = []

    def found_in(self, package: str, path: Sequence[str], *, first: Sequence[str]) -> None:
        """Say that the modules of a package add to the table, and which of them are asked first."""
        found = {file.stem for file in Path(path[0]).glob("[!_]*.py")}
        order = [*first, *sorted(found.difference(first))]
        self._waiting += [f"{package}.{module}" for module in order]

    def _load(self, name: str | None) -> None:
        while self._waiting and (name is None or not super().__contains__(name)):
            import_module(self._waiting.pop(0))

    def __missing__(self, name: str) -> T:
        self._load(name)
        if super().__contains__(name):
            return super().__getitem__(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self._load(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self._load(None)
        return super().__iter__()

    def __len__(self) -> int:
        self._load(None)
        return super().__len__()

    def keys(self) -> Any:
        """All names."""
        self._load(None)
        return super().keys()

    def values(self) -> Any:
        """All members."""
        self._load(None)
        return super().values()

    def items(self) -> Any:
        """All names and members."""
        self._load(None)
        return super().items()
