"""What a file of weights holds: entries, which are read one by one."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import prod
from typing import Any

from graphc.interop.weights.faults import unreadable
from graphc.ir.dtypes import ITEM_BYTES
from graphc.record import Record
from graphc.runtime.deferred import Deferred
from graphc.runtime.dtypes import numpy_dtype

OTHER_DTYPE = "have the program that wrote it convert it to float16, bfloat16 or float32"
"""What to do about numbers that NumPy does not have."""


class Entry(Record):
    """One array of a file, as its header tells of it."""

    name: str
    """The file's own key."""
    shape: tuple[int, ...]
    dtype: str
    is_state: bool = False
    """Whether it belongs to an optimizer or a metric rather than to a model."""

    @property
    def size(self) -> int:
        """The number of items."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """The bytes that it takes in memory, or in the file if it is of a dtype that NumPy lacks."""
        bits = re.search(r"\d+", self.dtype)
        if self.dtype in ITEM_BYTES or bits is None:
            return self.size * ITEM_BYTES.get(self.dtype, 8)
        return -(-self.size * int(bits[0]) // 8)

    @property
    def is_readable(self) -> bool:
        """Whether NumPy has such numbers, or a library that stands in for it."""
        try:
            numpy_dtype(self.dtype)
        except TypeError:
            return False
        return True


class StoredWeights:
    """An open file: its entries in its own order, and how to read one of them."""

    def __init__(
        self,
        name: str,
        entries: list[Entry],
        read: Callable[[Entry], Any],
        *,
        is_layout: bool = False,
        is_sorted: bool = False,
    ) -> None:
        self.name = name
        self.entries = entries
        self.read = read
        self.is_layout = is_layout
        """Whether keys are places in Keras' layout, and not paths of variables."""
        self.is_sorted = is_sorted
        """Whether the order of the entries is that of their keys, and tells nothing."""

    def array(self, entry: Entry, dtype: str | None = None) -> Deferred:
        """An entry that is read when it is needed, of its own dtype or as another."""
        if not entry.is_readable:
            what = f"holds {entry.dtype} at `{entry.name}`, of which NumPy has no numbers"
            raise unreadable(self.name, what, help=OTHER_DTYPE)
        wanted = numpy_dtype(dtype or entry.dtype)
        return Deferred(entry.shape, wanted, lambda: self.read(entry))
