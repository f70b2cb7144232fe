"""Which entry of a file is which weight of a model.

Keras names a variable by the layers around it when it is made, and not always by the same ones:
the name of a Sequential stands in front or not, and automatic numbers go on from model to model,
so that one model's `dense_1` is another's `dense`. What is certain comes first: equal names of all,
then an order in which everything fits. Else names are compared without the numbers that Keras
gives, and then their ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphc.analysis.parameters import OwnedWeight
from graphc.interop.weights.entry import Entry
from graphc.record import Record

Weights = Mapping[str, OwnedWeight]


class Matches(Record):
    """What was found: pairs by the weights' keys, and what is left on both sides."""

    found: dict[str, Entry]
    missing: tuple[str, ...]
    extra: tuple[Entry, ...]


def match_paths(
    weights: Weights, entries: Sequence[Entry], automatic: frozenset[str], *, is_sorted: bool
) -> Matches:
    """Pair weights with entries that are named by paths of variables.

    `automatic` are the layers' names that Keras numbers. The order of entries that are sorted by
    their names says nothing.
    """
    search = _Search(weights, entries)
    if search.take_equal() or (not is_sorted and search.take_in_order(_last)):
        return search.result
    plain = _Plain(automatic)
    search.take_numbered(plain)
    longest = max((key.count("/") + 1 for key in weights), default=0)
    ends = [_PlainEnd(plain, length) for length in range(longest, 1, -1)]
    for with_shapes in (True, False):
        for end in ends:
            search.take_ends(end, with_shapes=with_shapes, in_order=not is_sorted)
    if not is_sorted:
        search.take_in_order(_whatever)
    return search.result


def match_places(weights: Weights, entries: Sequence[Entry], places: Mapping[str, str]) -> Matches:
    """Pair weights with entries in Keras' layout, where `places` says that they stand."""
    search = _Search(weights, entries)
    for key, place in places.items():
        if place in search.entries:
            search.take(key, search.entries[place])
    search.take_in_order(_whatever)
    return search.result


class _Search:
    def __init__(self, weights: Weights, entries: Sequence[Entry]) -> None:
        self.weights = weights
        self.found: dict[str, Entry] = {}
        self.keys = dict.fromkeys(weights)
        self.entries = {entry.name: entry for entry in entries}

    def take(self, key: str, entry: Entry) -> None:
        """Pair the two."""
        self.found[key] = entry
        del self.keys[key], self.entries[entry.name]

    def take_equal(self) -> bool:
        """Pair all by their names, if those are the same ones."""
        if self.keys.keys() != self.entries.keys():
            return False
        self.found = dict(self.entries)
        self.keys, self.entries = {}, {}
        return True

    def take_in_order(self, name: Callable[[str], Any]) -> bool:
        """Pair all that is left, if it has these names and the same shapes in the same order."""
        keys, entries = list(self.keys), list(self.entries.values())
        return self._take_all(keys, entries, name)

    def take_numbered(self, plain: Callable[[str], str]) -> None:
        """Pair what is named alike but for numbers, in the order of the numbers.

        If there are more on one side than on the other, numbers are taken at their word.
        """
        for keys, entries in self._alike(plain):
            same = {entry.name for entry in entries} & set(keys)
            ours, theirs = sorted(keys, key=_natural), sorted(entries, key=_natural_name)
            if len(same) == len(keys) or not self._take_all(ours, theirs, plain):
                for key in same:
                    self.take(key, self.entries[key])

    def take_ends(self, end: _PlainEnd, *, with_shapes: bool, in_order: bool) -> None:
        """Pair what ends alike, if nothing else does, or as much in the same order.

        Where all of it begins alike on each side, numbers give the order.
        """
        for keys, entries in self._alike(end, with_shapes=with_shapes):
            if len(keys) == len(entries) == 1:
                self.take(keys[0], entries[0])
            elif _is_one(map(end.begin, keys)) and _is_one(end.begin(e.name) for e in entries):
                self._take_all(sorted(keys, key=_natural), sorted(entries, key=_natural_name), end)
            elif in_order:
                self._take_all(keys, entries, end)

    def _alike(
        self, name: Callable[[str], Any], *, with_shapes: bool = False
    ) -> list[tuple[list[str], list[Entry]]]:
        """Weights and entries that share a name, and a shape if that counts."""
        ours: dict[Any, list[str]] = {}
        theirs: dict[Any, list[Entry]] = {}
        for key in self.keys:
            shape = self.weights[key].spec.shape if with_shapes else None
            ours.setdefault((name(key), shape), []).append(key)
        for entry in self.entries.values():
            shape = entry.shape if with_shapes else None
            theirs.setdefault((name(entry.name), shape), []).append(entry)
        shared = [each for each in ours if each[0] is not None and each in theirs]
        return [(ours[each], theirs[each]) for each in shared]

    def _take_all(
        self, keys: Sequence[str], entries: Sequence[Entry], name: Callable[[str], Any]
    ) -> bool:
        fits = len(keys) == len(entries) and all(
            self.weights[key].spec.shape == entry.shape and name(key) == name(entry.name)
            for key, entry in zip(keys, entries, strict=True)
        )
        for key, entry in zip(keys, entries, strict=True) if fits else ():
            self.take(key, entry)
        return fits

    @property
    def result(self) -> Matches:
        """All of it."""
        found = {key: self.found[key] for key in self.weights if key in self.found}
        return Matches(found, tuple(self.keys), tuple(self.entries.values()))


class _Plain:
    """A path without the numbers that Keras gives: a layer's own name keeps those in it."""

    def __init__(self, automatic: frozenset[str]) -> None:
        self._automatic = automatic

    def __call__(self, path: str) -> str:
        return "/".join(map(self._part, path.split("/")))

    def _part(self, part: str) -> str:
        base = _NUMBER.sub("", part)
        return base if base in self._automatic else part


class _PlainEnd(Record):
    """The last components of such a path; None for a shorter one."""

    plain: _Plain
    length: int

    def __call__(self, path: str) -> str | None:
        parts = self.plain(path).rsplit("/", self.length)
        return "/".join(parts[-self.length :]) if len(parts) >= self.length else None

    def begin(self, path: str) -> str:
        """What stands before them."""
        return "/".join(path.split("/")[: -self.length])


_NUMBER = re.compile(r"_\d+$")


def plain_name(name: str) -> str:
    """A name without its number."""
    return _NUMBER.sub("", name)


def _is_one(names: Iterable[str]) -> bool:
    return len(set(names)) == 1


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _whatever(path: str) -> None:
    """One name for all."""


def _natural(path: str) -> list[tuple[str, int]]:
    """A path as something that sorts `dense_2` before `dense_10`, and `dense` before both."""
    parts = []
    for part in path.split("/"):
        base, _, number = part.rpartition("_")
        parts.append((base, int(number)) if base and number.isdecimal() else (part, -1))
    return parts


def _natural_name(entry: Entry) -> list[tuple[str, int]]:
    return _natural(entry.name)
