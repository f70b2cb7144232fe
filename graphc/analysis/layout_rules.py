"""How a model is divided, as few rules: a pattern of weights' paths, and which axis is divided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from graphc.analysis.sharding import Sharding
from graphc.record import Record

_NUMBER = re.compile(r"\d+")


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
    def pattern(path: str) -> str:
        return "[0-9]+".join(map(escape, _NUMBER.split(path)))

    alike: dict[str, set[tuple[bool, ...] | None]] = {}
    for path in paths:
        alike.setdefault(pattern(path), set()).add(divided.get(path))
    rules = {}
    for path, axes in divided.items():
        rules[pattern(path) if len(alike[pattern(path)]) == 1 else escape(path)] = axes
    return tuple(LayoutRule(pattern, axes) for pattern, axes in rules.items())


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
