"""What the names of layers in a block have in common: the part that tells its uses apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.build import LayerName
from graphc.interop.keras_json.folding.unify import Hole
from graphc.interop.keras_json.names import names_in
from graphc.interop.keras_json.rewriting import rewritten
from graphc.syntax import nodes

_TOKEN = re.compile(r"\d+|[A-Za-z]+|[^A-Za-z\d]")

_Row = tuple[str, ...]
"""The names of one layer in all uses of a block."""


def labelled(uses: Sequence[Any]) -> list[Any]:
    """The trees of the uses, with holes in the names of layers for what tells the uses apart.

    What is named in one use is named in all.
    """
    labels = [[each for each in names_in(use) if not each.is_inner] for use in uses]
    rows = [
        None if row[0].is_automatic else tuple(str(each.value) for each in row)
        for row in zip(*labels, strict=True)
    ]
    made = _made([row for row in rows if row is not None])
    return [_with(use, rows, made) for use in uses]


def _with(use: Any, rows: list[_Row | None], made: dict[_Row, nodes.FString]) -> Any:
    remaining = iter(rows)

    def change(node: Any) -> Any:
        if not isinstance(node, LayerName) or node.is_inner:
            return node
        row = next(remaining)
        return node if row is None else made.get(row, node)

    return rewritten(use, change)


def _made(rows: list[_Row]) -> dict[_Row, nodes.FString]:
    """The f-strings for the names that differ in what most of them differ in."""
    split = {row: _split(row) for row in rows if len(set(row)) > 1}
    counts = Counter(middle for _, middle, _ in split.values())
    if not counts:
        return {}
    (common, _), *_ = counts.most_common(1)
    chosen = {row: parts for row, parts in split.items() if parts[1] == common}
    prefixes = {prefix for prefix, _, _ in chosen.values()}
    if all(each.isdecimal() and str(int(each)) == each for each in common):
        word = re.findall(r"[A-Za-z]*", prefixes.pop())[-2:][0] if len(prefixes) == 1 else ""
        counted = tuple(build.literal(int(each)) for each in common)
        hole = Hole(build.SPAN, counted, word.lower(), is_number=True)
        return {row: _fstring(prefix, hole, suffix) for row, (prefix, _, suffix) in chosen.items()}
    shared = prefixes.pop() if len(prefixes) == 1 else ""
    hint = "suffix"
    if shared or all(not prefix for prefix, _, _ in chosen.values()):
        hint = "prefix"
    elif any(suffix for _, _, suffix in chosen.values()):
        hint = "label"
    values = tuple(LayerName(build.SPAN, shared + each, "") for each in common)
    hole = Hole(build.SPAN, values, hint)
    return {
        row: _fstring(prefix.removeprefix(shared), hole, suffix)
        for row, (prefix, _, suffix) in chosen.items()
    }


def _fstring(prefix: str, hole: Hole, suffix: str) -> nodes.FString:
    return nodes.FString(build.SPAN, tuple(each for each in (prefix, hole, suffix) if each))


def _split(row: _Row) -> tuple[str, _Row, str]:
    """What the names begin with, what is between, and what they end with, in whole words."""
    tokens = [_TOKEN.findall(each) for each in row]
    first = _beginning(tokens)
    rest = [each[len(first) :] for each in tokens]
    last = _beginning([each[::-1] for each in rest])[::-1]
    middles = tuple("".join(each[: len(each) - len(last)]) for each in rest)
    return "".join(first), middles, "".join(last)


def _beginning(lists: Sequence[list[str]]) -> list[str]:
    """What all lists begin with."""
    alike = takewhile(lambda place: len(set(place)) == 1, zip(*lists, strict=False))
    return [first for first, *_ in alike]
