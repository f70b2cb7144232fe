"""How a registered class is asked for by name: Keras' short names and class names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.definition import Definition, registry
from graphc.declare.registry import AnyCase
from graphc.declare.rules import REJECTED, Named


def named(family: str) -> Named:
    """The rule for an argument that takes a member of a family: its name, or an instance."""
    members = AnyCase(registry(family))
    return Named(family, lambda: members, _converter(family))


def _converter(family: str) -> Callable[[Any], Any]:
    instances: dict[str, Definition] = {}

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            found = instances.get(value)
            if found is None:
                cls = registry(family).find(value)
                if cls is None or any(a.is_required for a in cls.arguments.values()):
                    return REJECTED
                found = instances[value] = cls()
            return found
        is_member = isinstance(value, Definition) and value.family == family
        return value if is_member else REJECTED

    return convert
