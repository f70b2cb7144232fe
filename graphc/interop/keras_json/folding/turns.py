"""Where turns of loops may begin that are not all alike: by names of layers, or by what recurs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from graphc.interop.keras_json.folding.flow import Flow
from graphc.interop.keras_json.folding.shape import form
from graphc.interop.keras_json.names import names_in
from graphc.record import Record

MOST_TURNS = 200
LONGEST_TURN = 300
MOST_ANCHORS = 40
DEEPEST = 3

_INDEX = re.compile(r"(?<=\d)[a-z](?![A-Za-z])|\d+")
"""What counts in names: `3`, and the letter of `block3a_conv`."""


class Turns(Record):
    """Bounds of turns, and a number for each step: steps of one number stand for each other."""

    bounds: tuple[int, ...]
    keys: tuple[int, ...]


class _Label(Record):
    text: str
    spans: tuple[tuple[int, int], ...]

    def prefix(self, depth: int) -> str:
        return self.text[: self.spans[depth - 1][1]]

    def suffix(self) -> str:
        return self.text[self.spans[-1][0] :]

    def without(self, places: range) -> str:
        """The text with `#` for the numbers at some places."""
        parts, end = [], 0
        for place in places:
            start, stop = self.spans[place]
            parts += [self.text[end:start], "#"]
            end = stop
        return "".join([*parts, self.text[end:]])


def turns(flow: Flow) -> Iterator[Turns]:
    """Ways to divide a part of a body into turns."""
    labels = [_label(step.tree) for step in flow.steps]
    forms = [None if step.tree is None else form(step.tree) for step in flow.steps]
    live = flow.live_counts()
    for depth in range(1, DEEPEST + 1):
        groups: list[tuple[Any, Any] | None] = []
        names: list[str | None] = []
        for each in labels:
            if each is None or len(each.spans) < depth:
                groups.append(None)
                names.append(None if each is None else each.text)
            else:
                prefix = each.prefix(depth)
                groups.append((_INDEX.sub("#", prefix), prefix))
                names.append(each.without(range(depth)))
        yield from _by_groups(groups, _numbered(forms, names), labels, forms, live)
    groups = [("", each.suffix()) if each is not None and each.spans else None for each in labels]
    names = [
        each.without(range(len(each.spans) - 1, len(each.spans)))
        if each is not None and each.spans
        else None
        if each is None
        else each.text
        for each in labels
    ]
    yield from _by_groups(groups, _numbered(forms, names), labels, forms, live)
    names = [None if each is None else each.without(range(len(each.spans))) for each in labels]
    yield from _by_anchors(_numbered(forms, names), live)


def _label(tree: Any) -> _Label | None:
    for each in names_in(tree):
        if not each.is_inner and not each.is_automatic:
            text = str(each.value)
            return _Label(text, tuple(found.span() for found in _INDEX.finditer(text)))
    return None


def _numbered(forms: list[Any], names: list[str | None]) -> tuple[int, ...]:
    numbers: dict[Any, int] = {}
    return tuple(
        -1 if each is None else numbers.setdefault((each, name), len(numbers))
        for each, name in zip(forms, names, strict=True)
    )


def _by_groups(
    groups: list[tuple[Any, Any] | None],
    keys: tuple[int, ...],
    labels: list[_Label | None],
    forms: list[Any],
    live: list[int],
) -> Iterator[Turns]:
    """Turns of steps whose names begin alike, with those between that have no names."""
    place = 0
    while place < len(keys):
        last = groups[place]
        if last is None or keys[place] < 0:
            place += 1
            continue
        kind = last[0]
        bounds, end = [place], place + 1
        trailing = end
        while end < len(keys) and keys[end] >= 0:
            group = groups[end]
            if group is None:
                if labels[end] is not None:
                    break
                end += 1
                continue
            if group[0] != kind:
                break
            if group != last:
                bounds.append(_cut(live, trailing, end))
                last = group
            end += 1
            trailing = end
        final = _cut(live, trailing, min(end, len(keys) - 1)) if end < len(keys) else trailing
        bounds.append(final)
        yield from _parts(bounds, keys)
        place = end


def _cut(live: list[int], first: int, last: int) -> int:
    """The place from `first` to `last` where the fewest tensors are live, the last of those."""
    return min(range(first, last + 1), key=lambda place: (live[place], -place))


def _parts(bounds: list[int], keys: tuple[int, ...]) -> Iterator[Turns]:
    """The turns with or without the first and the last."""
    for some in (bounds, bounds[1:], bounds[:-1], bounds[1:-1]):
        lengths = [b - a for a, b in pairwise(some)]
        if 2 <= len(lengths) <= MOST_TURNS and max(lengths) <= LONGEST_TURN:
            yield Turns(tuple(some), keys)


def _by_anchors(keys: tuple[int, ...], live: list[int]) -> Iterator[Turns]:
    """Turns that begin where a step recurs."""
    found: dict[int, list[int]] = {}
    for place, key in enumerate(keys):
        if key >= 0:
            found.setdefault(key, []).append(place)
    anchors = [each for each in found.values() if 3 <= len(each) <= MOST_TURNS]
    anchors.sort(key=lambda each: (max(live[place] for place in each), -_span(each)))
    for found_places in anchors[:MOST_ANCHORS]:
        for places in _shifted(found_places, live):
            yield from _from(places, keys, live)


def _shifted(places: list[int], live: list[int]) -> list[list[int]]:
    """Places, and those as far before them as fewer tensors are live."""
    most = min(places[0], min(b - a for a, b in pairwise(places)) - 1)
    shifts = range(most + 1)
    best = min(shifts, key=lambda shift: max(live[place - shift] for place in places))
    return [places] if best == 0 else [[place - best for place in places], places]


def _from(places: list[int], keys: tuple[int, ...], live: list[int]) -> Iterator[Turns]:
    """Turns that begin at places, up to where no more is live than at those."""
    least = max(live[place] for place in places)
    longest = max(b - a for a, b in pairwise(places))
    if longest > LONGEST_TURN or min(keys[places[0] : places[-1]]) < 0:
        return
    ends = [
        place
        for place in range(places[-1] + 1, min(places[-1] + longest, len(keys) - 1) + 1)
        if live[place] <= least and min(keys[places[-1] : place]) >= 0
    ]
    for end in dict.fromkeys([*ends[-2:], *ends[:1]]):
        yield Turns((*places, end), keys)


def _span(places: list[int]) -> int:
    return places[-1] - places[0]
