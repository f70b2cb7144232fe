"""Whether a model gives its outputs in a list or, by their names, in a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.ir.graph import ModelGraph
from graphc.training.keys import TrainConfig

PER_OUTPUT = ("loss", "loss_weights", "metrics", "weighted_metrics")


def output_keys(graph: ModelGraph, train: TrainConfig | None) -> list[str] | None:
    """The keys of the outputs; None for a list, in which Keras calls them as their layers.

    There are keys where the source, or its train block, calls an output otherwise. Keras takes a
    dict in the order of its keys, which changes the order of layers and with it what each weight in
    a file belongs to: names in another order than that make no dict.
    """
    names = [output.name for output in graph.outputs]
    if graph.output_structure is not None or len(names) < 2 or names != sorted(names):
        return None
    used = _keys(train)
    for output in graph.outputs:
        is_other = output.name != graph.record(output.ref.node).name
        if is_other and (output.is_named or output.name in used):
            return names
    return None


def _keys(train: TrainConfig | None) -> set[str]:
    values = [] if train is None else [getattr(train, name) for name in PER_OUTPUT]
    return {key for value in values if isinstance(value, dict) for key in value}


def by_outputs(value: Any, graph: ModelGraph, train: TrainConfig | None) -> Any:
    """What a train block says of outputs by their names, by place where Keras has no such names."""
    is_dict = isinstance(graph.output_structure, dict) or output_keys(graph, train) is not None
    if not isinstance(value, Mapping) or is_dict:
        return value
    if all(output.name == graph.record(output.ref.node).name for output in graph.outputs):
        return value
    return [value.get(output.name) for output in graph.outputs]
