"""Calls of functions that a network needs besides its own, each with a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.op import OPS
from graphc.ir.graph import ModelGraph, TensorRef
from graphc.ir.types import Shape, TensorType
from graphc.keras_format.operations import module_of, parts_of
from graphc.keras_format.tensors import tensor
from graphc.keras_format.values import Json, entry
from graphc.record import Record


class Written(Record):
    """A tensor: how it is spelled, and its type."""

    json: Json
    type: TensorType


class AddedCalls:
    """Writes such calls; `take` gives the entries of those not yet taken."""

    def __init__(self, graph: ModelGraph, spell: Callable[[TensorRef], Json]) -> None:
        self._graph = graph
        self._spell = spell
        self._names = {record.name for record in graph.records()}
        self._entries: list[dict[str, Any]] = []

    def take(self) -> list[dict[str, Any]]:
        """The entries that were written since the last time."""
        taken, self._entries = self._entries, []
        return taken

    def _given(self, ref: TensorRef) -> Written:
        """A tensor of the network."""
        outputs = self._graph.record(ref.node).outputs
        assert outputs is not None
        return Written(self._spell(ref), outputs[ref.output])

    def _part(self, x: Written, key: list[Json], shape: Shape, name: str | None = None) -> Written:
        return self._apply("get_item", x, key, type=TensorType(shape, x.type.dtype), name=name)

    def _cast(self, x: Written, dtype: str, name: str | None = None) -> Written:
        type = TensorType(x.type.shape, dtype)
        return self._apply("cast", x, dtype=dtype, type=type, name=name)

    def _apply(
        self, op_name: str, *operands: Any, type: TensorType, name: str | None = None, **given: Json
    ) -> Written:
        op = OPS[op_name]
        name = name or self._name(op_name)
        args = [_json(each) for each in operands]
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


def _json(value: Any) -> Json:
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value.json if isinstance(value, Written) else value
