"""What the short text of a configuration leaves out, for those who compare configurations."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from graphc.declare.definition import Definition
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.values import LONGEST_TEXT
from graphc.ir.graph import ModelGraph, WeightSource
from graphc.layers.model_layer import ModelLayer


def details(layer: Any) -> str:
    """Nothing where `config` tells all of a layer, else a fingerprint of its whole text."""
    if isinstance(layer, (Op, ModelLayer)) or not isinstance(layer, Definition):
        return ""
    values = layer.changed_values()
    if not any(_is_cut(value) for value in values.values()):
        return ""
    return sha256(full_text(layer).encode()).hexdigest()[:16]


def _is_cut(value: Any) -> bool:
    if isinstance(value, (bool, int, float)) or value is None:
        return False
    # A wrapped layer shows the text of its arguments, and a model in it only its class.
    return isinstance(value, Layer) or len(full_text(value)) > LONGEST_TEXT


def full_text(value: Any) -> str:
    """A static value in full: equal for values that mean the same."""
    if isinstance(value, ModelLayer):
        return f"model{value.trainable}{_graph_text(value.graph)}"
    if isinstance(value, Definition):
        given = value.changed_values().items()
        return f"{type(value).__name__}({[(name, full_text(each)) for name, each in given]})"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(full_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {full_text(v)}' for k, v in value.items())}}}"
    return repr(value) if isinstance(value, str) else str(value)


def _graph_text(graph: ModelGraph | None) -> str:
    """The computation of a model, as text: equal for models that compute the same alike."""
    if graph is None:
        return ""
    places = {record.id: place for place, record in enumerate(graph.records())}
    lines = []
    for record in graph.records():
        layer = record.layer
        spelled = layer.type_name if isinstance(layer, WeightSource) else full_text(layer)
        arguments = [(name, _argument_text(value, places)) for name, value in record.arguments]
        lines.append(f"{spelled}{arguments}{record.outputs}")
    outputs = [(places[output.ref.node], output.ref.output) for output in graph.outputs]
    return f"{lines}{outputs}"


def _argument_text(value: Any, places: dict[int, int]) -> str:
    node = getattr(value, "node", None)
    if node is not None:
        return f"#{places[node]}.{value.output}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_argument_text(item, places) for item in value)}]"
    return full_text(value)
