"""What each pass does to a graph of primitives: counts, and the lines that change."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphc.diagnostics.glyphs import printable
from graphc.passes.listing import Stage

CONTEXT = 1
"""Lines that do not change, shown beside those that do."""
_STYLES = {"+": "green", "-": "red", " ": "dim", "@": "cyan"}


def passes_text(
    model: str, stages: Sequence[Stage], *, width: int | None = None, color: bool = False
) -> str:
    """A table of how many primitives there are behind each pass, then what each has changed."""
    out = io.StringIO()
    console = Console(
        file=out, width=width or 200, force_terminal=color, color_system="auto" if color else None,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    console.print(_table(model, stages))
    for before, after in pairwise(stages):
        for line in _section(before, after):
            console.print(line, soft_wrap=True)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(model: str, stages: Sequence[Stage]) -> Table:
    table = Table(
        box=box.ROUNDED, title=Text(printable(f"{model}: primitives behind each pass")),
        title_style="bold", show_footer=True,
    )  # fmt: skip
    table.add_column("Primitive", "Total")
    for stage in stages:
        table.add_column(stage.name, f"{stage.total:,}", justify="right")
    kinds = {name for stage in stages for name in stage.counts}
    for kind in sorted(kinds, key=lambda name: (-stages[0].counts.get(name, 0), name)):
        counts = [stage.counts.get(kind, 0) for stage in stages]
        cells = [Text(f"{count:,}" if count else "–") for count in counts]
        for place, (before, after) in enumerate(pairwise(counts), start=1):
            cells[place].stylize("" if before == after else "green" if after < before else "yellow")
        table.add_row(kind, *cells)
    return table


def _section(before: Stage, after: Stage) -> Iterator[Text]:
    changes = list(_changes(before.lines, after.lines))
    yield Text()
    yield Text(f"{after.name}: {before.total:,} → {after.total:,} primitives", style="bold")
    yield Text(printable(after.purpose))
    if not changes:
        yield Text("Nothing changes.", style="dim")
        return
    yield Text()
    for line in changes:
        yield Text(printable(line), style=_STYLES[line[0]])


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The lines of a unified diff, its hunks told apart by `@@`."""
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number:
            yield "@@"
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                yield from (f"  {line}" for line in before[start:end])
                continue
            yield from (f"- {line}" for line in before[start:end])
            yield from (f"+ {line}" for line in after[other_start:other_end])
