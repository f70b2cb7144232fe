"""Frozen, slotted records that cost little to define and little to make.

`dataclasses` would do, but a class costs it about two milliseconds at import, and a cold
`graphc check` has no more than that for a whole module. A `Record` costs a tenth.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class RecordMeta(type):
    """Turns the annotated names of a class body into slots and an ``__init__``."""

    __fields__: tuple[str, ...]
    __defaults__: dict[str, Any]

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
        if own:
            # The class has no instances yet, and none of its bases' inits fits it.
            cls.__init__ = _make_init(cls, cls.__fields__, defaults)  # type: ignore[misc]
        return cls


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
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, f) == getattr(other, f) for f in type(self).__fields__)

    def __hash__(self) -> int:
        return hash((type(self), *[getattr(self, f) for f in type(self).__fields__]))

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
