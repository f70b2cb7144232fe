"""Tensors that depend on no input, which Keras computes while a model is built."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from graphc.declare.op import Op
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.ir.graph import CallRecord, ModelGraph, TensorRef
from graphc.keras_format.inexpressible import Inexpressible
from graphc.ops.arrays import numpy_dtype

MOST_ITEMS = 1_000_000


def constants(model: ModelGraph) -> dict[int, Any]:
    """The arrays of calls that are made of known numbers alone, by node.

    Raises `Inexpressible` for what NumPy has no function of the same name for.
    """
    found: dict[int, Any] = {}
    for record in model.records():
        if isinstance(record.layer, Op) and not _depends(record.arguments, found):
            found[record.id] = _value(record, found)
    return found


def _depends(value: Any, found: dict[int, Any]) -> bool:
    if isinstance(value, TensorRef):
        return value.node not in found
    if isinstance(value, (list, tuple)):
        return any(_depends(item, found) for item in value)
    return is_open(value)


def is_open(value: Any) -> bool:
    """Whether a size that is not known stands anywhere in a value."""
    if isinstance(value, slice):
        return any(map(is_open, (value.start, value.stop, value.step)))
    if isinstance(value, (list, tuple)):
        return any(map(is_open, value))
    return isinstance(value, SymbolicDim) or value is UNKNOWN


def _value(record: CallRecord, found: dict[int, Any]) -> Any:
    op = record.layer
    (type,) = record.outputs or (None,)
    refused = Inexpressible(
        f"{op.name} makes a constant that cannot be computed while a configuration is written",
        record.span,
    )
    if type is None or type.dtype == "bfloat16":
        raise refused
    shape = [dim for dim in type.shape if isinstance(dim, int)]
    if len(shape) < type.rank or prod(shape) > MOST_ITEMS:
        raise refused
    function = _FUNCTIONS.get(op.name) or getattr(np, op.name, None)
    given = {name: _filled(value, found) for name, value in record.arguments}
    given = {
        name: value
        for name, value in given.items()
        if name != "dtype" and (value is not None or op.name == "get_item")
    }
    try:
        dtype = numpy_dtype(op, dict(record.arguments)) or type.dtype
        made = np.asarray(function(*given.values()), dtype=dtype)  # type: ignore[misc]
    except (TypeError, ValueError, IndexError):
        raise refused from None
    if made.shape != type.shape:
        raise refused
    return made


_FUNCTIONS: dict[str, Any] = {
    "get_item": lambda x, key: np.asarray(x)[key],
    "cast": lambda x: x,
    "convert_to_tensor": lambda x: x,
    "empty": np.zeros,
}


def _filled(value: Any, found: dict[int, Any]) -> Any:
    if isinstance(value, TensorRef):
        return found[value.node]
    if isinstance(value, list):
        return [_filled(item, found) for item in value]
    return tuple(_filled(item, found) for item in value) if isinstance(value, tuple) else value
