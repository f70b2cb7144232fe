"""Which weights are the same: those of one layer, wherever it stands.

A layer can stand in a model by itself and inside of layers that wrap it, and a model's layers
stand in each of its instances. What tells weights apart is therefore the layer that makes them and
the instance of the model that it was made in.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.scope import WeightSpec
from graphc.ir.graph import LayerUse, ModelGraph, WeightSource
from graphc.layers.model_layer import ModelLayer
from graphc.record import Record

Owner = tuple[Any, ...]
"""Equal for two weights that are one."""


class Around(Record):
    """One instance of a model, and the one that it is nested in; no graph: a file's constants."""

    graph: ModelGraph | None
    key: Owner = ()
    outer: Around | None = None

    def home_of(self, layer: Layer) -> Around:
        """The instance that a layer used here was made in: this one, unless it was given to it."""
        graph = self.graph
        while graph is not None and id(layer) in graph.borrowed:
            _, graph = graph.borrowed[id(layer)]
        home: Around | None = self
        while home is not None and home.graph is not graph:
            home = home.outer
        return home or Around(None)

    def key_of(self, layer: Layer) -> Owner:
        """What tells a layer that was made here from the same one of another instance."""
        if isinstance(layer, ModelLayer) and layer.is_shared:
            return ("shared", id(layer))
        return (self.key, id(layer))

    def nested(self, layer: Any) -> Around | None:
        """The instance that a layer used here is, if it is a model whose layers are known."""
        if not isinstance(layer, ModelLayer) or layer.graph is None:
            return None
        return self.home_of(layer).inside(layer)

    def inside(self, model: ModelLayer) -> Around:
        """The instance that a nested model made here is."""
        return Around(model.graph, self.key_of(model), self)


def owner_of(use: LayerUse, spec: WeightSpec, around: Around) -> Owner:
    """Whose weight it is that a layer of the graph `around` has."""
    if isinstance(use.layer, WeightSource):
        return (around.key, use.name)
    layer, home = _owner(use.layer, spec, around)
    return (home.key_of(layer), spec.path[len(spec.owner_path) :])


def owning_layer(use: LayerUse, spec: WeightSpec) -> Layer:
    """The layer that makes a weight: the one of the use, or one that stands inside of it."""
    return _owner(use.layer, spec, Around(None))[0]


def _owner(layer: Layer, spec: WeightSpec, around: Around) -> tuple[Layer, Around]:
    home = around.home_of(layer)
    for step in spec.route:
        if isinstance(layer, ModelLayer):
            home, layer = home.inside(layer), step.layer
        else:
            layer = layer.inner_layers[step]
        home = home.home_of(layer)
    return layer, home
