"""Whether a model gives its outputs in a list or, by their names, in a dict."""

from __future__ import annotations

from graphc.ir.graph import ModelGraph
from graphc.training.keys import TrainConfig

PER_OUTPUT = ("loss", "loss_weights", "metrics", "weighted_metrics")


def output_keys(graph: ModelGraph, train: TrainConfig | None) -> list[str] | None:
    """The keys of the outputs; None for a list, in which Keras calls them as their layers.

    There are keys where the source, or its train block, calls an output otherwise.
    """
    if len(graph.outputs) < 2:
        return None
    used = _keys(train)
    for output in graph.outputs:
        is_other = output.name != graph.record(output.ref.node).name
        if is_other and (output.is_named or output.name in used):
            return [each.name for each in graph.outputs]
    return None


def _keys(train: TrainConfig | None) -> set[str]:
    values = [] if train is None else [getattr(train, name) for name in PER_OUTPUT]
    return {key for value in values if isinstance(value, dict) for key in value}
