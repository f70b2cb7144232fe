"""Definitions by name; a module is imported when a name that it defines is asked for.

A run uses a dozen of some four hundred definitions, and importing them all costs more than the
rest of a cold check. Where a name is defined is read off the sources, so that nothing has to
list the definitions a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

# A class, a function, or the names in `aliases = (...)` and `@op("...")`.
_DEFINED = re.compile(
    r"^(?:class (\w+)|def (\w+)|@op\(([^)]*)\)|    aliases(?:: [^=]+)? = \(([^)]*)\))", re.MULTILINE
)
_QUOTED = re.compile(r"\"([^\"]+)\"")


@lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """A class name as Keras makes a layer's name of it: `Conv2DTranspose` -> `conv2d_transpose`."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def numbered(name: str, counts: dict[str, int]) -> str:
    """A name as Keras tells equal ones apart in a list: `dense`, then `dense_1`."""
    count = counts[name] = counts.get(name, -1) + 1
    return f"{name}_{count}" if count else name


class Registry(dict[str, T]):
    """A dict that imports what it is asked for. Walking it imports everything."""

    def __init__(self) -> None:
        super().__init__()
        self._packages: list[tuple[str, Path]] = []
        self._modules: dict[str, list[str]] | None = None
        self._by_snake_case: dict[str, T] = {}

    def add(self, name: str, member: T) -> None:
        """Add a member under a name."""
        self[name] = member
        self._by_snake_case.setdefault(snake_case(name), member)

    def find(self, name: str) -> T | None:
        """The member of this name, or of this name in snake case (`glorot_uniform`)."""
        found: T | None = self.get(name)
        return self._by_snake_case.get(name) if found is None else found

    def found_in(self, package: str, path: Sequence[str]) -> None:
        """Say that the modules of a package define members."""
        self._packages.append((package, Path(path[0])))

    def load_all(self) -> None:
        """Import every module that may define a member."""
        modules = {module for found in self._index().values() for module in found}
        for module in sorted(modules):
            import_module(module)

    def _index(self) -> dict[str, list[str]]:
        if self._modules is None:
            self._modules = {}
            for package, folder in self._packages:
                for name, modules in _defined_in(package, folder).items():
                    self._modules.setdefault(name, []).extend(modules)
        return self._modules

    def _load(self, name: str) -> None:
        for module in self._index().get(name, ()):
            import_module(module)

    def __missing__(self, name: str) -> T:
        self._load(name)
        if super().__contains__(name):
            return super().__getitem__(name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The member of this name, imported if need be."""
        return self[name] if name in self else default  # noqa: SIM401 - this is get()

    def __contains__(self, name: object) -> bool:
        if not super().__contains__(name) and isinstance(name, str):
            self._load(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.load_all()
        return super().__iter__()

    def keys(self) -> Any:
        """All names."""
        self.load_all()
        return super().keys()

    def values(self) -> Any:
        """All members."""
        self.load_all()
        return super().values()

    def items(self) -> Any:
        """All names and members."""
        self.load_all()
        return super().items()

    def __len__(self) -> int:
        self.load_all()
        return super().__len__()


@cache
def _defined_in(package: str, folder: Path) -> dict[str, list[str]]:
    """The modules of a package that define each name: two families may have one name."""
    modules: dict[str, list[str]] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        for name in set(_names_in(path.read_text(encoding="utf-8"))):
            modules.setdefault(name, []).append(f"{package}.{path.stem}")
    return modules


def _names_in(text: str) -> Iterator[str]:
    for match in _DEFINED.finditer(text):
        name, function, op_names, aliases = match.groups()
        if name:
            yield name
            yield snake_case(name)
        elif function:
            yield function.rstrip("_")
        else:
            for alias in _QUOTED.findall(op_names or aliases or ""):
                yield alias
                yield snake_case(alias)


class Chosen(Mapping[str, T]):
    """Some members of a registry, imported one by one."""

    def __init__(self, registry: Registry[T], names: Sequence[str]) -> None:
        self._registry = registry
        self._names = tuple(names)

    def __getitem__(self, name: str) -> T:
        if name not in self._names:
            raise KeyError(name)
        return self._registry[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class AnyCase(Mapping[str, T]):
    """The members of a registry by name and by name in snake case, imported one by one."""

    def __init__(self, registry: Registry[T]) -> None:
        self._registry = registry

    def __getitem__(self, name: str) -> T:
        found = self._registry.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._registry)
        return iter(dict.fromkeys([*map(snake_case, names), *names]))

    def __len__(self) -> int:
        return sum(1 for _ in self)
