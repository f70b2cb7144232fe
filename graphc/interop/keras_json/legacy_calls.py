"""Calls as Keras 2 wrote them: lists of tensors, with the call's other arguments behind each.

A tensor is `[layer, call, output]`, among the other arguments too. The calls of a nested model
count from 1: call 0 is its own, from its inputs to its outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.network import Address, ForeignCall

CONSTANT = "_CONSTANT_VALUE"
"""What stands for the layer where there is no tensor but a number."""


def is_legacy(layers: Iterable[Cursor]) -> bool:
    """Whether the calls of a model are written so."""
    for layer in layers:
        nodes = layer.get("inbound_nodes")
        if nodes is not None and nodes.value:
            return isinstance(nodes.entries()[0].value, list)
    return False


class LegacyCalls:
    """Reads the calls of one model; `own` are the models in it whose calls count from 1."""

    def __init__(
        self, names: Collection[str], own: Collection[str], decode: Callable[[Cursor], Any]
    ) -> None:
        self.names = names
        self.own = own
        self.decode = decode

    def call(self, node: Cursor) -> ForeignCall:
        """A call: one tensor stands alone."""
        items = node.entries()
        if items and isinstance(items[0].value, str):
            items = [node]
        tensors = [self._tensor(item) for item in items]
        kwargs: dict[str, Any] = {}
        for item in items:
            parts = item.entries()
            if len(parts) > 3:
                kwargs |= {name: self._value(each) for name, each in parts[3].items()}
        return ForeignCall(tuple(tensors) if len(tensors) == 1 else (tensors,), kwargs, node.path)

    def _tensor(self, item: Cursor) -> Any:
        parts = item.entries()
        if len(parts) not in (3, 4):
            raise item.fault("to be a layer, a call and an output")
        name = parts[0].text()
        if name == CONSTANT:
            return self.decode(parts[2])
        call = parts[1].whole() - (name in self.own)
        if call < 0:
            raise parts[1].fault("to be a call of the nested model, counted from 1")
        return Address(name, call, parts[2].whole())

    def _value(self, value: Cursor) -> Any:
        if not isinstance(value.value, list):
            return self.decode(value)
        match value.value:
            case [str(name), int(), int()] if name in self.names:
                return self._tensor(value)
        return [self._value(item) for item in value.entries()]
