"""A value in a JSON document that knows its path: what is wrong there can be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.declare.values import value_text
from graphc.diagnostics.codes import MALFORMED_MODEL
from graphc.diagnostics.fault import Fault

_KINDS = ((dict, "an object"), (list, "a list"))


class Cursor:
    """A value and where it stands: `config.layers[3].config.units`."""

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    @property
    def place(self) -> str:
        """The path, for messages."""
        return self.path or "the document"

    def fault(self, needed: str) -> Fault:
        """The fault of a value that is not what it has to be."""
        return Fault(MALFORMED_MODEL, f"{self.place} needs {needed}, got {json_text(self.value)}")

    def at(self, key: str | int) -> Cursor:
        """The value under a key or at a place, which has to be there."""
        if isinstance(key, int):
            return Cursor(self.value[key], f"{self.path}[{key}]")
        if key not in self.mapping():
            raise Fault(MALFORMED_MODEL, f"{self.place} needs a `{key}`, and has none")
        return Cursor(self.value[key], f"{self.path}.{key}" if self.path else key)

    def get(self, key: str) -> Cursor | None:
        """The value under a key; None where there is none, or null."""
        return None if self.mapping().get(key) is None else self.at(key)

    def mapping(self) -> dict[str, Any]:
        """The value, which has to be an object."""
        if not isinstance(self.value, dict):
            raise self.fault("to be an object")
        return self.value

    def items(self) -> Iterator[tuple[str, Cursor]]:
        """The values of an object by key."""
        for key in self.mapping():
            yield key, self.at(key)

    def entries(self, count: int | None = None) -> list[Cursor]:
        """The items of a list, perhaps of a given length."""
        value = self.value
        if not isinstance(value, list) or (count is not None and len(value) != count):
            raise self.fault("to be a list" + (f" of {count}" if count is not None else ""))
        return [self.at(index) for index in range(len(value))]

    def text(self) -> str:
        """The value, which has to be a string."""
        if not isinstance(self.value, str):
            raise self.fault("to be a string")
        return self.value

    def whole(self) -> int:
        """The value, which has to be a whole number that is not negative."""
        if type(self.value) is not int or self.value < 0:
            raise self.fault("to be a whole number that is not negative")
        return self.value

    def flag(self) -> bool:
        """The value, which has to be true or false."""
        if not isinstance(self.value, bool):
            raise self.fault("to be true or false")
        return self.value

    def scalar(self) -> str | float | bool | None:
        """The value, which has to be no list or object."""
        if isinstance(self.value, (dict, list)):
            raise self.fault("to be a string or a number")
        result: str | float | bool | None = self.value
        return result


def json_text(value: Any) -> str:
    """A value of a document, cut where it is long."""
    for kind, text in _KINDS:
        if isinstance(value, kind):
            return text if value else f"an empty {text.split()[1]}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else value_text(value)
