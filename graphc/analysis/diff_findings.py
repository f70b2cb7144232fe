"""What is said once of changes that have one cause: a line in a loop, a block used often."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from graphc.analysis.diagram import Group, Part, unique
from graphc.analysis.diff_delta import Delta, number
from graphc.analysis.parameters import count
from graphc.ir.dims import Dim
from graphc.record import Record, replace
from graphc.source import Span

_MOST_VALUES = 4


class Change(Record):
    """One part that is not what it was. `kind` is "added", "removed", "changed" or "moved"."""

    kind: str
    before: Part | None
    after: Part | None
    place: tuple[Group, ...]
    """The blocks and nested models around it, from the outside."""
    causes: tuple[Delta, ...] = ()
    effects: tuple[Delta, ...] = ()
    """What follows from its causes, or from those of another part: shapes, parameters, costs."""
    takes: tuple[str, ...] = ()
    """The names of what it takes tensors from."""
    content: int = -1

    @property
    def part(self) -> Part:
        """The part as it is now, or as it was."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found


class Finding(Record):
    """Changes that are reported as one."""

    kind: str
    changes: tuple[Change, ...]

    @property
    def causes(self) -> tuple[Delta, ...]:
        """What has changed; where that differs between the changes, all values."""
        return tuple(_merged([change.causes[i] for change in self.changes])
                     for i in range(len(self.changes[0].causes)))  # fmt: skip

    @property
    def effects(self) -> tuple[Delta, ...]:
        """What follows: shapes, and parameters and MACs of all changes together."""
        found = []
        shapes = [delta for change in self.changes for delta in change.effects
                  if delta.what == "shape"]  # fmt: skip
        if shapes:
            found.append(_first_of(shapes))
        found += [
            Delta(what, number(value), number(other))
            for what, value, other in self.costs()
            if value != other
        ]
        causes = self.causes
        return tuple(delta for delta in found if delta not in causes)

    def costs(self) -> tuple[tuple[str, Dim, Dim], ...]:
        """Parameters and MACs before and after; 0 for what is not there."""
        befores = [change.before for change in self.changes if change.before is not None]
        afters = [change.after for change in self.changes if change.after is not None]
        params = [
            count(iter(unique(weight for part in parts for weight in part.weights)))
            for parts in (befores, afters)
        ]
        macs: list[Dim] = [_macs(parts) for parts in (befores, afters)]
        is_same = params[0].total == params[1].total
        trained = [each.trainable if is_same else 0 for each in params]
        return (
            ("params", params[0].total, params[1].total),
            ("trainable params", trained[0], trained[1]),
            ("MACs", macs[0], macs[1]),
        )


def _macs(parts: list[Part]) -> Dim:
    total: Dim = 0
    for part in parts:
        total = total + part.totals.macs
    return total


def _first_of(deltas: list[Delta]) -> Delta:
    """The first of several, and how many others there are."""
    distinct = list(dict.fromkeys(deltas))
    if len(distinct) == 1:
        return distinct[0]
    return replace(distinct[0], after=f"{distinct[0].after} and {len(distinct) - 1} more")


def _merged(deltas: list[Delta]) -> Delta:
    """One delta for several of the same thing: "64 → 96, 128 → 192"."""
    pairs = list(dict.fromkeys((delta.before, delta.after) for delta in deltas))
    first = pairs[0]
    if len(pairs) == 1:
        return deltas[0]
    if len({after for _, after in pairs}) == 1:
        befores = _listed([before for before, _ in pairs], " or ")
        return Delta(deltas[0].what, befores, first[1])
    shown = [f"{before} → {after}" for before, after in pairs]
    head, _, rest = _listed(shown, ", ").partition(" → ")
    return Delta(deltas[0].what, head, rest)


def _listed(texts: list[str], separator: str) -> str:
    if len(texts) > _MOST_VALUES:
        return separator.join([*texts[: _MOST_VALUES - 1], f"{len(texts) - _MOST_VALUES + 1} more"])
    return separator.join(texts)


def findings(changes: Iterable[Change]) -> tuple[Finding, ...]:
    """The changes, those of one place in the source together, in order of the first."""
    found: dict[Hashable, list[Change]] = {}
    for change in changes:
        found.setdefault(_key(change), []).append(change)
    return tuple(Finding(group[0].kind, tuple(group)) for group in found.values())


def _key(change: Change) -> Hashable:
    part = change.part
    return (
        change.kind,
        part.type,
        _span(None if change.before is None else change.before.span),
        _span(None if change.after is None else change.after.span),
        tuple(delta.what for delta in change.causes),
        change.content if isinstance(part, Group) else -1,
        tuple(group.type for group in change.place),
    )


def _span(span: Span | None) -> Hashable:
    return None if span is None else (span.file.name, span.start, span.end)
