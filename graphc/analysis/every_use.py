"""The layers of a model, those of the models nested in it among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.ir.graph import LayerUse, ModelGraph
from graphc.layers.model_layer import ModelLayer


def every_use(model: ModelGraph) -> Iterator[LayerUse]:
    """Each layer that is no model, with those that an error kept from being built."""
    for use in (*model.uses(), *model.unbuilt):
        layer: Any = use.layer
        if not isinstance(layer, ModelLayer):
            yield use
        elif layer.graph is not None:
            yield from every_use(layer.graph)
