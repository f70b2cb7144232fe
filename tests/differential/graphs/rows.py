"""The rows of a model, ours and Keras', with all that the two can be compared by."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

import graphc
from graphc.analysis.parameters import layer_parameters
from graphc.ir.dims import SymbolicDim
from graphc.layers.call_order import taken_tensors
from graphc.ops.arrays import is_array
from graphc.record import Record, replace
from tests.differential.graphs.keras_side import MASK
from tests.differential.harness import keras

Shape = tuple[int | None, ...]


class Row(Record):
    """One layer or tensor function of a model."""

    name: str
    type: str
    shapes: tuple[Shape, ...]
    dtypes: tuple[str, ...]
    parameters: int
    trainable_parameters: int
    calls: tuple[tuple[str, ...], ...]
    """For each call, the layers that its tensors come from."""


class Facts(Record):
    """A model's rows in order, and its totals."""

    rows: tuple[Row, ...]
    parameters: int
    trainable_parameters: int
    inputs: tuple[tuple[str, Shape, str], ...]
    outputs: tuple[tuple[Shape, str], ...]


def facts(model: graphc.Model, *, ordered: bool = True) -> Facts:
    """Our facts of a model."""
    graph, summary = model.model_graph, model.summary()
    uses = {use.name: use for use in graph.uses()}
    rows = []
    for row in summary.rows:
        use = uses[row.name]
        assert row.parameters == layer_parameters(graph, use)
        calls = tuple(
            tuple(
                graph.record(ref.node).name
                for ref in taken_tensors(graph.record(node))
                if not is_array(graph.record(ref.node))
            )
            for node in use.calls
        )
        rows.append(
            Row(
                row.name,
                row.type,
                tuple(_shape(type) for type in row.outputs),
                tuple(type.dtype for type in row.outputs),
                row.parameters.total,
                row.parameters.trainable,
                _comparable(row.type, calls),
            )
        )
    return Facts(
        _in_order(rows, ordered=ordered),
        summary.parameters.total,
        summary.parameters.trainable,
        tuple((name, _shape(type), type.dtype) for name, type in summary.inputs),
        tuple((_shape(type), type.dtype) for _, type in summary.outputs),
    )


def difference(ours: Facts, theirs: Facts) -> str:
    """The lines in which facts differ, ours first."""
    sides = [[*map(str, each.rows), str(replace(each, rows=()))] for each in (ours, theirs)]
    return "\n".join(unified_diff(*sides, "graphc", "keras", lineterm="", n=0))


def _in_order(rows: list[Row], *, ordered: bool) -> tuple[Row, ...]:
    return tuple(rows if ordered else sorted(rows, key=lambda row: row.name))


def _shape(type: Any) -> Shape:
    return tuple(None if isinstance(dim, SymbolicDim) else dim for dim in type.shape)


def keras_facts(model: Any, *, ordered: bool = True) -> Facts:
    """Keras' facts of a model; operations on masks are left out."""
    is_sequential = isinstance(model, keras.Sequential)
    operations = model.layers if is_sequential else model.operations
    nodes = (model._functional if is_sequential else model)._nodes
    kept = [each for each in operations if not each.name.startswith(MASK)]
    return Facts(
        _in_order([_keras_row(each, nodes) for each in kept], ordered=ordered),
        model.count_params(),
        _count(model.trainable_weights),
        tuple((t._keras_history.operation.name, tuple(t.shape), t.dtype) for t in model.inputs),
        tuple((tuple(t.shape), keras.backend.standardize_dtype(t.dtype)) for t in model.outputs),
    )


def has_output_keys(model: Any) -> bool:
    """Whether a Keras model gives its outputs in a dict, which Keras sorts."""
    return isinstance(getattr(model, "_outputs_struct", None), dict)


def _keras_row(operation: Any, nodes: set[str]) -> Row:
    calls = [
        node
        for index, node in enumerate(operation._inbound_nodes)
        if f"{id(operation)}_ib-{index}" in nodes
    ]
    outputs = calls[-1].output_tensors
    is_layer = isinstance(operation, keras.Layer)
    type_name = type(operation).__name__
    return Row(
        operation.name,
        type_name,
        tuple(tuple(output.shape) for output in outputs),
        tuple(keras.backend.standardize_dtype(output.dtype) for output in outputs),
        operation.count_params() if is_layer else 0,
        _count(operation.trainable_weights) if is_layer else 0,
        _comparable(type_name, tuple(tuple(_sources(node)) for node in calls)),
    )


def _sources(node: Any) -> list[str]:
    names = [tensor._keras_history.operation.name for tensor in node.input_tensors]
    return [name for name in names if not name.startswith(MASK)]


def _count(weights: Any) -> int:
    total = 0
    for weight in weights:
        size = 1
        for dim in weight.shape:
            size *= dim
        total += size
    return total


def _comparable(type: str, calls: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Calls by keyword sort their tensors by name in Keras, and by place here."""
    return tuple(tuple(sorted(each)) for each in calls) if "Attention" in type else calls
