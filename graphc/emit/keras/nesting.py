"""Models in models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer


def closure(graph: ModelGraph) -> Iterator[ModelGraph]:
    """The models nested in a graph, innermost first, each instance, and the graph itself."""
    for layer in model_layers(use.layer for use in graph.uses()):
        if layer.graph is not None:
            yield from closure(layer.graph)
    yield graph


def model_layers(layers: Any) -> Iterator[ModelLayer]:
    """The models among layers and in them, each once."""
    seen: set[int] = set()
    for layer in layers:
        if isinstance(layer, ModelLayer):
            if id(layer) not in seen:
                seen.add(id(layer))
                yield layer
        else:
            yield from model_layers(getattr(layer, "inner_layers", ()))
