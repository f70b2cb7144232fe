"""Arrays in a document, and how large they may be."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import FOREIGN_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.network import ForeignArray
from graphc.ir.dtypes import DTYPES, promote, weak_dtype

NUMPY = "__numpy__"
ARRAYS = ("__tensor__", NUMPY)
"""What Keras calls arrays."""

MOST_NUMBERS = 1_000_000
"""How many numbers of one array a text takes, as a list of the language does.

What is larger belongs into a file of weights."""


def array(value: Cursor) -> ForeignArray:
    """A `__tensor__` or `__numpy__`. Raises `Fault` where it is none, or has too many numbers."""
    config = value.at("config")
    values = config.at("value")
    check_size(values)
    types: set[type] = set()
    shape = _shape(values.value, types)
    if shape is None or not types <= _NUMBERS.keys():
        raise values.fault("to be numbers, in lists of one length or alone")
    own = promote(*(_NUMBERS[each] for each in types)) if types else "float32"
    stated = config.get("dtype")
    if stated is not None and stated.text() not in DTYPES:
        raise stated.fault("to be the name of a dtype")
    dtype = own if stated is None else stated.text()
    return ForeignArray(values.value, dtype, own, shape, value.value["class_name"] == NUMPY)


_NUMBERS: dict[type, str] = {type(each): weak_dtype(each) for each in (True, 1, 1.0)}


def _shape(value: Any, types: set[type]) -> tuple[int, ...] | None:
    """The shape of nested lists, whose types are noted; None where they are of several lengths."""
    if not isinstance(value, list):
        types.add(type(value))
        return ()
    if not any(isinstance(item, list) for item in value):
        types.update(map(type, value))
        return (len(value),)
    shapes = {_shape(item, types) for item in value}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(value), *inner)


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
