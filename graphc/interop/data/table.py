"""Tables of text: .csv and .tsv, also as .gz. Numbers go to a file of their own as they are read.

What is read takes the memory of a few thousand rows, however long the table is.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO

import numpy as np

from graphc.interop.data.faults import DataError, unreadable
from graphc.interop.weights.bounds import check_expansion
from graphc.record import Record
from graphc.runtime.kernels.table import Array

ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_DELIMITERS = ",;\t|"
_CHUNK_ITEMS = 1 << 18
_MOST_LINE = 1 << 24
_MOST_COLUMNS = 1 << 18
_MOST_NAMES = 1 << 16
_MOST_BEFORE = 100  # lines that are looked at for the first with something in it


class Words:
    """A column of text: each of its words has a number, in the order in which they come."""

    def __init__(self, path: str, column: str, line: int) -> None:
        self._path, self._column, self._line = path, column, line
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a word; raises `DataError` where there are too many."""
        word = text.strip()
        if word not in self._numbers and len(self._numbers) == _MOST_NAMES:
            raise unreadable(
                self._path,
                f"`{self._path}` has more than {_MOST_NAMES:,} different texts at `{self._column}`",
            )
        return self._numbers.setdefault(word, len(self._numbers))

    @property
    def words(self) -> tuple[str, ...]:
        """The words by their numbers."""
        return tuple(self._numbers)

    def fault(self) -> DataError:
        """The error of a column that is to be numbers."""
        return _not_a_number(self._path, self.words[0], self._line, self._column)


class Table(Record):
    """A table's columns, by name where its first row has names, and its numbers in rows.

    Columns that begin with text are in `words` by their places.
    """

    columns: tuple[str, ...]
    has_names: bool
    numbers: Array
    words: dict[int, Words]

    __hash__ = object.__hash__


def read_table(path: str, *, has_names: bool | None = None) -> Table:
    """Read a table: a column is numbers, or text in each of its rows, below its name.

    `has_names` says whether the first row has the names of columns; without it the first two rows
    tell.
    """
    try:
        with _opened(path) as file:
            return _read(path, file, has_names)
    except UnicodeDecodeError:
        raise unreadable(path, f"`{path}` is no text in UTF-8") from None
    except (csv.Error, OSError, EOFError, zlib.error) as error:
        raise unreadable(path, f"`{path}` cannot be read as a table: {error}") from None


def _opened(path: str) -> IO[str]:
    if path.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return Path(path).open(encoding="utf-8-sig", newline="")


