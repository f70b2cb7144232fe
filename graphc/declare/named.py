"""How a registered class is asked for by name: Keras' short names and class names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphc.declare.definition import Definition, registry
from graphc.declare.registry import AnyCase
from graphc.declare.rules import REJECTED, Named

Called = Callable[[Any, str], Definition]


def named(
    family: str,
    besides: Mapping[str, type[Definition]] | None = None,
    *,
    ignore_case: bool = False,
    called: Called | None = None,
) -> Named:
    """The rule for an argument that takes a member of a family: its name, or an instance.

    `besides` are names that stand for something else than the class of that name. Keras ignores
    case for some families, in strings. `called` makes one that knows what it was asked for by.
    """
    members = _Members(besides or {}, AnyCase(registry(family)))
    convert = _converter(family, besides or {}, ignore_case, called)
    return Named(family, lambda: members, convert)


class _Members(Mapping[str, Any]):
    """Two mappings as one; the first comes first."""

    def __init__(self, first: Mapping[str, Any], rest: Mapping[str, Any]) -> None:
        self._first = first
        self._rest = rest

    def __getitem__(self, name: str) -> Any:
        return self._first[name] if name in self._first else self._rest[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._first, *self._rest]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _converter(
    family: str, besides: Mapping[str, type[Definition]], ignore_case: bool, called: Called | None
) -> Callable[[Any], Any]:
    instances: dict[str, Definition] = {}

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            found = instances.get(value)
            if found is None:
                cls = besides.get(value) or registry(family).find(value)
                if cls is None and ignore_case:
                    cls = registry(family).find(value.lower())
                if cls is None or any(a.is_required for a in cls.arguments.values()):
                    return REJECTED
                found = instances[value] = cls() if called is None else called(cls(), value)
            return found
        is_member = isinstance(value, Definition) and value.family == family
        return value if is_member else REJECTED

    return convert
