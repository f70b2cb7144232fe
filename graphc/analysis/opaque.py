"""The layers of a model of which only the outside is known."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.every_use import every_use
from graphc.declare.layer import Layer
from graphc.ir.graph import LayerUse, ModelGraph


def opaque_uses(model: ModelGraph) -> Iterator[LayerUse]:
    """Those of the model and of the models nested in it; one that wraps such a layer is one."""
    for use in every_use(model):
        if isinstance(use.layer, Layer) and use.layer.is_opaque:
            yield use
