"""The cells of a summary table, whatever it is printed as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphc.analysis.summary import LayerRow, Summary
from graphc.ir.dims import Dim
from graphc.ir.graph import BlockUse
from graphc.ir.types import TensorType
from graphc.record import Record, replace


class Line(Record):
    """One line of a table: a layer, or the heading of a block (`row` is None)."""

    depth: int
    name: str
    type: str
    row: LayerRow | None
    rows: tuple[LayerRow, ...]
    """The layers that it stands for: itself, or all of a folded block."""
    outputs: tuple[TensorType, ...] = ()
    """What leaves a block."""
    connected_to: tuple[str, ...] = ()
    """What goes into a block, by the lines that it comes from."""


class Column(Record):
    """A column: its heading, how a layer fills it, and what a folded block's layers add up to."""

    title: str
    cell: Callable[[LayerRow], str]
    amount: Callable[[LayerRow], Any] | None = None
    of_block: Callable[[Line], str] | None = None

    def text(self, line: Line) -> str:
        """The cell of a line."""
        if self.amount is not None and line.rows[0].calls == 0:
            return "?"
        if self.amount is not None:
            return number(sum((self.amount(row) for row in line.rows), start=0))
        if line.row is not None:
            return self.cell(line.row)
        return self.of_block(line) if self.of_block is not None else ""


def number(value: Dim) -> str:
    """A count with its thousands apart, or its formula."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def shape(types: tuple[TensorType, ...]) -> str:
    """The types of a layer's outputs."""
    return ", ".join(str(type) for type in types) if types else "?"


def _text(value: Any) -> str:
    return str(value)


COLUMNS: dict[str, Column] = {
    "type": Column("Type", lambda row: row.type, of_block=lambda line: line.type),
    "shape": Column(
        "Output shape",
        lambda row: shape(row.outputs),
        of_block=lambda line: shape(line.outputs),
    ),
    "input": Column("Input shape", lambda row: shape(row.inputs) if row.inputs else ""),
    "dtype": Column("Dtype", lambda row: ", ".join(t.dtype for t in row.outputs)),
    "params": Column("Params", _text, lambda row: row.parameters.total),
    "trainable": Column("Trainable", lambda row: "yes" if row.is_trainable else "no"),
    "macs": Column("MACs", _text, lambda row: row.macs),
    "flops": Column("FLOPs", _text, lambda row: row.flops),
    "bytes": Column("Weight bytes", _text, lambda row: row.parameters.weight_bytes),
    "output_bytes": Column("Output bytes", _text, lambda row: row.output_bytes),
    "connected": Column(
        "Connected to",
        lambda row: ", ".join(row.connected_to),
        of_block=lambda line: ", ".join(line.connected_to),
    ),
    "calls": Column("Calls", _text, lambda row: row.calls),
    "line": Column("Line", lambda row: f"{row.span.file.name}:{row.span.line}"),
}
"""The columns to choose from, after the layer's name."""

DEFAULT_COLUMNS = ("type", "shape", "params", "macs")


def branches(summary: Summary) -> bool:
    """Whether the table needs to say what is connected to what."""
    names = [row.name for row in summary.rows]
    return (
        any(
            row.connected_to != ((names[i - 1],) if i else ())
            for i, row in enumerate(summary.rows)
            if row.type != "InputLayer" and (i or row.connected_to)
        )
        and summary.kind != "Sequential"
    )


def lines(summary: Summary, depth: int | None) -> list[Line]:
    """The lines of a table: blocks and nested models opened `depth` levels deep.

    None opens all blocks and no nested model, as Keras lists them.
    """
    return list(_model_lines(summary.rows, 0, depth))


class _Links:
    """How the layers of a model hang together, as far as blocks `depth` levels deep are open."""

    def __init__(self, rows: tuple[LayerRow, ...], depth: int | None) -> None:
        self.shown: dict[str, str] = {}
        """The line that stands for each layer: its own, or that of the closed block around it."""
        self.users: dict[tuple[str, int], list[str]] = {}
        for row in rows:
            is_closed = depth is not None and len(row.blocks) > depth
            self.shown[row.name] = row.blocks[depth or 0].name if is_closed else row.name
            for source in row.sources:
                self.users.setdefault(source, []).append(row.name)

    def of_block(self, group: tuple[LayerRow, ...]) -> tuple[tuple[TensorType, ...], list[str]]:
        """What leaves a block, and the layers outside whose outputs go into it."""
        inside = {row.name for row in group}
        leaving = tuple(
            type
            for row in sorted(group, key=lambda row: row.span.start)  # as the block has them
            for index, type in enumerate(row.outputs)
            if index in row.given_out
            or any(user not in inside for user in self.users.get((row.name, index), ()))
        )
        return leaving, [n for row in group for n in row.connected_to if n not in inside]

    def lines_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The lines that stand for layers, each once."""
        return tuple(dict.fromkeys(self.shown.get(name, name) for name in names))


def _model_lines(rows: tuple[LayerRow, ...], indent: int, depth: int | None) -> Iterator[Line]:
    return _lines(rows, 0, indent, depth, _Links(rows, depth))


def _lines(
    rows: tuple[LayerRow, ...], block_level: int, indent: int, depth: int | None, links: _Links
) -> Iterator[Line]:
    for block, group in _groups(rows, block_level, is_grouped=depth is not None):
        if block is not None:
            outputs, sources = links.of_block(group)
            connected_to = links.lines_of(sources)
            yield Line(indent, block.name, block.block, None, group, outputs, connected_to)
            if depth:
                yield from _lines(group, block_level + 1, indent + 1, depth - 1, links)
            continue
        (row,) = group
        row = replace(row, connected_to=links.lines_of(row.connected_to))
        yield Line(indent, row.name, row.type, row, group)
        if row.children and depth:
            yield from _model_lines(row.children, indent + 1, depth - 1)


def _groups(
    rows: tuple[LayerRow, ...], block_level: int, *, is_grouped: bool
) -> list[tuple[BlockUse | None, tuple[LayerRow, ...]]]:
    """Layers one by one, and those of a block instance together where its first one stands."""
    groups: dict[str | int, list[LayerRow]] = {}
    for index, row in enumerate(rows):
        in_block = is_grouped and len(row.blocks) > block_level
        groups.setdefault(row.blocks[block_level].name if in_block else index, []).append(row)
    return [
        (group[0].blocks[block_level] if isinstance(key, str) else None, tuple(group))
        for key, group in groups.items()
    ]
