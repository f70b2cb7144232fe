"""Frozen, slotted records that cost little to define and little to make.

`dataclasses` would do, but a class costs it about two milliseconds at import, and a cold
`graphc check` has no more than that for a whole module. A `Record` costs a tenth.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class RecordMeta(type):
    """Turns the annotated names of a class body into slots and an ``__init__``."""

    __fields__: tuple[str, ...]
    __defaults__: dict[str, Any]
    __values__: Callable[[Any], Any]
    """The values of all fields; the one value, of a class with one."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> RecordMeta:
        annotations = namespace.get("__annotations__", {})
        own = [key for key, hint in annotations.items() if not str(hint).startswith("ClassVar")]
        defaults: dict[str, Any] = {}
        inherited: tuple[str, ...] = ()
        for base in bases:
            inherited += getattr(base, "__fields__", ())
            defaults.update(getattr(base, "__defaults__", {}))
        defaults.update({key: namespace.pop(key) for key in own if key in namespace})
        namespace["__slots__"] = (*own, *namespace.get("__slots__", ()))
        cls = super().__new__(mcls, name, bases, namespace)
        cls.__fields__ = inherited + tuple(own)
        cls.__defaults__ = defaults
        cls.__values__ = attrgetter(*cls.__fields__) if cls.__fields__ else _no_values
        if own:
            # The class has no instances yet, and none of its bases' inits fits it.
            cls.__init__ = _make_init(cls, cls.__fields__, defaults)  # type: ignore[misc]
        return cls


def _no_values(record: Any) -> tuple[()]:
    return ()


def _make_init(cls: type, fields: tuple[str, ...], defaults: dict[str, Any]) -> Any:
    # The slots' own setters go round __setattr__, which is closed.
    environment: dict[str, Any] = {f"set_{f}": getattr(cls, f).__set__ for f in fields}
    environment.update({f"default_{key}": value for key, value in defaults.items()})
    parameters = ", ".join(f"{f}=default_{f}" if f in defaults else f for f in fields)
    body = "".join(f"\n    set_{f}(self, {f})" for f in fields)
    # The text is made of field names alone.
    exec(f"def __init__(self, {parameters}):{body}", environment)  # noqa: S102
    return environment["__init__"]


class Record(metaclass=RecordMeta):
    """A frozen value: equal to another of its class with equal fields."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; use replace()")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        cls = type(self)
        if type(other) is not cls:
            return NotImplemented
        return bool(cls.__values__(self) == cls.__values__(other))

    def __hash__(self) -> int:
        cls = type(self)
        return hash((cls, cls.__values__(self)))

    def __repr__(self) -> str:
        values = ", ".join(f"{f}={getattr(self, f)!r}" for f in type(self).__fields__)
        return f"{type(self).__name__}({values})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f) for f in type(self).__fields__)


R = TypeVar("R", bound=Record)


def replace(record: R, **changes: Any) -> R:
    """The same record with some fields changed."""
    fields = type(record).__fields__
    return type(record)(**{f: changes.get(f, getattr(record, f)) for f in fields})
