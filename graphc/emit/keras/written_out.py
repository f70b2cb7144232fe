"""The functions of models that are written out call by call."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from graphc.declare.layer import Layer
from graphc.elaborate.values import Template
from graphc.emit.keras.documentation import documentation
from graphc.emit.keras.flat import FlatFunction
from graphc.emit.keras.functions import ParameterizedFunction
from graphc.emit.keras.tree import Untranslatable, call, constant
from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator


class WrittenOut:
    """These functions, each made when it is first asked for."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self.builders: dict[int, str] = {}
        self.given: dict[int, dict[int, str]] = {}
        self.functions: dict[int, list[ParameterizedFunction]] = {}

    def builder(self, graph: ModelGraph) -> str:
        """The function that builds a graph call by call."""
        found = self.builders.get(id(graph))
        if found is not None:
            return found
        template = self.translator.by_graph[id(graph)]
        name = self.translator.names[id(template)]
        is_taken = not self.translator.is_flat and id(template) not in self.translator.failed
        if is_taken or name in self.builders.values():
            name = self.translator.module.claim(function_name(template))
        self.builders[id(graph)] = name
        reason = None if self.translator.is_flat else self.translator.failed.get(id(template))
        is_root = any(graph is each for each in self.translator.program.models.values())
        function = FlatFunction(
            graph,
            self.translator.module,
            self.translator.sharing,
            self._call,
            self.translator.output_keys(graph),
        )
        self.given[id(graph)] = function.given
        body = function.build(reason, makes_given=is_root)
        given = [(each, constant(None) if is_root else None) for each in function.given.values()]
        made = ParameterizedFunction(
            name, given, body, documentation(self.translator, template), handed=(), model=graph.own_name,
            takes_name=False,
        )  # fmt: skip
        self.functions.setdefault(id(template), []).append(made)
        return name

    def handed(self, graph: ModelGraph) -> list[tuple[Layer, str]]:
        """What such a function is given, with the names that it has for it."""
        names = self.given[id(graph)]
        return [(layer, names[id(layer)]) for layer in self.translator.sharing.handed(graph)]

    def _call(
        self, layer: ModelLayer, name: str | None, hand: Callable[[Layer], ast.expr]
    ) -> ast.expr:
        if layer.graph is None:
            raise Untranslatable("a model without an input is never called")
        template = self.translator.by_graph[id(layer.graph)]
        is_written = not self.translator.is_flat and id(template) not in self.translator.failed
        if is_written and any(
            layer.graph is each for each in self.translator.program.models.values()
        ):
            builder, names = (
                self.translator.names[id(template)],
                self.translator.body(template).handed,
            )
            given = {
                names[id(each.layer)]: hand(each.layer)
                for each in self.translator.handed_to(template)
            }
        else:
            builder = self.builder(layer.graph)
            given = {own: hand(each) for each, own in self.handed(layer.graph)}
        if name not in (None, layer.graph.own_name):
            given["name"] = constant(name)
        return call(builder, keywords=given)


def function_name(template: Template) -> str:
    """What the function of a template is called, if nothing else is."""
    own = template.node.name
    return own if template.node.kind == "block" else f"build_{own}"
