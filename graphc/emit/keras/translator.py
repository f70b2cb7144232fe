"""A file's models, blocks and constants as functions and constants of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from graphc.declare.op import Op
from graphc.elaborate.frame import FileScope
from graphc.elaborate.program import Program
from graphc.elaborate.values import Template
from graphc.emit.keras.body import Body
from graphc.emit.keras.constants import Constants
from graphc.emit.keras.fed import anchored_nodes, fed_nodes
from graphc.emit.keras.functions import ParameterizedFunction, translated
from graphc.emit.keras.module import Module
from graphc.emit.keras.naming import Naming
from graphc.emit.keras.nesting import closure
from graphc.emit.keras.recorder import Recorder
from graphc.emit.keras.sharing import Item, Mentioned, Sharing, layer_is_shared
from graphc.emit.keras.ties import Ties
from graphc.emit.keras.tree import Untranslatable
from graphc.emit.keras.written_out import WrittenOut, function_name
from graphc.ir.graph import ModelGraph
from graphc.keras_format.outputs import output_keys
from graphc.record import Record
from graphc.syntax import nodes


class BlockFunction(Record):
    """What a use of a block calls."""

    name: str
    takes_name: bool


class Translator:
    """Writes a module; `failed` are the templates that have no direct translation, with reasons."""

    def __init__(
        self, program: Program, recorder: Recorder, title: Sequence[str],
        failed: dict[int, str], *, is_flat: bool,
    ) -> None:  # fmt: skip
        self.program, self.recorder, self.failed, self.is_flat = program, recorder, failed, is_flat
        graphs = [graph for each in program.models.values() for graph in closure(each)]
        self.module = Module(title, graphs)
        self.templates = list(recorder.entries)
        self.by_graph = {
            id(entry.frame.builder.model): template
            for template, entries in recorder.entries.items()
            for entry in entries
            if entry.around is None and entry.frame.builder is not None
        }
        self.graphs: dict[int, ModelGraph] = {}
        self.fed: dict[int, set[int]] = {}
        self.anchored: dict[int, set[int]] = {}
        self.constants, self.written_out = Constants(self), WrittenOut(self)
        self.ties = Ties()
        self.names = {id(t): self.module.claim(function_name(t)) for t in self.templates}
        models = sorted(program.models.values(), key=lambda each: each is not program.main)
        self.sharing, self.mentioned = Sharing(models), Mentioned()
        roots = [list(closure(graph)) for graph in program.models.values()]
        self.naming = Naming(recorder)
        if not is_flat:
            known = [[g for g in graphs if id(g) in self.by_graph] for graphs in roots]
            self.naming.decide_models(known, self.by_graph)
        self.constants.declare()
        self.bodies: dict[int, Body] = {}

    # Facts

    def tree_of(self, scope: FileScope) -> nodes.File | None:
        """The tree of a file; only the main one's is known."""
        return self.program.tree if scope.file is self.program.file else None

    def is_fed(self, model: ModelGraph, node: int) -> bool:
        """Whether Keras has a call in its graph."""
        if id(model) not in self.fed:
            self.graphs[id(model)] = model
            self.fed[id(model)] = fed_nodes(model)
        return node in self.fed[id(model)] or not _has(model, node)

    def is_anchored(self, model: ModelGraph, node: int) -> bool:
        """Whether a function of no tensor has to be a layer."""
        if id(model) not in self.anchored:
            self.graphs[id(model)] = model
            self.anchored[id(model)] = anchored_nodes(model)
        return node in self.anchored[id(model)]

    def handed_to(self, template: Template) -> list[Item]:
        """What the function of a template is given of what stands outside of all bodies.

        A block gets all of it, since it may be applied again; a model what others have too.
        """
        if template.node.kind == "block":
            return self.mentioned.used_by(template)
        graphs = [key for key, each in self.by_graph.items() if each is template]
        if self.sharing.nested.isdisjoint(graphs):
            return []
        needed = self.mentioned.needed_by(template)
        return [item for item in needed if id(item.layer) in self.sharing.shared]

    def settings_of(self, template: Template) -> dict[str, Any]:
        """The parameters of the main model that the command line sets."""
        main = self.program.main
        if main is None or self.by_graph.get(id(main)) is not template:
            return {}
        for key, graph in template.instances.items():
            if graph is main:
                given = template.given[[id(g) for g in template.instances.values()
                                        if isinstance(g, ModelGraph)].index(id(main))]  # fmt: skip
                return dict(given) if key[0] else {}
        return {}

    def has_given_input(self, template: Template) -> bool:
        """Whether the command line gives an input to a sequential that states none."""
        main = self.program.main
        is_main = main is not None and self.by_graph.get(id(main)) is template
        return is_main and main is not None and bool(main.inputs)

    def output_keys(self, graph: ModelGraph | None) -> list[str] | None:
        """The keys of a model's outputs, where it gives them in a dict."""
        if graph is None or self.program.models.get(graph.name) is not graph:
            return None
        nested = [g for each in self.program.models.values() for g in list(closure(each))[:-1]]
        if any(g is graph for g in nested):
            return None  # its outputs are taken apart by place
        return output_keys(graph, self.program.trains.get(graph.name))

    def model_of(self, template: Template) -> ModelGraph | None:
        """The model of the file that a template has made."""
        graph = self.program.models.get(template.node.name)
        is_own = graph is not None and self.by_graph.get(id(graph)) is template
        return graph if is_own else None

    # Names of the module

    def main_scope(self) -> FileScope | None:
        """The names of the main file, if a body of it has been executed."""
        scopes = [t.file_scope for t in self.templates]
        return next((s for s in scopes if s.file is self.program.file), None)

    def parameter(self, template: Template, name: str) -> str:
        """What a parameter or input of a template is called in its function."""
        return self.body(template).locals[name]

    def body(self, template: Template) -> Body:
        """The body of a template, to be written."""
        found = self.bodies.get(id(template))
        if found is None:
            found = self.bodies[id(template)] = Body(self, template)
            self.module.locals.update(found.locals.values())
        return found

    # What bodies call

    def block_inputs(self, template: Template) -> list[str]:
        """The names of a block's inputs."""
        return [s.name for s in template.node.body if isinstance(s, nodes.Input) and s.name]

    def block_function(self, template: Template) -> BlockFunction:
        """The function of a block."""
        reason = self.failed.get(id(template))
        if reason is not None:
            raise Untranslatable(reason)
        takes_name = self.is_under_name(template) and self._names_layers(template, set())
        return BlockFunction(self.names[id(template)], takes_name)

    def is_under_name(self, template: Template) -> bool:
        """Whether a name stands before those of a block's layers: for an inline one, its user's."""
        if not template.node.is_inline:
            return True
        prefixes = {bool(entry.frame.namer.prefix) for entry in self.recorder.entries[template]}
        if len(prefixes) > 1:
            raise Untranslatable("an inline block stands in a model and in another block")
        return prefixes == {True}

    def _names_layers(self, template: Template, seen: set[int]) -> bool:
        """Whether a block makes anything that has a name."""
        if id(template) in seen:
            return False
        seen.add(id(template))
        frames = {id(entry.frame) for entry in self.recorder.entries[template]}
        for made in self.recorder.all_made:
            layer = made.use.layer
            is_op_or_handed = isinstance(layer, Op) or layer_is_shared(layer)
            if id(made.frame) in frames and not is_op_or_handed:
                return True
        inner = {
            id(e.template): e.template
            for entries in self.recorder.entries.values()
            for e in entries
            if e.around is not None and id(e.around) in frames
        }
        return any(self._names_layers(each, seen) for each in inner.values())

    # The whole

    def write(self) -> Iterator[tuple[Template, str]]:
        """Write all functions; yields what could not be, with the reason."""
        functions: dict[int, list[ParameterizedFunction]] = {}
        for template in self.templates:
            if id(template) in self.failed or not self._is_called(template):
                continue
            try:
                functions[id(template)] = [self.body_function(template)]
            except Untranslatable as reason:
                yield template, str(reason)
        for template in self.ordered():
            if id(template) in self.failed and template.node.kind != "block":
                for graph in self._own_graphs(template):
                    self.written_out.builder(graph)
        for key, made in self.written_out.functions.items():
            functions.setdefault(key, []).extend(made)
        named = self._named_builders(functions)
        for template in self.ordered():
            for each in functions.get(id(template), []):
                self.module.functions.append(each.made(takes_name=each.name in named))

    def _is_called(self, template: Template) -> bool:
        """Whether a function has a place: a block has none where its users are all written out."""
        entries = self.recorder.entries
        around = {id(e.frame): each for each, listed in entries.items() for e in listed}
        waiting, seen = [template], {id(template)}
        while waiting:
            each = waiting.pop()
            if each.node.kind != "block":
                return True
            for entry in entries[each]:
                user = around.get(id(entry.around))
                if user is None:
                    return True
                if id(user) not in self.failed and id(user) not in seen:
                    seen.add(id(user))
                    waiting.append(user)
        return False

    def _own_graphs(self, template: Template) -> list[ModelGraph]:
        return [
            graph for graph in self.program.models.values()
            if self.by_graph.get(id(graph)) is template
        ]  # fmt: skip

    def ordered(self) -> list[Template]:
        """The templates as they stand in the file, those of others before."""
        main = self.main_scope()
        others = [t for t in self.templates if t.file_scope is not main]
        own = [t for t in self.templates if t.file_scope is main]
        return others + sorted(own, key=lambda t: t.node.span.start)

    def body_function(self, template: Template) -> ParameterizedFunction:
        """The function of a template."""
        return translated(self, template)

    def _named_builders(self, functions: dict[int, list[ParameterizedFunction]]) -> set[str]:
        """The functions that some call gives a name."""
        statements = [
            statement for listed in functions.values() for each in listed for statement in each.body
        ]
        return {
            node.func.id
            for statement in statements
            for node in ast.walk(statement)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and any(keyword.arg == "name" for keyword in node.keywords)
        }


def _has(model: ModelGraph, node: int) -> bool:
    try:
        model.record(node)
    except KeyError:
        return False
    return True
