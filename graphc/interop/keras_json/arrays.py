"""Arrays in a document, and how large they may be."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import FOREIGN_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.cursor import Cursor

MOST_NUMBERS = 1_000_000
"""How many numbers of one array a text takes, as a list of the language does.

What is larger belongs into a file of weights."""


def array(value: Cursor) -> Cursor:
    """The values of `__tensor__` or `__numpy__`. Raises `Fault` where there are too many."""
    values = value.at("config").at("value")
    check_size(values)
    return values


def check_size(values: Cursor) -> None:
    """Raise `Fault` where a list has more numbers than a text takes."""
    count = _count(values.value)
    if count > MOST_NUMBERS:
        raise Fault(
            FOREIGN_ARGUMENT,
            f"{values.path} is an array of {count:,} numbers, and a text takes {MOST_NUMBERS:,}",
            help="have a weight that is not trained in its place, whose values are in a file of "
            "weights; or leave out the initializer that has them",
        )


def _count(value: Any) -> int:
    """How many numbers stand in lists in lists."""
    return sum(map(_count, value)) if isinstance(value, list) else 1
