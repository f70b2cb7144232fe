"""How a registered class is asked for by name: Keras' short names and class names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphc.declare.definition import Definition, registry
from graphc.declare.rules import REJECTED, Named
from graphc.declare.scope import snake_case


@lru_cache(maxsize=None)
def _by_name(family: str, size: int) -> dict[str, type[Definition]]:
    classes = registry(family)
    return {**{snake_case(name): cls for name, cls in classes.items()}, **classes}


def named(family: str) -> Named:
    """The rule for an argument that takes a member of a family: its name, or an instance."""

    def lookup() -> dict[str, Any]:
        return dict(_by_name(family, len(registry(family))))

    return Named(family, lookup, _converter(family))


def _converter(family: str) -> Callable[[Any], Any]:
    instances: dict[str, Definition] = {}

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            found = instances.get(value)
            if found is None:
                cls = _by_name(family, len(registry(family))).get(value)
                if cls is None or any(a.is_required for a in cls.arguments.values()):
                    return REJECTED
                found = instances[value] = cls()
            return found
        is_member = isinstance(value, Definition) and value.family == family
        return value if is_member else REJECTED

    return convert
