"""A comparison of two models for review: in the terminal, and in Markdown."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from graphc.analysis.diff import Difference
from graphc.analysis.diff_delta import Delta
from graphc.diagnostics.glyphs import printable
from graphc.render.diff_rows import (
    UNCHANGED,
    Entry,
    entries,
    follow_lines,
    follows_text,
    summary_line,
    title,
    total_cells,
)
from graphc.render.markdown import markdown_text

_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}


def diff_text(
    difference: Difference,
    before: str,
    after: str,
    *,
    verbose: bool = False,
    color: bool = False,
) -> str:
    """The comparison as text; `before` and `after` say where the models come from."""
    heading = title(difference, before, after)
    if difference.is_empty:
        return f"{heading}: no difference\n"
    lines = [Text(heading, style="bold"), Text()]
    for delta in (*difference.interface, *difference.training):
        lines += _delta(delta)
    if difference.interface or difference.training:
        lines.append(Text())
    for entry in entries(difference, verbose=verbose):
        lines += _entry(entry)
    if difference.findings:
        lines.append(Text())
    lines += _follows(difference, verbose=verbose)
    lines += _totals(difference)
    return _printed(lines, color=color)


def _delta(delta: Delta) -> Iterator[Text]:
    kind = {"none": "added"}.get(delta.before, {"none": "removed"}.get(delta.after, "changed"))
    symbol = {"added": "+", "removed": "−", "changed": "~"}[kind]
    value = {"added": delta.after, "removed": delta.before}.get(
        kind, f"{delta.before} → {delta.after}"
    )
    yield Text(printable(f"{symbol} {delta.what}: {value}"), style=_STYLES[kind])


def _entry(entry: Entry) -> Iterator[Text]:
    line = Text(f"{entry.symbol} ", style=_STYLES[entry.kind])
    line.append(printable(entry.type), style=f"bold {_STYLES[entry.kind]}")
    line.append(printable(f" {entry.name}"))
    if entry.times > 1:
        line.append(f" ×{entry.times}", style="bold")
    for part in entry.about:
        line.append(printable(f" · {part}"))
    line.append(printable(f"  {entry.source}"), style="dim")
    yield line
    for cause in entry.lines:
        yield Text(printable(f"    {cause}"))
    if entry.effects:
        yield Text(printable(f"    {' · '.join(entry.effects)}"), style="dim")


def _follows(difference: Difference, *, verbose: bool) -> Iterator[Text]:
    text = follows_text(difference)
    if not text:
        return
    if not verbose:
        yield Text(f"{text} (--verbose lists them).")
    else:
        yield Text(f"{text}:")
        for name, type, effects in follow_lines(difference):
            yield Text(printable(f"    {name} ({type}) {effects}"), style="dim")
    yield Text()


def _totals(difference: Difference) -> Iterator[Text]:
    if not difference.before.is_complete or not difference.after.is_complete:
        yield Text("Shapes, parameters and costs are unknown until an input is given.")
        return
    counted = summary_line(difference)
    if counted:
        yield Text(f"Layers: {counted}.")
    rows = [(total.what, *total_cells(total)) for total in difference.totals]
    changed = [row for row in rows if row[3] != UNCHANGED]
    widths = [max(map(len, (row[i] for row in rows)), default=0) for i in range(2)]
    widths += [max(map(len, (row[i] for row in changed)), default=0) for i in (2, 3)]
    for what, mine, theirs, growth in rows:
        line = f"{what:<{widths[0]}}  {mine:>{widths[1]}}"
        if growth == UNCHANGED:
            yield Text(f"{line}  {growth}", style="dim")
        else:
            yield Text(f"{line} → {theirs:<{widths[2]}}  {growth:>{widths[3]}}".rstrip())


def _printed(lines: list[Text], *, color: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=100_000, force_terminal=color, color_system="auto" if color else None,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    for line in lines:
        console.print(line, soft_wrap=True)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def diff_markdown(difference: Difference, before: str, after: str, *, verbose: bool = False) -> str:
    """The comparison in GitHub's Markdown, for a comment on a pull request."""
    heading = markdown_text(title(difference, before, after))
    if difference.is_empty:
        return f"### {heading}\n\nNo difference.\n"
    lines = [f"### {heading}", ""]
    lines += [
        f"- {markdown_text(''.join(map(str, _delta(delta))))}"
        for delta in (*difference.interface, *difference.training)
    ]
    for entry in entries(difference, verbose=verbose):
        lines += _markdown_entry(entry)
    text = follows_text(difference)
    if text and not verbose:
        lines += ["", f"{text}."]
    elif text:
        lines += ["", f"<details><summary>{text}</summary>", ""]
        for name, type, effects in follow_lines(difference):
            lines.append(
                f"- {markdown_text(name)} ({markdown_text(type)}) {markdown_text(effects)}"
            )
        lines += ["", "</details>"]
    lines += ["", "| | Before | After | |", "| --- | ---: | ---: | ---: |"]
    for total in difference.totals:
        lines.append(
            "| " + " | ".join(map(markdown_text, (total.what, *total_cells(total)))) + " |"
        )
    return "\n".join(lines) + "\n"


def _markdown_entry(entry: Entry) -> Iterator[str]:
    times = f" ×{entry.times}" if entry.times > 1 else ""
    about = "".join(f" · {markdown_text(part)}" for part in entry.about)
    name = f"**{markdown_text(entry.type)}** {markdown_text(entry.name)}{times}"
    yield f"- {_SIGNS[entry.symbol]} {name}{about}"
    for line in (*entry.lines, *([" · ".join(entry.effects)] if entry.effects else [])):
        yield f"  - {markdown_text(line)}"


_SIGNS = {"+": "➕", "−": "➖", "~": "✏️", "→": "↔️"}
"""In Markdown a line that begins with + or − is a list."""
