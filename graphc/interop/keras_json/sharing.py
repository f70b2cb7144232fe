"""Layers and models that a document holds several times as one instance.

In archives Keras gives all entries of one object the same `shared_object_id`, and in `to_json()`
none. It notes it when an object is written again, and then changes the first entry too: which is of
no effect where that has been copied, as all is that stands deeper than the layers of the model.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.parse_network import INPUT

ID = "shared_object_id"


class Shared:
    """Tells which entries of a document are one instance that stands in several places."""

    def __init__(self, document: Cursor) -> None:
        self._keys: dict[int, Any] = {}
        """What tells instances apart, by the ids of their entries."""
        self._places: Counter[Any] = Counter()
        entries = list(_entries(document.value))
        if any(ID in entry for entry in entries):
            self._tell_apart(entries, _outer(document.value))
            self._count(document.value)

    def id_of(self, entry: Cursor) -> Any:
        """What tells an instance in several places from others; None for one in a single place."""
        key = self._keys.get(id(entry.value))
        return key if self._places[key] > 1 else None

    def _tell_apart(self, entries: list[dict[str, Any]], outer: set[int]) -> None:
        wanted = {_title(entry) for entry in entries if ID in entry}
        unmarked: dict[Any, list[int]] = {}
        """The entries without a number so far, by what they are."""
        known: dict[Any, list[dict[str, Any]]] = {}
        before: dict[Any, list[int]] = {}
        """Those of them that stand before the first entry with a number."""
        for entry in entries:
            title = _title(entry)
            if title is None or title not in wanted:
                continue
            text = json.dumps(_without_ids(entry["config"]), sort_keys=True)
            key = (*title, text)
            if ID not in entry:
                unmarked.setdefault(key, []).append(id(entry))
                continue
            number = str(entry[ID])
            self._keys[id(entry)] = (number, *key)
            known.setdefault((number, *key), []).append(entry)
            before.setdefault((number, *key), list(unmarked.get(key, ())))
        for key, found in known.items():
            is_again = len(found) == 1 or id(found[0]) not in outer or _holds_ids(found[0])
            if is_again and len(before[key]) == 1:
                self._keys[before[key][0]] = key

    def _count(self, value: Any) -> None:
        """Count the places of each instance; what is inside one stands there once."""
        if isinstance(value, dict):
            key = self._keys.get(id(value))
            if key is not None:
                self._places[key] += 1
                if self._places[key] > 1:
                    return
        for item in _items(value):
            self._count(item)


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, dict)):
        yield from value if isinstance(value, list) else value.values()


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """All that may be a layer or a model, in the order in which Keras writes them."""
    if isinstance(value, dict) and _title(value) is not None:
        yield value
    for item in _items(value):
        yield from _entries(item)


def _title(entry: dict[str, Any]) -> tuple[str, str] | None:
    """The class and name of an entry: initializers and the like have no names."""
    kind, config = entry.get("class_name"), entry.get("config")
    if not isinstance(kind, str) or not isinstance(config, dict) or kind in (INPUT, _POLICY):
        return None
    name = config.get("name")
    return (kind, name) if isinstance(name, str) else None


_POLICY = "DTypePolicy"
"""Of which there is one for all layers, so that any entry may hold its number."""


def _outer(document: Any) -> set[int]:
    config = document.get("config") if isinstance(document, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    return set(map(id, layers)) if isinstance(layers, list) else set()


def _holds_ids(value: Any, *, is_inner: bool = False) -> bool:
    """Whether things in an entry are written again: then so is the entry."""
    if is_inner and isinstance(value, dict) and ID in value:
        return value.get("class_name") != _POLICY
    return any(_holds_ids(item, is_inner=True) for item in _items(value))


def _without_ids(value: Any) -> Any:
    """A value without what Keras numbers in it, in some places of it and not in others."""
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_ids(item) for name, item in value.items() if name != ID}
    return value
