"""A summary as a table in the terminal, in Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphc.analysis.summary import Summary
from graphc.diagnostics.glyphs import printable
from graphc.ir.dims import Dim
from graphc.render.markdown import markdown_text
from graphc.render.summary_rows import (
    COLUMNS,
    DEFAULT_COLUMNS,
    Line,
    branches,
    lines,
    number,
)

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def chosen_columns(summary: Summary, columns: Sequence[str] | None) -> list[str]:
    """The columns asked for, or those that Keras would print, and MACs."""
    if columns is not None:
        return list(columns)
    return [*DEFAULT_COLUMNS, *(["connected"] if branches(summary) else [])]


def summary_text(
    summary: Summary,
    *,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    width: int | None = None,
    color: bool = False,
) -> str:
    """The table that Keras prints, with what it lacks. Text is never cut: long cells wrap."""
    table = Table(box=box.ROUNDED, title=f"{summary.name} ({summary.kind})", title_style="bold")
    table.add_column("Layer", overflow="fold", ratio=None)
    names = chosen_columns(summary, columns)
    for name in names:
        column = COLUMNS[name]
        is_amount = column.amount is not None
        table.add_column(
            column.title,
            justify="right" if is_amount else "left",
            overflow="fold",
            no_wrap=is_amount,
        )
    for line in lines(summary, depth):
        table.add_row(_name(line), *[Text(printable(COLUMNS[name].text(line))) for name in names])
    out = io.StringIO()
    console = Console(
        file=out, width=width or 200, force_terminal=color, color_system="auto" if color else None,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    console.print(table)
    return "\n".join(part.rstrip() for part in out.getvalue().splitlines()) + "\n" + footer(summary)


def _name(line: Line) -> Text:
    style = "bold" if line.row is None or line.row.children else ""
    return Text("  " * line.depth + printable(line.name), style=style)


def footer(summary: Summary) -> str:
    """The totals, with sizes in bytes."""
    if not summary.is_complete:
        return "Shapes, parameters and costs are unknown until an input is given.\n"
    parameters = summary.parameters
    rows: list[tuple[str, str]] = [
        ("Total params", _sized(parameters.total, parameters.weight_bytes)),
        ("Trainable params", number(parameters.trainable)),
        ("Non-trainable params", number(parameters.non_trainable)),
    ]
    if summary.optimizer_parameters:
        rows.append(("Optimizer params", number(summary.optimizer_parameters)))
    rows += [
        ("MACs per example", number(summary.macs)),
        ("FLOPs per example", number(summary.flops)),
    ]
    return "".join(f"{title + ':':<22}{value}\n" for title, value in rows)


def _sized(count: Dim, size_bytes: int) -> str:
    return f"{number(count)} ({bytes_text(size_bytes)})"


def bytes_text(count: int) -> str:
    """A number of bytes in the unit that suits it: 97.79 MiB."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    return f"{count} B" if unit == 0 else f"{value:.2f} {_UNITS[unit]}"


def summary_markdown(
    summary: Summary, *, depth: int | None = None, columns: Sequence[str] | None = None
) -> str:
    """The table in GitHub's Markdown, then the totals as a list."""
    names = chosen_columns(summary, columns)
    head = ["Layer", *[COLUMNS[name].title for name in names]]
    rule = ["---", *["---:" if COLUMNS[name].amount else "---" for name in names]]
    rows = [
        [_indented(line), *[markdown_text(COLUMNS[name].text(line)) for name in names]]
        for line in lines(summary, depth)
    ]
    table = "".join("| " + " | ".join(cells) + " |\n" for cells in (head, rule, *rows))
    totals = "".join(f"- {line}\n" for line in footer(summary).splitlines())
    return f"### {markdown_text(summary.name)}\n\n{table}\n{totals}"


def _indented(line: Line) -> str:
    return "&nbsp;&nbsp;" * line.depth + markdown_text(line.name)


def summary_csv(
    summary: Summary, *, depth: int | None = None, columns: Sequence[str] | None = None
) -> str:
    """The table as CSV (RFC 4180, but for the line ends): a line of titles, then the layers."""
    names = list(columns) if columns is not None else list(COLUMNS)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["depth", "name", *names])
    for line in lines(summary, depth):
        cells = [COLUMNS[name].text(line) for name in names]
        plain = [
            cell.replace(",", "") if COLUMNS[name].amount else cell
            for name, cell in zip(names, cells, strict=True)
        ]
        writer.writerow([line.depth, _inert(line.name), *map(_inert, plain)])
    return out.getvalue()


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@") or cell[:1] in ("\t", "\r") else cell