def _read(path: str, file: IO[str], has_names: bool | None) -> Table:
    lines = _lines(path, file)
    first = list(islice(lines, _MOST_BEFORE))
    filled = [line for line in first if line.strip()][:2]
    if not filled:
        raise unreadable(path, f"`{path}` is empty")
    rows = csv.reader(chain(first, lines), delimiter=_delimiter(filled), skipinitialspace=True)
    begin: list[list[str]] = []  # to the second row, empty lines too: faults count lines
    begun: list[list[str]] = []
    for row in rows:
        begin.append(row)
        if _is_filled(row):
            begun.append(row)
            if len(begun) == 2:
                break
    header = begun[0]
    if len(header) > _MOST_COLUMNS:
        raise unreadable(
            path, f"`{path}` has {len(header):,} columns; at most {_MOST_COLUMNS:,} are read"
        )
    if has_names is None:
        has_names = _are_names(*begun)
    names = tuple(name.strip() for name in header)
    if has_names and len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise unreadable(path, f"`{path}` has two columns of the name `{twice}`")
    columns = names if has_names else tuple(f"column {n + 1}" for n in range(len(names)))
    if has_names:
        del begin[: begin.index(header) + 1], begun[0]
    with tempfile.TemporaryFile() as store:
        count = 0
        words = {}
        if begun:
            line = rows.line_num - len(begin) + begin.index(begun[0]) + 1
            words = _words(path, columns, begun[0], line)
        left = chain(begin, rows)
        # Many rows at a time, but few of very long ones.
        size = max(1, _CHUNK_ITEMS // len(columns))
        while chunk := list(islice(left, size)):
            kept = [row for row in chunk if _is_filled(row)]
            if kept:
                _number_words(words, kept, len(columns))
                _numbers(path, columns, chunk, rows.line_num).tofile(store)
            count += len(kept)
        store.flush()
        shape = (count, len(columns))
        numbers = np.memmap(store, np.float64, "r", 0, shape) if count else np.empty(shape)
    return Table(columns, has_names, numbers, words)


def _words(path: str, columns: tuple[str, ...], row: list[str], line: int) -> dict[int, Words]:
    """The columns of text, by a table's first row below the names."""
    return {
        place: Words(path, name, line)
        for place, (name, text) in enumerate(zip(columns, row, strict=False))
        if text.strip() and not _is_number(text)
    }


def _number_words(words: dict[int, Words], rows: list[list[str]], columns: int) -> None:
    """Put numbers in place of the words in some rows; what is left empty is looked at later."""
    for place, column in words.items():
        for row in rows:
            if len(row) == columns and row[place].strip():
                row[place] = str(column.number(row[place]))


def _lines(path: str, file: IO[str]) -> Iterator[str]:
    """The lines, none of which is let grow without end, nor all of them out of next to nothing."""
    stored, total = Path(path).stat().st_size, 0
    while line := file.readline(_MOST_LINE):
        total += len(line)
        check_expansion(path, "its text", total, stored)
        if len(line) == _MOST_LINE:
            raise unreadable(path, f"`{path}` has a line of more than {_MOST_LINE:,} characters")
        yield line


def _delimiter(lines: list[str]) -> str:
    """What divides the first lines into fields: what is in all of them, as often in each."""
    counts = {mark: [_outside_quotes(line).count(mark) for line in lines] for mark in _DELIMITERS}
    return max(
        _DELIMITERS,
        key=lambda mark: (
            min(counts[mark]) > 0,
            len(set(counts[mark])) == 1,
            counts[mark][0],
        ),
    )


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _is_filled(row: list[str]) -> bool:
    """Whether a line has anything in it but blanks."""
    return len(row) > 1 or bool(row and row[0].strip())


def _are_names(first: list[str], second: Sequence[str] = ()) -> bool:
    """Whether the first row has the names of columns.

    What has text over a number is one; without that, names are text, so that a row of numbers and
    a class by its name is an example.
    """
    if any(
        text.strip() and not _is_number(text)
        for text, below in zip(first, second, strict=False)
        if _is_number(below)
    ):
        return True
    return not any(map(_is_number, first))


def _is_number(text: str) -> bool:
    if "_" in text:  # Python's numbers may be divided so; those of tables are not
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(path: str, columns: tuple[str, ...], chunk: list[list[str]], last: int) -> Array:
    """Rows of text as numbers; the fault is looked for only where there is one."""
    kept = [row for row in chunk if _is_filled(row)]
    try:
        array: Array = np.array(kept, np.float64)
        is_plain = "_" not in "".join(chain.from_iterable(kept))
        if is_plain and array.shape == (len(kept), len(columns)):
            return array
    except ValueError:
        pass
    raise _first_fault(path, columns, chunk, last)


def _first_fault(
    path: str, columns: tuple[str, ...], chunk: list[list[str]], last: int
) -> DataError:
    for place, row in enumerate(chunk):
        # Where quoted fields span lines, it is the row that is counted back from the last line.
        line = last - len(chunk) + place + 1
        if not _is_filled(row):
            continue
        if len(row) != len(columns):
            return unreadable(
                path, f"`{path}` has {len(row)} fields in line {line}, and {len(columns)} columns"
            )
        for name, text in zip(columns, row, strict=False):
            if not _is_number(text):
                return _not_a_number(path, text, line, name)
    return unreadable(path, f"`{path}` has numbers that cannot be read")


def _not_a_number(path: str, text: str, line: int, column: str) -> DataError:
    what = f"text, {text[:40]!r}," if text.strip() else "nothing"
    return unreadable(
        path, f"`{path}` has {what} in line {line} at `{column}`, which has to be a number"
    )
