"""Calls of NumPy on arrays that exist."""

from __future__ import annotations

from graphc.ir.tensor import Step
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.source import spelled


class Table(Record):
    """Arrays that a call goes through in rows."""

    rows: tuple[tuple[Array, ...], ...]

    __hash__ = object.__hash__


class Call(Record):
    """A statement with a {} for each array, or table of them."""

    text: str
    arrays: tuple[Array | Table, ...]
    step: Step | None = None
    """The step that it is a part of."""

    __hash__ = object.__hash__


def copy(target: Array, source: Array) -> Call:
    """Elements of one array put into another."""
    return Call("copyto({}, {})", (target, source))


def fill(target: Array, value: float) -> Call:
    """One number everywhere."""
    return Call(f"{{}}.fill({spelled(value)})", (target,))
