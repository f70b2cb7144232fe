"""The columns of a table as arrays: for inputs, targets and sample weights."""

from __future__ import annotations

from functools import partial
from math import prod

from graphc.interop.data.archive import Arrays
from graphc.interop.data.classes import Classes, numbered
from graphc.interop.data.faults import unreadable
from graphc.interop.data.names import TARGETS, Wanted, weight_names
from graphc.interop.data.table import Table
from graphc.ir.types import TensorType
from graphc.runtime.kernels.table import Array


def table_arrays(path: str, table: Table, wanted: Wanted) -> Arrays:
    """The arrays of a table.

    A column, or columns `NAME_0`, `NAME_1`, …, belong to the input, the output or the sample
    weights of that name. If none is named so, a single target is the column `target` or `label`,
    or else the last; a single input has the columns that are left.
    """
    places = {name: place for place, name in enumerate(table.columns)} if table.has_names else {}
    found = {
        name: columns
        for name in (*wanted.inputs, *wanted.outputs, *weight_names(wanted.outputs))
        if (columns := _columns_of(places, name))
    }
    taken = {column for columns in found.values() for column in columns}
    left = [column for column in range(len(table.columns)) if column not in taken]
    alias = next((name for name in TARGETS if places.get(name) in left), None)
    lacking = [name for name in wanted.targets if name not in found and name not in wanted.inputs]
    if len(lacking) == 1 and len(left) > 1:
        place = left[-1] if alias is None else places[alias]
        found[lacking[0]] = [place]
        left.remove(place)
    elif alias is not None and len(left) > 1 and not _takes(wanted, len(left)):
        left.remove(places[alias])
    if len(wanted.inputs) == 1:
        [name] = wanted.inputs
        if name not in found:
            numbers = [column for column in left if column not in table.words]
            if len(numbers) < len(left) and _size(wanted.inputs[name]) == len(numbers):
                left = numbers  # names of examples, or classes that nothing is compared with
            if not left:
                raise unreadable(path, f"`{path}` has no columns left for the input `{name}`")
            found[name] = left
    return {
        name: TextColumn(table, columns[0])
        if len(columns) == 1 and columns[0] in table.words
        else partial(_taken, table, columns)
        for name, columns in found.items()
    }


class TextColumn:
    """A column of text: no array, unless its classes are asked for."""

    def __init__(self, table: Table, column: int) -> None:
        self._words = table.words[column]
        self._places = table.numbers[:, column]

    def __call__(self) -> Array:
        """Raise `DataError`: there are no numbers."""
        raise self._words.fault()

    def classes(self) -> Classes:
        """The classes that the words are."""
        return numbered(self._words.words, self._places)


def _columns_of(places: dict[str, int], name: str) -> list[int]:
    """The column of this name, or those of the name with numbers, in their order."""
    if name in places:
        return [places[name]]
    found: list[int] = []
    while (numbered := f"{name}_{len(found)}") in places:
        found.append(places[numbered])
    return found


def _takes(wanted: Wanted, columns: int) -> bool:
    """Whether the only input has room for so many numbers."""
    return len(wanted.inputs) == 1 and all(
        _size(type) in (None, columns) for type in wanted.inputs.values()
    )


def _size(type: TensorType) -> int | None:
    sizes = [dim for dim in type.shape[1:] if isinstance(dim, int)]
    return prod(sizes) if len(sizes) == type.rank - 1 else None


def _taken(table: Table, columns: list[int]) -> Array:
    """One column as a vector, several as rows: without a copy where they are neighbours."""
    first, last = columns[0], columns[-1]
    for column in columns:
        if column in table.words:
            raise table.words[column].fault()
    if len(columns) == 1:
        return table.numbers[:, first]
    if columns == list(range(first, last + 1)):
        return table.numbers[:, first : last + 1]
    return table.numbers[:, columns]
