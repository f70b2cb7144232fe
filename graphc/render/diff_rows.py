"""The lines that a comparison is told in, whatever they are printed as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from graphc.analysis.diagram import Group, Node, layer_count
from graphc.analysis.diff import Difference, Total
from graphc.analysis.diff_delta import Delta, number
from graphc.analysis.diff_findings import Change, Finding
from graphc.ir.dims import Dim
from graphc.record import Record

SYMBOLS = {"added": "+", "removed": "−", "changed": "~", "moved": "→"}
UNCHANGED = "unchanged"
_MOST_NAMES = 3
_SHORTEST_RUN = 5  # layers; fewer are listed


class Entry(Record):
    """One finding, told: its head, and what is said below it."""

    kind: str
    type: str
    name: str
    """The name of the part, or of the first and the last of several."""
    times: int
    about: tuple[str, ...]
    """Where it stands, and what it is."""
    lines: tuple[str, ...]
    effects: tuple[str, ...]
    source: str

    @property
    def symbol(self) -> str:
        """What the kind is marked with."""
        return SYMBOLS[self.kind]


def entries(difference: Difference, *, verbose: bool = False) -> Iterator[Entry]:
    """The findings, told; unless `verbose`, many layers that came or went in a row as one."""
    for run in _runs(difference.findings):
        if len(run) < _SHORTEST_RUN or verbose:
            yield from map(_entry, run)
        else:
            yield _run_entry(run)


def _runs(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """The findings, with layers together that came or went in one place, as often each."""
    run: list[Finding] = []
    for finding in findings:
        if run and _joins(run[-1], finding):
            run.append(finding)
            continue
        if run:
            yield run
        run = [finding]
    if run:
        yield run


def _joins(last: Finding, finding: Finding) -> bool:
    is_whole = finding.kind in ("added", "removed") and last.kind == finding.kind
    return (
        is_whole
        and len(last.changes) == len(finding.changes)
        and all(isinstance(each.changes[0].part, Node) for each in (last, finding))
        and [change.place for change in last.changes] == [c.place for c in finding.changes]
    )


def _run_entry(run: list[Finding]) -> Entry:
    every = Finding(run[0].kind, tuple(change for finding in run for change in finding.changes))
    first = run[0].changes[0]
    types = Counter(finding.changes[0].part.type for finding in run)
    made = ", ".join(f"{type} ×{count}" if count > 1 else type for type, count in types.items())
    about = [made]
    if first.place:
        about.append(f"in {_names(_path(change.place) for change in run[0].changes)}")
    if first.takes:
        about.append(f"after {_names(', '.join(change.takes) for change in run[0].changes)}")
    return Entry(
        run[0].kind,
        f"{len(run)} layers",
        f"{local_name(first)} … {local_name(run[-1].changes[0])}",
        len(run[0].changes),
        tuple(about),
        (),
        tuple(_costs(every)),
        f"{first.part.span.file.name}:{first.part.span.line}",
    )


def _entry(finding: Finding) -> Entry:
    first = finding.changes[0]
    part = first.part
    is_whole = finding.kind in ("added", "removed")
    about = list(_nature(finding)) if is_whole else []
    if first.place:
        about.append(f"in {_names(_path(change.place) for change in finding.changes)}")
    if is_whole and first.takes:
        about.append(f"after {_names(', '.join(change.takes) for change in finding.changes)}")
    return Entry(
        finding.kind,
        part.type,
        _names(local_name(change) for change in finding.changes),
        len(finding.changes),
        tuple(about),
        tuple(map(str, finding.causes)),
        tuple(_costs(finding) if is_whole else map(str, finding.effects)),
        f"{part.span.file.name}:{part.span.line}",
    )


def local_name(change: Change) -> str:
    """The name of a part without those of the blocks around it."""
    name = change.part.name
    return name.removeprefix(f"{change.place[-1].name}.") if change.place else name


def _nature(finding: Finding) -> Iterator[str]:
    """What added or removed parts are made of."""
    parts = [change.part for change in finding.changes]
    if isinstance(parts[0], Group):
        count = layer_count(parts[0])
        yield f"{parts[0].category} of {count} layer{'s' if count != 1 else ''}"
        return
    configs = [dict(part.config) for part in parts if isinstance(part, Node)]
    names = dict.fromkeys(name for config in configs for name in config)
    texts = [
        f"{name}={_names((config.get(name, 'default') for config in configs), ' … ')}"
        for name in names
    ]
    if texts:
        yield ", ".join(texts)


def _costs(finding: Finding) -> Iterator[str]:
    for what, before, after in finding.costs():
        amount = after if finding.kind == "added" else before
        if amount != 0 and what != "trainable params":
            yield f"{number(amount)} {what}"
    given = {change.part.outputs for change in finding.changes if isinstance(change.part, Node)}
    if len(given) == 1:
        yield "gives " + ", ".join(map(str, *given))


def _path(place: tuple[Group, ...]) -> str:
    """The groups around a part; a block's own name has those of the blocks around it."""
    names: list[str] = []
    for group in place:
        if names and group.name.startswith(f"{names[-1]}."):
            names[-1] = group.name
        else:
            names.append(group.name)
    return " / ".join(names)


def _names(names: Iterable[str], separator: str = ", ") -> str:
    """Some names: all of them, or the first and the last."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) > _MOST_NAMES:
        return f"{distinct[0]} … {distinct[-1]}"
    return separator.join(distinct)


def follows_text(difference: Difference) -> str:
    """How many layers are the same but for what other changes gave them."""
    count = len(difference.follows)
    if not count:
        return ""
    layers = "1 other layer" if count == 1 else f"{count:,} other layers"
    kinds = list(
        dict.fromkeys(delta.what for change in difference.follows for delta in change.effects)
    )
    what = {"shape": "shapes"}
    named = [what.get(kind, kind) for kind in kinds]
    listed = " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]
    return f"{listed[:1].upper()}{listed[1:]} follow in {layers}"


def follow_lines(difference: Difference) -> list[tuple[str, str, str]]:
    """Name, type and effects of each layer that only follows."""
    return [
        (change.part.name, change.part.type, _joined(change.effects))
        for change in difference.follows
    ]


def _joined(deltas: Iterable[Delta]) -> str:
    return "; ".join(map(str, deltas))


def title(difference: Difference, before: str, after: str) -> str:
    """What is compared: the models by name, and where they come from."""
    mine, theirs = difference.before.name, difference.after.name
    models = mine if mine == theirs else f"{mine} → {theirs}"
    return f"{models}: {before} → {after}" if before != after else f"{models}: {before}"


def summary_line(difference: Difference) -> str:
    """How many layers are added, removed, changed and moved."""
    counts = dict.fromkeys(SYMBOLS, 0)
    for finding in difference.findings:
        for change in finding.changes:
            is_whole = finding.kind in ("added", "removed")
            counts[finding.kind] += layer_count(change.part) if is_whole else 1
    said = [f"{count:,} {kind}" for kind, count in counts.items() if count]
    return ", ".join(said)


def total_cells(total: Total) -> tuple[str, str, str]:
    """A total before, after, and by how much it has grown."""
    percent = total.percent
    if total.before == total.after:
        growth = UNCHANGED
    elif percent is None:
        growth = "" if not _is_number(total.before, total.after) else "new"
    else:
        growth = f"{percent:+,.1f} %".replace("-", "−")
        if abs(percent) < 0.05:
            growth = f"{'+' if percent > 0 else '−'}<0.1 %"
    return number(total.before), number(total.after), growth


def _is_number(*values: Dim) -> bool:
    return all(isinstance(value, int) for value in values)
