"""Functions of sizes that are known only when a model runs, by functions that take tensors alone.

A configuration holds numbers, and no size that the graph leaves open. But a tensor has it: ones along
one of its axes are added up, compared, and broadcast against. What depends on no input is tied to
the graph in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op
from graphc.ir.dims import Dim, SymbolicDim, shape_text
from graphc.ir.graph import CallRecord, ModelGraph, TensorRef
from graphc.ir.types import Shape, TensorType
from graphc.keras_format.constants import MOST_ITEMS, is_open
from graphc.keras_format.inexpressible import Inexpressible
from graphc.keras_format.operations import module_of, parts_of
from graphc.keras_format.tensors import array, dims, part, tensor
from graphc.keras_format.values import Json, dtype_policy, entry
from graphc.record import Record


class Written(Record):
    """A tensor: how it is spelled, and its type."""

    json: Json
    type: TensorType


class SizedFunctions:
    """The calls that one network needs besides its own; `entries` are those not yet taken."""

    def __init__(self, graph: ModelGraph, spell: Callable[[TensorRef], Json]) -> None:
        self._graph = graph
        self._spell = spell
        self._names = {record.name for record in graph.records()}
        self._lines: dict[Dim, Written] = {}
        self._entries: list[dict[str, Any]] = []

    def take(self) -> list[dict[str, Any]]:
        """The entries that were written since the last time."""
        taken, self._entries = self._entries, []
        return taken

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

    def size(self, dim: Dim, dtype: str) -> Json:
        """A size as a number that a function computes with."""
        ones = self._cast(self._line(dim), dtype)
        return self._apply("sum", ones, type=TensorType((), dtype)).json

    # Functions in terms of others

    def filled(self, call: _Call) -> None:
        """broadcast_to, full, ones, zeros: something in every place of a shape."""
        value = call.arguments.get("x", call.arguments.get("fill_value"))
        if value is None:
            value = int(call.op == "ones")
        if isinstance(value, TensorRef):
            given = Written(self._spell(value), self._type(value))
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
        made = self._places(size, "int32" if is_whole else call.type.dtype)
        if by != 1:
            made = self._apply("multiply", made, by, type=made.type)
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
        shape = self._type(x).shape if isinstance(x, TensorRef) else ()
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

    def _places(self, size: Dim, dtype: str) -> Written:
        """0, 1, 2 … of this size."""
        if isinstance(size, int):
            constant = np.arange(size, dtype=dtype)
            return Written(array(constant), TensorType(constant.shape, dtype))
        sums = self._cast(self._line(size), dtype)
        sums = self._apply("cumsum", sums, type=sums.type)
        return self._apply("subtract", sums, 1, type=sums.type)

    def _line(self, size: Dim) -> Written:
        """True as many times as a size, which some tensor of the graph has, or has a part of."""
        if size not in self._lines:
            self._lines[size] = self._new_line(size)
        return self._lines[size]

    def _new_line(self, size: Dim) -> Written:
        type = TensorType((size,), "bool")
        for node in self._graph.inputs:
            ref = TensorRef(node, 0)
            given = Written(self._spell(ref), self._type(ref))
            for axis, dim in enumerate(given.type.shape):
                if dim == size:
                    line = given
                    if given.type.rank > 1:
                        key = [part() if place == axis else 0 for place in range(given.type.rank)]
                        line = self._part(given, key, (size,))
                    return self._apply("ones_like", line, dtype="bool", type=type)
                count = _multiple(size, dim)
                if count:
                    return self._apply("repeat", self._line(dim), type=type, repeats=count, axis=0)
        raise Inexpressible(f"needs the size {size}, which no input has")

    def _first(self) -> Written:
        ref = TensorRef(self._graph.inputs[0], 0)
        return Written(self._spell(ref), self._type(ref))

    def _type(self, ref: TensorRef) -> TensorType:
        outputs = self._graph.record(ref.node).outputs
        assert outputs is not None
        return outputs[ref.output]

    def _part(self, x: Written, key: list[Json], shape: Shape) -> Written:
        return self._apply("get_item", x, key, type=TensorType(shape, x.type.dtype))

    def _cast(self, x: Written, dtype: str, name: str | None = None) -> Written:
        type = TensorType(x.type.shape, dtype)
        return self._apply("cast", x, dtype=dtype, type=type, name=name)

    def _apply(
        self, op_name: str, *operands: Any, type: TensorType, name: str | None = None, **given: Json
    ) -> Written:
        op = OPS[op_name]
        name = name or self._name(op_name)
        args = [each.json if isinstance(each, Written) else each for each in operands]
        config = {"name": name, **parts_of(op, given).settings}
        made = entry(module_of(op), op.class_name, config)
        self._entries.append(
            made
            | {"registered_name": op.class_name, "name": name}
            | {"inbound_nodes": [{"args": args, "kwargs": {}}]}
        )
        return Written(tensor(type, name), type)

    def _name(self, base: str) -> str:
        name, number = base, 0
        while name in self._names:
            number += 1
            name = f"{base}_{number}"
        self._names.add(name)
        return name


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
    "reshape": SizedFunctions.reshape,
}


def needs_other_functions(op: Op, arguments: Mapping[str, Any]) -> bool:
    """Whether a call holds sizes that are not known, and Keras' function would not take them."""
    if op.name == "reshape":
        newshape = arguments["newshape"]
        given = newshape if isinstance(newshape, (list, tuple)) else (newshape,)
        return sum(map(is_open, given)) + (-1 in given) > 1
    return op.name in _WAYS and any(map(is_open, arguments.values()))


def _multiple(size: Dim, dim: Dim) -> int:
    """How many times one size is another; 0 if it is no multiple."""
    if not isinstance(size, SymbolicDim) or not isinstance(dim, SymbolicDim):
        return 0
    return next((count for count in range(2, 65) if dim * count == size), 0)


def _array_dtype(dtype: str) -> str:
    if dtype == "bfloat16":
        raise Inexpressible("makes a constant of bfloat16, which a configuration cannot hold")
    return dtype
