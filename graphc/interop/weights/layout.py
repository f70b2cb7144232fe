"""Where the weights of a model stand in Keras' own layout.

Keras walks through its objects and saves the variables of each where it meets it first. What it
walks through are `layers` of models, in their order and named after their classes, and attributes
of layers, which their declarations know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphc.analysis.order import keras_order
from graphc.analysis.parameters import OwnedWeight, layer_weights
from graphc.analysis.weight_keys import keyed_weights
from graphc.declare.op import Op
from graphc.declare.registry import numbered, snake_case
from graphc.declare.scope import Adapter, Scope
from graphc.declare.trace import map_types, scope_of
from graphc.ir.graph import InputSource, LayerUse, ModelGraph, TensorRef, WeightSource
from graphc.layers.model_layer import ModelLayer
from graphc.layers.owners import Around
from graphc.record import Record


class Stored(Record):
    """A variable of a layer, by the key of its weight.

    Where an adapter is trained, what is stored is the sum: key + factor * a @ b.
    """

    key: str
    adapter: tuple[str, str, float] | None = None


class Place(Record):
    """A layer's group: where it stands, the layer's name, and its variables in order."""

    path: str
    name: str
    stored: tuple[Stored, ...]


def layout(model: ModelGraph, *, copies: bool = False) -> list[Place]:
    """All groups of a model, in the order in which Keras writes them.

    With `copies`, layers that stand in several places are written in all of them.
    """
    keys = {weight.owner: key for key, weight in keyed_weights(model).items()}
    return list(_Walk(keys, copies=copies).model(Around(model), ""))


class _Walk:
    def __init__(self, keys: Mapping[Any, str], *, copies: bool) -> None:
        self.keys = keys
        self.copies = copies
        self.seen: set[str] = set()
        """Weights that stand in the group of the layer that made them."""

    def model(self, around: Around, path: str) -> Iterator[Place]:
        """The groups of a model's layers."""
        graph = around.graph
        assert graph is not None
        names = layer_names(graph)
        for use in keras_order(graph):
            if use.name not in names:
                continue
            place = f"{path}layers/{names[use.name]}"
            nested = around.nested(use.layer)
            if nested is not None:
                yield Place(place, use.name, ())
                yield from self.model(nested, f"{place}/")
                continue
            weights = {weight.spec.path: weight for weight in layer_weights(use, around)}
            if isinstance(use.layer, WeightSource):
                keys = [self.keys[weight.owner] for weight in weights.values()]
                yield Place(place, use.name, tuple(map(Stored, keys)))
            elif weights:
                yield from self.scope(_scope(graph, use), place, use.name, weights)
            else:
                yield Place(place, use.name, ())

    def scope(
        self, scope: Scope, place: str, name: str, weights: Mapping[str, OwnedWeight]
    ) -> Iterator[Place]:
        """The groups of a layer, and of those inside of it, unless they have been met before."""
        own = {path: self.keys[weights[path].owner] for path in scope.own_paths}
        made = {key for path, key in own.items() if "/" not in path.removeprefix(scope.path)}
        if self.copies or self.seen.isdisjoint(made):
            self.seen.update(made)
            merged = {path for each in scope.adapters.values() for path in (each.a, each.b)}
            stored = [
                Stored(key, self._adapter(scope.adapters.get(path), weights))
                for path, key in own.items()
                if path not in merged
            ]
            yield Place(place, name, tuple(stored))
        graph = scope.layer.graph if isinstance(scope.layer, ModelLayer) else None
        names = {} if graph is None else layer_names(graph)
        for label, child in scope.children.items():
            attribute = scope.layer.attribute_of(child.layer, label)
            inner = f"{place}/" + (f"layers/{names[label]}" if names else attribute)
            yield from self.scope(child, inner, child.layer.name or label, weights)

    def _adapter(
        self, adapter: Adapter | None, weights: Mapping[str, OwnedWeight]
    ) -> tuple[str, str, float] | None:
        if adapter is None:
            return None
        a, b = (self.keys[weights[path].owner] for path in (adapter.a, adapter.b))
        return a, b, adapter.factor


def layer_names(graph: ModelGraph) -> dict[str, str]:
    """What Keras calls the layers of a model in its list `layers`, by their names."""
    counts: dict[str, int] = {}
    return {
        use.name: numbered(snake_case(use.type_name), counts)
        for use in keras_order(graph)
        if not isinstance(use.layer, Op) and not _is_hidden(graph, use)
    }


def _is_hidden(graph: ModelGraph, use: LayerUse) -> bool:
    """A Sequential does not list its input."""
    return graph.kind == "sequential" and isinstance(use.layer, InputSource)


def _scope(graph: ModelGraph, use: LayerUse) -> Scope:
    def typed(value: Any) -> Any:
        if not isinstance(value, TensorRef):
            return value
        outputs = graph.record(value.node).outputs
        assert outputs is not None
        return outputs[value.output]

    record = graph.record(use.calls[0])
    return scope_of(use.layer, {name: map_types(v, typed) for name, v in record.arguments})
