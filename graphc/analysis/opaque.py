"""The layers of a model of which only the outside is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.declare.layer import Layer
from graphc.ir.graph import LayerUse, ModelGraph
from graphc.layers.model_layer import ModelLayer


def opaque_uses(model: ModelGraph) -> Iterator[LayerUse]:
    """Those of the model and of the models nested in it; one that wraps such a layer is one."""
    for use in (*model.uses(), *model.unbuilt):
        layer: Any = use.layer
        if isinstance(layer, ModelLayer):
            if layer.graph is not None:
                yield from opaque_uses(layer.graph)
        elif isinstance(layer, Layer) and layer.is_opaque:
            yield use
