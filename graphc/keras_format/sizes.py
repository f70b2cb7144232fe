"""Functions of sizes that are known only when a model runs, by functions that take tensors alone.

Places along an axis are compared, taken by and broadcast against. What depends on no input is tied to
the graph in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.ir.dims import shape_text
from graphc.ir.graph import CallRecord, TensorRef
from graphc.ir.types import Shape, TensorType
from graphc.keras_format.added_calls import Written
from graphc.keras_format.constants import MOST_ITEMS, is_open
from graphc.keras_format.inexpressible import Inexpressible
from graphc.keras_format.lines import Lines
from graphc.keras_format.tensors import array, dims, part
from graphc.keras_format.values import Json, dtype_policy, entry
from graphc.ops.indexing import cut, without_ellipsis
from graphc.record import Record


class SizedFunctions(Lines):
    """The calls that one network needs besides its own; `entries` are those not yet taken."""

    def write(self, record: CallRecord) -> None:
        """Write a call that `needs_other_functions`; its result has the call's name.

        Raises `Inexpressible` where none compute the same.
        """
        assert record.outputs is not None
        call = _Call(record.name, record.outputs[0], dict(record.arguments), record.layer.name)
        try:
            _WAYS[call.op](self, call)
        except Inexpressible as fault:
            fault.span = fault.span or record.span
            raise

    def tied(self, constant: Any, name: str | None = None) -> Json:
        """A constant as a tensor of the graph: what it is does not depend on the input."""
        one = self._first()
        if one.type.rank:
            one = self._part(one, [0] * one.type.rank, ())
        one = self._apply("ones_like", one, dtype="bool", type=TensorType((), "bool"))
        type = TensorType(constant.shape, constant.dtype.name)
        value = array(constant)
        return self._apply("where", one, value, value, type=type, name=name).json

    # Functions in terms of others

    def filled(self, call: _Call) -> None:
        """broadcast_to, full, ones, zeros: something in every place of a shape."""
        value = call.arguments.get("x", call.arguments.get("fill_value"))
        if value is None:
            value = int(call.op == "ones")
        if isinstance(value, TensorRef):
            given = self._given(value)
            if given.type.dtype != call.type.dtype:
                given = self._cast(given, call.type.dtype)
            ones, spelled = self._ones(call.type.shape, given.type.shape), given.json
        else:
            constant = np.asarray(value)
            ones = self._ones(call.type.shape, constant.shape)
            spelled = array(constant.astype(_array_dtype(call.type.dtype)))
        self._apply("where", ones, spelled, spelled, type=call.type, name=call.name)

    def arange(self, call: _Call) -> None:
        """Places, times a step, from a start on."""
        start, stop, step = (call.arguments.get(name) for name in ("start", "stop", "step"))
        low, by = 0 if stop is None else start, 1 if step is None else step
        if not all(isinstance(value, (int, float)) for value in (low, by)):
            raise Inexpressible("arange needs a start and a step that are known")
        (size,) = call.type.shape
        is_whole = isinstance(low, int) and isinstance(by, int)
        made = self._places(size, "int32" if is_whole else call.type.dtype, by)
        if low:
            made = self._apply("add", made, low, type=made.type)
        self._cast(made, call.type.dtype, call.name)

    def diagonal(self, call: _Call) -> None:
        """eye, identity, tri: numbers of rows and of columns, compared."""
        rows, columns = (self._places(dim, "int32") for dim in call.type.shape)
        rows = self._part(rows, [part(), None], (*rows.type.shape, 1))
        if call.arguments.get("k"):
            rows = self._apply("add", rows, call.arguments["k"], type=rows.type)
        compare = "greater_equal" if call.op == "tri" else "equal"
        compared = TensorType(call.type.shape, "bool")
        self._cast(self._apply(compare, rows, columns, type=compared), call.type.dtype, call.name)

    def reshape(self, call: _Call) -> None:
        """A layer, which leaves the first size alone, and finds one more."""
        x = call.arguments["x"]
        shape = self._given(x).type.shape if isinstance(x, TensorRef) else ()
        target = dims(call.type.shape[1:])
        if not shape or shape[0] != call.type.shape[0] or target.count(None) > 1:
            raise Inexpressible(
                f"a shape of {shape_text(call.type.shape)} has more sizes that are not known than "
                "a configuration can hold"
            )
        config = {
            "name": call.name,
            "trainable": True,
            "dtype": dtype_policy(None),
            "target_shape": [-1 if dim is None else dim for dim in target],
        }
        node = {"args": [self._spell(x)], "kwargs": {}}
        made = entry(Layer.keras_module, "Reshape", config)
        self._entries.append(made | {"name": call.name, "inbound_nodes": [node]})

    def get_item(self, call: _Call) -> None:
        """Places along the axes whose bounds are such sizes, and what is left of the key."""
        x = self._given(call.arguments["x"])
        left: list[Json] = []
        axis = 0
        key = call.arguments["key"]
        for item in without_ellipsis(key if isinstance(key, tuple) else (key,), x.type.shape):
            is_slice = isinstance(item, slice)
            if is_open(item):
                x = self._taken(x, item, axis)
                left.append(part() if is_slice else 0)
            else:
                left.append(part(item.start, item.stop, item.step) if is_slice else item)
            axis += item is not None
        self._part(x, left, call.type.shape, call.name)

    def _taken(self, x: Written, item: Any, axis: int) -> Written:
        """What an index or a slice takes along an axis, which stays."""
        size = x.type.shape[axis]
        taken = cut(item, size, axis)
        places = self._places(taken.size, "int32", taken.step)
        if taken.start != 0:
            places = self._apply("add", places, self._number(taken.start), type=places.type)
        shape = (*x.type.shape[:axis], taken.size, *x.type.shape[axis + 1 :])
        return self._apply("take", x, places, axis=axis, type=TensorType(shape, x.type.dtype))

    # Parts

    def _ones(self, shape: Shape, given: Shape) -> Written:
        """What broadcasts a shape to another: True in places that it lacks."""
        known = [1] * len(shape)
        found: Written | None = None
        lacking = (1,) * (len(shape) - len(given)) + given
        for axis, (dim, old) in enumerate(zip(shape, lacking, strict=True)):
            if dim == old:
                continue
            if isinstance(dim, int):
                known[axis] = dim
                continue
            line = self._line(dim)
            if axis < len(shape) - 1:
                rest = [None] * (len(shape) - 1 - axis)
                line = self._part(line, [part(), *rest], (dim, *(1 for _ in rest)))
            found = self._both(found, line)
        if prod(known) > MOST_ITEMS:
            raise Inexpressible(f"a shape of {shape_text(shape)} takes too large a constant")
        if found is None or prod(known) > 1 or found.type.rank < len(shape):
            constant = np.ones(known, "bool")
            ones = Written(array(constant), TensorType(constant.shape, "bool"))
            found = self._both(found, ones)
        return found

    def _both(self, one: Written | None, other: Written) -> Written:
        if one is None:
            return other
        longer, shorter = sorted((one.type.shape, other.type.shape), key=len, reverse=True)
        shorter = (1,) * (len(longer) - len(shorter)) + shorter
        shape = tuple(b if a == 1 else a for a, b in zip(longer, shorter, strict=True))
        return self._apply("logical_and", one, other, type=TensorType(shape, "bool"))

    def _first(self) -> Written:
        return self._given(TensorRef(self._graph.inputs[0], 0))


class _Call(Record):
    """A call that is written otherwise."""

    name: str
    type: TensorType
    arguments: dict[str, Any]
    op: str


_WAYS = {
    **dict.fromkeys(("broadcast_to", "full", "ones", "zeros", "empty"), SizedFunctions.filled),
    **dict.fromkeys(("eye", "identity", "tri"), SizedFunctions.diagonal),
    "arange": SizedFunctions.arange,
    "get_item": SizedFunctions.get_item,
    "reshape": SizedFunctions.reshape,
}


def needs_other_functions(op: Op, arguments: Mapping[str, Any]) -> bool:
    """Whether a call holds sizes that are not known, and Keras' function would not take them."""
    if op.name == "reshape":
        newshape = arguments["newshape"]
        given = newshape if isinstance(newshape, (list, tuple)) else (newshape,)
        return sum(map(is_open, given)) + (-1 in given) > 1
    return op.name in _WAYS and any(map(is_open, arguments.values()))


def _array_dtype(dtype: str) -> str:
    if dtype == "bfloat16":
        raise Inexpressible("makes a constant of bfloat16, which a configuration cannot hold")
    return dtype
