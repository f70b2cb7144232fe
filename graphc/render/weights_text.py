"""Weights as a table, and as JSON."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphc.ir.dims import shape_text
from graphc.record import Record
from graphc.render.summary_text import bytes_text


class WeightRow(Record):
    """One array; of a model's weight also its name there and whether it is trained."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    is_trainable: bool | None = None
    entry: str = ""
    """What the file calls it, where that is something else."""
    is_state: bool = False
    """Whether it belongs to an optimizer or a metric rather than to a model."""


def weights_text(
    rows: Sequence[WeightRow],
    title: str,
    states: Sequence[WeightRow] = (),
    *,
    width: int | None = None,
) -> str:
    """A table of weights, with their number and size below, and those of the state of training."""
    has_model = any(row.is_trainable is not None for row in rows)
    has_entries = any(row.entry for row in rows)
    table = Table(box=box.ROUNDED, title=Text(title), title_style="bold")
    table.add_column("Weight", overflow="fold")
    table.add_column("Shape", overflow="fold")
    table.add_column("Dtype")
    table.add_column("Bytes", justify="right", no_wrap=True)
    if has_model:
        table.add_column("Trainable")
    if has_entries:
        table.add_column("In the file", overflow="fold")
    for row in rows:
        cells = [row.name, shape_text(row.shape), row.dtype, f"{row.bytes:,}"]
        cells += ["yes" if row.is_trainable else "no"] if has_model else []
        cells += [row.entry] if has_entries else []
        table.add_row(*map(Text, cells))
    out = io.StringIO()
    console = Console(file=out, width=width or 200, highlight=False, emoji=False, markup=False)
    console.print(table)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    lines.append(_sum(rows))
    if states:
        lines.append(f"beside them the state of training: {_sum(states)}")
    return "\n".join(lines) + "\n"


def _sum(rows: Sequence[WeightRow]) -> str:
    number = "1 array" if len(rows) == 1 else f"{len(rows):,} arrays"
    return f"{number}, {bytes_text(sum(row.bytes for row in rows))}"


def weight_record(row: WeightRow) -> dict[str, Any]:
    """A row for a JSON document."""
    known: dict[str, Any] = {
        "name": row.name,
        "shape": list(row.shape),
        "dtype": row.dtype,
        "bytes": row.bytes,
    }
    if row.is_trainable is not None:
        known |= {"trainable": row.is_trainable, "entry": row.entry or row.name}
    return known | ({"state": True} if row.is_state else {})
