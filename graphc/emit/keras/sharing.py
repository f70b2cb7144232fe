"""What several models of a file have in common: one instance, handed from function to function.

Each function that builds a model makes what it uses. Where that is one thing in several models,
the one that is built first of all makes it, and hands it on to those that are nested in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from graphc.declare.layer import Layer
from graphc.elaborate.values import LayerValue, Template
from graphc.emit.keras.mentions import bound_names, parts
from graphc.emit.keras.tree import Untranslatable
from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer
from graphc.record import Record
from graphc.syntax import nodes

_TWICE = 2


class Item(Record):
    """A layer that stands outside of all bodies: in a constant, or for a model's bare name."""

    layer: Layer
    name: str
    """What it is called there."""
    template: Template | None
    """The model, if it is one."""


class Sharing:
    """Which layers are in several models, and which models take them from those around them."""

    def __init__(self, roots: Iterable[ModelGraph]) -> None:
        self.nested: set[int] = set()
        """The models that stand in others."""
        self.shared: set[int] = set()
        """The layers that are in several models."""
        self._homes: dict[int, ModelGraph | None] = {}
        """The models that make what others borrow; None for what stands outside of all."""
        self._users: dict[int, dict[int, ModelGraph]] = defaultdict(dict)
        self._needed: dict[int, dict[int, Layer]] = {}
        for root in roots:
            users: Counter[int] = Counter()
            self._count(root, users, Counter())
            self.shared |= {key for key in self._homes if users[key] > 1}

    def _count(self, graph: ModelGraph, users: Counter[int], visits: Counter[int]) -> None:
        """Count in how many models each layer is; a model that is made twice counts twice."""
        visits[id(graph)] += 1
        self._homes.update({key: _maker(key, graph) for key in graph.borrowed})
        waiting = []
        for layer in layers_of(graph):
            self._users[id(layer)][id(graph)] = graph
            if layer_is_shared(layer):
                self._homes[id(layer)] = None
            if not layer_is_shared(layer) or not users[id(layer)]:
                waiting.append(layer)
            users[id(layer)] += 1
        for layer in waiting:
            if isinstance(layer, ModelLayer) and layer.graph is not None:
                self.nested.add(id(layer.graph))
                if visits[id(layer.graph)] < _TWICE:
                    self._count(layer.graph, users, visits)

    def needed_by(self, graph: ModelGraph) -> list[Layer]:
        """What others make, or have too, of all that is in a model and in those nested in it."""
        found = self._needed.get(id(graph))
        if found is None:
            found = self._needed[id(graph)] = {}
            for layer in layers_of(graph):
                if isinstance(layer, ModelLayer) and layer.graph is not None:
                    found.update({id(each): each for each in self.needed_by(layer.graph)})
                if id(layer) in self.shared:
                    found[id(layer)] = layer
            for key in [key for key in found if self._homes[key] is graph]:
                del found[key]
        return list(found.values())

    def name_of(self, layer: Layer) -> str | None:
        """What a layer is called: as the first model calls it, where nothing else is called so.

        A layer of Keras has one name, in the language each model calls it for itself. Raises
        `Untranslatable` where there is no name for all.
        """
        graphs = list(self._users[id(layer)].values())
        named = [
            (use.name, use.layer) for graph in graphs for use in (*graph.uses(), *graph.unbuilt)
        ]
        names = [name for name, each in named if each is layer]
        others = {name for name, each in named if each is not layer}
        if names and others.issuperset(names):
            raise Untranslatable(f"{names[0]} has other names in models where that is taken")
        return next((name for name in names if name not in others), None)

    def handed(self, graph: ModelGraph) -> list[Layer]:
        """What the function that builds a model is given."""
        return self.needed_by(graph) if id(graph) in self.nested else []


def _maker(key: int, graph: ModelGraph) -> ModelGraph | None:
    """The model that makes a layer which others borrow, one from the other."""
    home: ModelGraph | None = graph
    while home is not None and key in home.borrowed:
        _, home = home.borrowed[key]
    return home


def layer_is_shared(layer: Layer) -> bool:
    """Whether a layer is the one instance that a model's bare name stands for."""
    return isinstance(layer, ModelLayer) and layer.is_shared


def layers_of(graph: ModelGraph) -> Iterator[Layer]:
    """The layers of a model and the layers in them, each once; not those of nested models."""
    seen: set[int] = set()
    waiting = [use.layer for use in (*graph.uses(), *graph.unbuilt)][::-1]
    while waiting:
        layer = waiting.pop()
        if isinstance(layer, Layer) and id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            waiting += layer.inner_layers[::-1]


class Mentioned:
    """What bodies mention of what stands outside of them."""

    def __init__(self) -> None:
        self._used: dict[int, dict[int, Item]] = {}

    def used_by(self, template: Template) -> list[Item]:
        """The layers outside of all bodies that a body uses, and the blocks that it applies."""
        found = self._used.get(id(template))
        if found is None:
            found = self._used[id(template)] = {}
            for name, value, is_called in _mentions(template):
                for item in self._items(name, value, is_called=is_called):
                    found[id(item.layer)] = item
        return list(found.values())

    def _items(self, name: str, value: Any, *, is_called: bool) -> list[Item]:
        if isinstance(value, Template) and value.node.kind == "block":
            return self.used_by(value)
        if isinstance(value, Template):
            layer = None if is_called else value.instances.get("layer")
            return [Item(layer, value.node.name, value)] if isinstance(layer, Layer) else []
        if isinstance(value, LayerValue) and not isinstance(value.use.layer, ModelLayer):
            return [Item(value.use.layer, name, None)]
        return []

    def needed_by(self, template: Template) -> list[Item]:
        """What a model uses, and what the models need that it builds."""
        found: dict[int, Item] = {}
        seen: set[int] = set()
        waiting = [template]
        while waiting:
            each = waiting.pop()
            if id(each) not in seen:
                seen.add(id(each))
                found.update({id(item.layer): item for item in self.used_by(each)})
                waiting += [v for _, v, _ in _mentions(each) if isinstance(v, Template)]
        return list(found.values())


def _mentions(template: Template) -> Iterator[tuple[str, Any, bool]]:
    """The names in a body that are bound outside of it, and whether they are called."""
    node, scope = template.node, template.file_scope.values
    own = {*(parameter.name for parameter in node.parameters), *bound_names(node.body)}
    seen: set[tuple[str, bool]] = set()
    for each, is_called in _named(node):
        if each not in own and each in scope and (each, is_called) not in seen:
            seen.add((each, is_called))
            yield each, scope[each], is_called


def _named(node: nodes.Node) -> Iterator[tuple[str, bool]]:
    if isinstance(node, nodes.Name):
        yield node.id, False
    for each in parts(node):
        is_called = isinstance(node, nodes.Call) and each is node.function
        if is_called and isinstance(each, nodes.Name):
            yield each.id, True
        else:
            yield from _named(each)
