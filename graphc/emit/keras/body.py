"""The body of a model or block as the body of a Python function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.elaborate.values import Template
from graphc.emit.keras.comments import Comments
from graphc.emit.keras.freezing import freezing
from graphc.emit.keras.mentions import bound_names, dim_names
from graphc.emit.keras.naming import Counted, base_of
from graphc.emit.keras.recorder import Call, place
from graphc.emit.keras.sharing import Item
from graphc.emit.keras.sized import needs_layer
from graphc.emit.keras.small_layers import SmallLayers
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.tree import Untranslatable, assign, call, constant
from graphc.emit.keras.values import Values
from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator

TEMPORARY = ("y", "z", "h")


class Body(SmallLayers):
    """Writes the statements of one body."""

    def __init__(self, translator: Translator, template: Template) -> None:
        super().__init__(translator, template.file_scope)
        self.template = template
        self.node = template.node
        self.is_block = template.node.kind == "block"
        self.taken: set[str] = set(translator.module.taken)
        self.entries = self.recorder.entries[template]
        self.out: list[ast.stmt] = []
        self.prelude: list[ast.stmt] = []
        self.counters: dict[str, str] = {}
        self.shared: dict[int, str] = {}
        self.temporaries: set[str] = set()
        self.hoists = False
        self.can_hoist = True
        self.outputs: list[tuple[str | None, ast.expr]] = []
        self.output_list: str | None = None
        self.anchor: ast.expr | None = None
        self.uses_name = False
        self.comments = Comments(self.translator.tree_of(template.file_scope))
        self.live = []
        self.input_names: dict[str, str] = {}
        self._declare(template.node)
        self.handed = {
            id(item.layer): self.claim(item.name) for item in translator.handed_to(template)
        }
        """What is handed to this function, by layer."""

    # Names

    def _declare(self, node: nodes.Definition) -> None:
        """Give all names that the body binds their identifiers."""
        if self.is_block or node.kind in ("model", "sequential"):
            self.taken.add("name")
        names = [parameter.name for parameter in node.parameters]
        names += bound_names(node.body)
        for name in names:
            if name not in self.locals:
                self.locals[name] = self.claim(name)
        for name in dim_names(node.body):
            if name not in self.locals and name not in self.scope.values:
                self.locals[name] = self.claim(name)

        bound = bound_names(node.body)
        rebound = [
            each.name
            for each in node.body
            if isinstance(each, nodes.Input) and each.name and bound.count(each.name) > 1
        ]
        for name in rebound if not self.is_block else ():
            own = "inputs" if len(rebound) == 1 else f"{self.locals[name]}_input"
            self.input_names[name] = self.claim(own)

    @property
    def outputs_name(self) -> str:
        """What the outputs of a model are called, if there is one statement of them."""
        return identifier("outputs", {*self.translator.module.taken, *self.locals.values()})

    def claim(self, name: str) -> str:
        """An identifier that the body has for nothing else."""
        found = identifier(name, self.taken)
        self.taken.add(found)
        return found

    def fresh(self, *, avoid: frozenset[str] = frozenset()) -> str:
        """A name for what stands between two statements."""
        for each in (*TEMPORARY, *(f"x{number}" for number in range(1, 1000))):
            if each not in avoid and (each in self.temporaries or each not in self.taken):
                self.temporaries.add(each)
                self.taken.add(each)
                return each
        raise Untranslatable("too many steps in one statement")

    def text(self, node: nodes.Expression) -> ast.expr:
        """The name after `as`."""
        return constant(node.id) if isinstance(node, nodes.Name) else self.expr(node)

    def own_name(self) -> ast.expr:
        """The name of the use of the block whose body this is."""
        self.uses_name = True
        return ast.Name("name")

    def prefixed(self, name: ast.expr) -> ast.expr:
        """A name under that of the block."""
        if not self.is_block or not self.translator.is_under_name(self.template):
            return name
        self.uses_name = True
        parts = name.values if isinstance(name, ast.JoinedStr) else [name]
        dotted: list[ast.expr] = [ast.FormattedValue(ast.Name("name"), -1), ast.Constant(".")]
        for each in parts:
            if isinstance(each, (ast.Constant, ast.FormattedValue)):
                dotted.append(each)
            else:
                dotted.append(ast.FormattedValue(each, -1))
        return ast.JoinedStr(dotted)

    # What the recorder knows

    def calls(self, node: nodes.Expression) -> list[Call]:
        """The calls of functions on tensors at an expression."""
        found: list[Call] = self.recorder.calls_at.get(place(node.span), [])
        return [each for each in found if isinstance(each.use.layer, Op)]

    def is_fed(self, model: ModelGraph, node: int) -> bool:
        """Whether Keras has a call in its graph."""
        return self.translator.is_fed(model, node)

    def needs_layer(self, call_event: Call) -> bool:
        """Whether sizes are open, or nothing ties what is made to the graph."""
        return needs_layer(call_event.arguments) or self.translator.is_anchored(
            call_event.model, call_event.node
        )

    # Layers and models

    def label(
        self, node: nodes.Call, named: nodes.Named | None, given: nodes.Expression | None
    ) -> ast.expr | None:
        """The name of a layer made here."""
        if named is not None:
            return self.prefixed(self.text(named.name))
        if given is not None:
            return self.prefixed(self.expr(given))
        made = self.recorder.made_at.get(place(node.span), [])
        renamed = {m.use.name[len(m.frame.namer.prefix) :] for m in made if m.use.is_named}
        if renamed:
            if len(renamed) > 1:
                raise Untranslatable("a layer is named where it is not made")
            return self.prefixed(constant(renamed.pop()))
        inner = [
            m for m in made
            if id(m.use) not in self.recorder.called_uses
            and not isinstance(m.use.layer, ModelLayer)
        ]  # fmt: skip
        if made and len(inner) == len(made):
            return None  # it is part of another layer
        bases = {base_of(m.use.layer) for m in made}
        if not bases:
            return self._unmade_label(node)
        if len(bases) > 1:
            raise Untranslatable("a layer's class differs from use to use")
        return self.automatic(node, bases.pop())

    def _unmade_label(self, node: nodes.Call) -> ast.expr | None:
        """A name for what no use of the body has made so far."""
        callee = self.static_callee(node.function)
        base = snake_case(getattr(callee, "cls", type(callee)).__name__)
        return self.prefixed(constant(base)) if self.is_block else None

    def automatic(self, node: nodes.Expression, base: str) -> ast.expr | None:
        """The name that the language gives by itself."""
        label = self.translator.naming.label(self.template, place(node.span), base)
        if label is None:
            return None
        if not isinstance(label, Counted):
            return self.prefixed(constant(label.suffix))
        found = self.counters.get(base)
        if found is None:
            found = self.counters[base] = self.claim(f"{base}_names")
            self.prelude.append(assign(found, call("numbered", self.prefixed(constant(base)))))
        return call("next", ast.Name(found))

    def model_call(
        self, template: Template, node: nodes.Call, named: nodes.Named | None
    ) -> ast.expr:
        """A new instance of a model; of a block, where it is applied."""
        if template.node.kind == "block":
            raise Untranslatable(f"the block {template} is configured before it is used")
        parameters = [parameter.name for parameter in template.node.parameters]
        args = [self.expr(a.value) for a in node.arguments if a.name is None]
        keywords = {a.name: a.value for a in node.arguments if a.name is not None}
        given = None if "name" in parameters else keywords.pop("name", None)
        trainable = None if "trainable" in parameters else keywords.pop("trainable", None)
        label = self.label(node, named, given)
        own = {self.translator.parameter(template, k): self.expr(v) for k, v in keywords.items()}
        graphs = {
            id(m.use.layer.graph): m.use.layer.graph
            for m in self.recorder.made_at.get(place(node.span), [])
        }
        made = self.build_call(template, args, own, list(graphs.values()))
        if label is not None and not _is_text(label, template.node.own_name):
            made.keywords.append(ast.keyword("name", label))
        if trainable is None or (isinstance(trainable, nodes.Literal) and trainable.value is True):
            return made
        if not self.can_hoist:
            raise Untranslatable("a frozen model in a choice")
        variable = self.fresh()
        self.out.append(assign(variable, made))
        self.out.append(freezing(ast.Name(variable), self.expr(trainable)))
        return ast.Name(variable)

    def shared_model(self, template: Template) -> ast.Name:
        """The one instance that a model's bare name stands for."""
        layer = template.instances.get("layer")
        if not isinstance(layer, ModelLayer):
            raise Untranslatable(f"no use has made {template}")
        return self.instance(Item(layer, template.node.name, template))

    def shared_layer(self, layer: Layer, name: str) -> ast.Name:
        """A layer that stands in a constant."""
        return self.instance(Item(layer, name, None))

    def instance(self, item: Item) -> ast.Name:
        """What stands outside of all bodies: handed to this one, or made by it."""
        own = self.shared.get(id(item.layer))
        if own is None:
            own = self.handed.get(id(item.layer)) or self.claim(item.name)
            self.shared[id(item.layer)] = own
            if not self.is_block:
                made: ast.stmt = assign(own, self._made(item))
                if id(item.layer) in self.handed:
                    is_missing = ast.Compare(ast.Name(own), [ast.Is()], [constant(None)])
                    made = ast.If(is_missing, [made], [])
                self.prelude.append(made)
        return ast.Name(own)

    def _made(self, item: Item) -> ast.expr:
        name = self.translator.sharing.name_of(item.layer)
        if item.template is None:
            return Values().definition(item.layer, None if name is None else constant(name))
        graph = getattr(item.layer, "graph", None)
        made = self.build_call(item.template, [], {}, [graph] if graph else [])
        if name not in (None, item.template.node.own_name):
            made.keywords.append(ast.keyword("name", constant(name)))
        return made

    def build_call(
        self, template: Template, args: list[ast.expr], keywords: dict[str, ast.expr],
        graphs: list[ModelGraph],
    ) -> ast.Call:  # fmt: skip
        """A call of the function that builds a model, with what this body hands on to it."""
        translator = self.translator
        reason = translator.failed.get(id(template))
        if reason is not None:
            if len(graphs) != 1:
                raise Untranslatable(reason)
            made = call(translator.written_out.builder(graphs[0]))
            known = {id(item.layer): item for item in translator.mentioned.needed_by(self.template)}
            for layer, name in translator.written_out.handed(graphs[0]):
                if id(layer) not in known:
                    raise Untranslatable(reason)
                made.keywords.append(ast.keyword(name, self.instance(known[id(layer)])))
            return made
        return call(
            translator.names[id(template)], *args, keywords={**keywords, **self.handing(template)}
        )

    def handing(self, template: Template) -> dict[str, ast.expr]:
        """What a function is handed by this one."""
        names = self.translator.body(template).handed
        return {
            names[id(item.layer)]: self.instance(item)
            for item in self.translator.handed_to(template)
        }


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
