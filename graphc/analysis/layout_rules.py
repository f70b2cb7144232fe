"""How a model is divided, as few rules: a pattern of weights' paths, and which axis is divided."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphc.analysis.sharding import Sharding
from graphc.record import Record

_NUMBER = re.compile(r"\d+")


class LayoutRule(Record):
    """Weights whose whole path a regular expression matches, and what becomes of each axis."""

    pattern: str
    axes: tuple[bool, ...]
    """Whether each axis is divided."""


def layout_rules(sharding: Sharding, paths: Iterable[str]) -> tuple[LayoutRule, ...]:
    r"""The rules for a model whose weights have these paths.

    Paths that differ in numbers alone share a rule (`layer\d+.mlp1/kernel`), where all weights
    that it would match are divided alike; each path matches one rule at most.
    """
    divided = {
        weight.path: tuple(axis == weight.axis for axis in range(len(weight.shape)))
        for weight in sharding.weights
    }
    alike: dict[str, set[tuple[bool, ...] | None]] = {}
    for path in paths:
        alike.setdefault(_pattern(path), set()).add(divided.get(path))
    rules = {}
    for path, axes in divided.items():
        pattern = _pattern(path)
        rules[pattern if len(alike[pattern]) == 1 else re.escape(path)] = axes
    return tuple(LayoutRule(pattern, axes) for pattern, axes in rules.items())


def _pattern(path: str) -> str:
    return r"\d+".join(map(re.escape, _NUMBER.split(path)))
