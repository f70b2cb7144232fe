"""Models and layers that are not trained: what Keras is told behind the model that they stand in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from graphc.declare.freezing import Frozen, inside, is_trained
from graphc.declare.layer import Layer
from graphc.emit.keras.tree import CommentedReturn, Untranslatable, assign, call, constant
from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer

Step = tuple[str, bool]
"""The name of a layer of a model; or of an attribute, with True."""
Setting = tuple[tuple[Step, ...], bool]
"""The way from a model to a layer, and whether that is trained."""


def freezing(model: ast.expr, trainable: ast.expr | None = None) -> ast.Assign:
    """`model.trainable = False`, or what else it is."""
    return assign(
        ast.Attribute(model, "trainable"), constant(False) if trainable is None else trainable
    )


def settings_of(graphs: Iterable[ModelGraph]) -> list[Setting]:
    """What is set behind a model, for all that a function builds. Raises `Untranslatable`."""
    made = [list(_settings(graph)) for graph in graphs]
    if any(each != made[0] for each in made):
        raise Untranslatable("which layers are trained differs from use to use")
    return made[0] if made else []


def _settings(graph: ModelGraph) -> Iterator[Setting]:
    if not graph.trainable:
        yield (), False
        yield from _inner(graph, (), Frozen.HERE, is_set=False)
        return
    for use in graph.uses():
        if isinstance(use.layer, Layer):
            yield from ((path, False) for path in _trained_still(use.layer, ((use.name, False),)))


def _inner(
    graph: ModelGraph, path: tuple[Step, ...], frozen: Frozen, *, is_set: bool
) -> Iterator[Setting]:
    """What differs in a model whose layers have all been set."""
    for use in graph.uses():
        if not isinstance(use.layer, Layer):
            continue
        wanted = is_trained(use.layer, frozen, says_so=use.is_thawed)
        if wanted != is_set:
            yield (*path, (use.name, False)), wanted
        if isinstance(use.layer, ModelLayer) and use.layer.graph is not None:
            below = inside(use.layer, frozen, says_so=use.is_thawed)
            yield from _inner(use.layer.graph, (*path, (use.name, False)), below, is_set=wanted)


def _trained_still(layer: Layer, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """What is frozen in a layer and Keras trains all the same, as it is made."""
    if isinstance(layer, ModelLayer):
        return  # the function that builds it sees to what is in it
    if _is_trained_still(layer):
        yield path
        return
    for name in layer.arguments:
        inner = getattr(layer, name)
        if isinstance(inner, Layer):
            yield from _trained_still(inner, (*path, (name, True)))


def _is_trained_still(layer: Layer) -> bool:
    if layer.trainable or not layer.trains_inside:
        return False
    inner = layer.inner_layers
    return not inner or any(each.trainable or _is_trained_still(each) for each in inner)


def with_settings(statements: list[ast.stmt], settings: list[Setting], name: str) -> list[ast.stmt]:
    """The body of a function that returns a model, set behind it; `name` is free for the model."""
    if not settings:
        return statements
    *before, last = statements
    assert isinstance(last, ast.Return)
    assert last.value is not None
    if isinstance(last.value, ast.Name):
        return [*before, *_statements(last.value, settings), last]
    model = ast.Name(name)
    made: ast.stmt = assign(name, last.value)
    if isinstance(last, CommentedReturn):
        assert isinstance(last.value, ast.Call)
        made = CommentedReturn(last.value, last.remarks, name)
    return [*before, made, *_statements(model, settings), ast.Return(model)]


def _statements(model: ast.expr, settings: list[Setting]) -> Iterator[ast.stmt]:
    for path, trained in settings:
        found = model
        for name, is_attribute in path:
            if is_attribute:
                found = ast.Attribute(found, name)
            else:
                found = call(ast.Attribute(found, "get_layer"), constant(name))
        yield freezing(found, constant(trained))
