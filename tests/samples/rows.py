"""The layers of a sample's model as rows: name, type, output shapes, parameters."""

import re
from pathlib import Path
from typing import Any

import graphc
from graphc.ir.dims import SymbolicDim

SAMPLES = Path(__file__).parents[2] / "samples"

Row = tuple[str, str, list[tuple[int | None, ...]], int]


def load(name: str, **options: Any) -> graphc.Model:
    """A sample's model."""
    return graphc.load(SAMPLES / f"{name}.net", **options)


def shrunk_text(name: str, **sizes: str) -> str:
    """A sample with other constants, and without its contracts."""
    text = (SAMPLES / f"{name}.net").read_text()
    for constant, size in sizes.items():
        text, found = re.subn(
            rf"^const {constant} = .*$", f"const {constant} = {size}", text, flags=re.MULTILINE
        )
        assert found == 1, constant
    return re.sub(r"^    require .*$", "", text, flags=re.MULTILINE)


def shrunk(name: str, **sizes: str) -> graphc.Model:
    """The model of a `shrunk_text`."""
    return graphc.parse(shrunk_text(name, **sizes))


def shape(type: Any) -> tuple[int | None, ...]:
    """A shape as Keras writes it: None for each size that is not a number."""
    return tuple(None if isinstance(dim, SymbolicDim) else dim for dim in type.shape)


def rows(model: graphc.Model) -> list[Row]:
    """The rows of a summary."""
    return [
        (row.name, row.type, [shape(output) for output in row.outputs], row.parameters.total)
        for row in model.summary().rows
    ]


def unnamed(types: set[str], rows: list[Row]) -> list[Row]:
    """The rows, without the names of these types: Keras' operators take none from blocks."""
    return [("", *row[1:]) if row[1] in types else row for row in rows]


def without(types: set[str], rows: list[Row]) -> list[Row]:
    """The rows of other types than these."""
    return [row for row in rows if row[1] not in types]
