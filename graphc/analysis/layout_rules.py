"""How a model is divided, as few rules: a pattern of weights' paths, and which axis is divided."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from graphc.analysis.sharding import Sharding
from graphc.record import Record

_NUMBER = re.compile(r"\d+")
_MOST_NUMBERS = 8  # of a path, that may be left open


class LayoutRule(Record):
    """Weights whose whole path a regular expression matches, and what becomes of each axis."""

    pattern: str
    axes: tuple[bool, ...]
    """Whether each axis is divided."""


def layout_rules(sharding: Sharding, paths: Iterable[str]) -> tuple[LayoutRule, ...]:
    """The rules for a model whose weights have these paths.

    Paths that differ in numbers alone share a rule (`layer[0-9]+.mlp1/kernel`), where all weights
    that it would match are divided alike; each path matches one rule at most.
    """
    paths = tuple(paths)
    divided = {
        weight.path: tuple(axis == weight.axis for axis in range(len(weight.shape)))
        for weight in sharding.weights
    }
    rules = _rules(divided, paths, _loosely)
    # A dot stands for any character, which people leave it at where nothing else is meant.
    return rules if _says(rules, divided, paths) else _rules(divided, paths, re.escape)


def _rules(
    divided: Mapping[str, tuple[bool, ...]], paths: Sequence[str], escape: Callable[[str], str]
) -> tuple[LayoutRule, ...]:
    alike: dict[str, list[str]] = {}
    for path in paths:
        alike.setdefault(_NUMBER.sub("0", path), []).append(path)
    rules = {}
    for path, axes in divided.items():
        pattern = _pattern(path, alike[_NUMBER.sub("0", path)], divided, escape)
        rules[pattern] = axes
    return tuple(LayoutRule(pattern, axes) for pattern, axes in rules.items())


def _pattern(
    path: str,
    alike: Sequence[str],
    divided: Mapping[str, tuple[bool, ...]],
    escape: Callable[[str], str],
) -> str:
    """The path with as many numbers left open as there can be: `layer[0-9]+.mlp1/kernel`."""
    texts, numbers = _NUMBER.split(path), _NUMBER.findall(path)
    others = [(_NUMBER.findall(other), divided.get(other)) for other in alike]
    axes = divided[path]
    places = range(min(len(numbers), _MOST_NUMBERS))
    for kept in itertools.chain.from_iterable(
        itertools.combinations(places, count) for count in range(len(places) + 1)
    ):
        stay = {*kept, *range(_MOST_NUMBERS, len(numbers))}
        matched = (found for given, found in others if all(given[i] == numbers[i] for i in stay))
        if all(found == axes for found in matched):
            parts = [escape(texts[0])]
            for place, number in enumerate(numbers):
                parts += [number if place in stay else "[0-9]+", escape(texts[place + 1])]
            return "".join(parts)
    return escape(path)


def _says(
    rules: Sequence[LayoutRule], divided: Mapping[str, tuple[bool, ...]], paths: Sequence[str]
) -> bool:
    """Whether rules divide the weights that they should, and each by one of them."""
    compiled = [(re.compile(rule.pattern), rule.axes) for rule in rules]
    for path in paths:
        matching = [axes for pattern, axes in compiled if pattern.fullmatch(path)]
        if matching != ([divided[path]] if path in divided else []):
            return False
    return True


def _loosely(text: str) -> str:
    return re.escape(text).replace("\\.", ".")
