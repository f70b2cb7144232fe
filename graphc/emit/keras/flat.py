"""A model's graph as straight-line code: one statement for each call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.rules import Rule
from graphc.emit.keras.calls import (
    array,
    item_rule,
    layer_call,
    numpy_array,
    op_call,
    takes_array,
)
from graphc.emit.keras.fed import anchored_nodes, fed_nodes
from graphc.emit.keras.freezing import freezing, settings_of, with_settings
from graphc.emit.keras.inputs import input_of
from graphc.emit.keras.module import Module
from graphc.emit.keras.naming import base_of
from graphc.emit.keras.reserve import reservations, reserve_calls
from graphc.emit.keras.sharing import Sharing
from graphc.emit.keras.sized import Given, layer_function, needs_layer
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.ties import Ties
from graphc.emit.keras.tree import (
    Comment,
    Untranslatable,
    assign,
    call,
    constant,
    model_call,
    sequence,
    structured,
)
from graphc.emit.keras.values import Values
from graphc.emit.keras.weight import weight_call
from graphc.ir.graph import (
    CallRecord,
    InputSource,
    LayerUse,
    ModelGraph,
    TensorRef,
    WeightSource,
    tensor_refs,
)
from graphc.ir.structure import filled
from graphc.layers.model_layer import ModelLayer
from graphc.ops.arrays import numpy_dtype

Hand = Callable[[Layer], ast.expr]
"""Gives a layer that several models have."""
Builder = Callable[[ModelLayer, str | None, Hand], ast.expr]
"""Gives the call that builds a nested model of a name."""


_LONGEST = 60
"""How many letters of a layer's name a variable has: a line has room for them."""


class FlatFunction:
    """The body of a function that builds a model."""

    def __init__(
        self, graph: ModelGraph, module: Module, sharing: Sharing, builder: Builder,
        keys: list[str] | None,
    ) -> None:  # fmt: skip
        self.graph, self.module, self.sharing, self.builder = graph, module, sharing, builder
        self.keys = keys
        self.names: dict[int, str] = {}
        self.tensors: dict[tuple[int, int], ast.expr] = {}
        self.layers: dict[int, ast.expr] = {}
        self.taken: set[str] = set(module.taken)
        self.body: list[ast.stmt] = []
        self.applied: dict[int, ast.expr] = {}
        """What a statement applies: an input or a layer, for a sequential to list."""
        self.small: dict[int, ast.Call] = {}
        """The first calls of layers with open sizes that are called several times."""
        self.ties = Ties()
        self.values = Values(self._inner_layer)
        self.uses = list(graph.uses())
        self.fed = fed_nodes(graph)
        self.anchored = anchored_nodes(graph)
        self.shared = _shared_layers(self.uses) | sharing.shared
        self.given = {
            id(layer): self._variable(f"{self._name_of(layer)}_layer")
            for layer in sharing.handed(graph)
        }
        """What the function is handed, by layer."""

    def build(self, reason: str | None = None, *, makes_given: bool = False) -> list[ast.stmt]:
        """The statements; `makes_given` makes what the function is not handed."""
        if reason is not None:
            self.body.append(Comment(f"Written out call by call: {reason}."))
        self.body += reserve_calls(reservations(self.graph))
        for layer in self.sharing.handed(self.graph):
            self._take(layer, is_optional=makes_given)
        self._write_calls()
        settings = settings_of([self.graph])
        return (
            with_settings(self.body, settings, self._variable("model")) if settings else self.body
        )

    def _write_calls(self) -> None:
        if not self.graph.inputs:
            self.body.append(self._unbuilt())
            return
        for record in self.graph.records():
            self._record(record)
        self.ties.check(self.graph.name)
        if self.graph.kind == "sequential" and self._is_chain():
            self._return_sequential()
        else:
            self._return()

    def _unbuilt(self) -> ast.stmt:
        """A sequential that states no input."""
        items = [self._made(use.layer, constant(use.name)) for use in self.graph.unbuilt]
        return ast.Return(model_call("keras.Sequential", ast.List(items), name=self.graph.own_name))

    def _is_chain(self) -> bool:
        """Whether this is a chain of layers, each of its own."""
        uses = [use for use in self.uses if not isinstance(use.layer, InputSource)]
        return all(isinstance(use.layer, Layer) and len(use.calls) == 1 for use in uses)

    def _return_sequential(self) -> None:
        """Put the layers into a list in place of applying them."""
        items: list[ast.expr] = []
        kept: list[ast.stmt] = []
        for statement in self.body:
            value = self.applied.get(id(statement))
            if value is None:
                kept.append(statement)
            else:
                items.append(value)
        made = model_call("keras.Sequential", ast.List(items), name=self.graph.own_name)
        self.body = [*kept, ast.Return(made)]

    def _return(self) -> None:
        inputs = [self.tensors[node, 0] for node in self.graph.inputs]
        outputs = [self.tensors[out.ref.node, out.ref.output] for out in self.graph.outputs]
        keys = self.keys
        if keys is None:
            made = structured(filled(self.graph.output_structure, outputs))
        else:
            made = ast.Dict(list(map(constant, keys)), outputs)
        taken = structured(filled(self.graph.input_structure, inputs))
        self.body.append(
            ast.Return(model_call("keras.Model", taken, made, name=self.graph.own_name))
        )

    def _variable(self, name: str) -> str:
        found = identifier(name.replace(".", "_")[:_LONGEST], self.taken)
        self.taken.add(found)
        return found

    def _record(self, record: CallRecord) -> None:
        layer = record.layer
        if isinstance(layer, InputSource):
            value: ast.expr = input_of(layer, record.name)
        elif isinstance(layer, WeightSource):
            value = self._weight(record)
        elif isinstance(layer, Op):
            value = self._op(record, layer)
        else:
            value = self._sized_layer(record) or self._layer_call(record)
        self._bind(record, value)

    def _bind(self, record: CallRecord, value: ast.expr) -> None:
        count = len(record.outputs or ())
        suffix = f"_{record.call_index}" if record.call_index else ""
        base = f"{record.name}{suffix}"
        if record.is_single:
            own = self._variable(base)
            self.tensors[record.id, 0] = ast.Name(own)
            statement = assign(own, value)
            if isinstance(record.layer, ModelLayer):
                self.applied[id(statement)] = self._layer(record.use)
            elif isinstance(record.layer, InputSource):
                self.applied[id(statement)] = value
            elif isinstance(record.layer, Layer):
                self.applied[id(statement)] = getattr(value, "func", value)
            self.body.append(statement)
            return
        names = [self._variable(f"{base}_{index}" if index else base) for index in range(count)]
        for index, each in enumerate(names):
            self.tensors[record.id, index] = ast.Name(each)
        self.body.append(assign(ast.Tuple([ast.Name(each) for each in names]), value))

    # Layers

    def _name_of(self, layer: Layer) -> str:
        return self.sharing.name_of(layer) or layer.name or base_of(layer)

    def _take(self, layer: Layer, *, is_optional: bool) -> None:
        """Bind what the function is handed; where nobody does, it makes its own."""
        own = ast.Name(self.given[id(layer)])
        if is_optional:
            before, self.body = self.body, []
            self.body.append(assign(own, self._made(layer, constant(self._name_of(layer)))))
            self.body += self._freezing(layer, own)
            is_missing = ast.Compare(own, [ast.Is()], [constant(None)])
            self.body = [*before, ast.If(is_missing, self.body, [])]
        self.layers[id(layer)] = own

    def _hand(self, layer: Layer) -> ast.expr:
        """A layer for a model that is nested in this one."""
        return self._inner_layer(layer) or self._kept(
            layer, self._made(layer, constant(self._name_of(layer))), self._name_of(layer)
        )

    def _layer(self, use: LayerUse) -> ast.expr:
        found = self.layers.get(id(use.layer))
        if found is not None:
            return found
        name = self._name_of(use.layer) if id(use.layer) in self.sharing.shared else use.name
        made = self._made(use.layer, constant(name))
        if len(use.calls) > 1 or id(use.layer) in self.shared or isinstance(use.layer, ModelLayer):
            return self._kept(use.layer, made, use.name)
        return made

    def _kept(self, layer: Layer, made: ast.expr, name: str) -> ast.expr:
        own = self._variable(f"{name}_layer")
        self.body.append(assign(own, made))
        self.layers[id(layer)] = ast.Name(own)
        self.body += self._freezing(layer, ast.Name(own))
        return self.layers[id(layer)]

    def _freezing(self, layer: Layer, own: ast.expr) -> list[ast.stmt]:
        if not isinstance(layer, ModelLayer) or layer.trainable:
            return []
        return [freezing(own)]

    def _made(self, layer: Layer, name: ast.expr) -> ast.expr:
        if isinstance(layer, ModelLayer):
            given = str(name.value) if isinstance(name, ast.Constant) else None
            return self.builder(layer, given, self._hand)
        return self.values.definition(layer, name)

    def _inner_layer(self, layer: Layer) -> ast.expr | None:
        found = self.layers.get(id(layer))
        if found is not None:
            return found
        use = next((use for use in self.uses if use.layer is layer), None)
        if isinstance(layer, ModelLayer):
            own = layer.base_name if use is None else use.name
            return self._kept(layer, self.builder(layer, own, self._hand), own)
        if id(layer) in self.shared:
            name = layer.name if use is None else use.name
            made = self.values.definition(layer, None if name is None else ast.Constant(name))
            return self._kept(layer, made, name or layer.type_name)
        return None

    # Functions and weights

    def _weight(self, record: CallRecord) -> ast.expr:
        (spec,) = record.weights
        made = weight_call(self.module, self.values, spec, ast.Constant(record.name))
        tied = [self.tensors[ref.node, ref.output] for ref in self.graph.tied(record.layer)]
        return call(made, tied[0] if len(tied) == 1 else ast.List(tied))

    def _layer_call(self, record: CallRecord) -> ast.expr:
        arguments = {name: self._listed(v) for name, v in record.arguments}
        return layer_call(record.layer, self._layer(record.use), arguments, record.by_place)

    def _listed(self, value: Any) -> ast.expr:
        """What a layer is called with: Keras' layers take lists, of masks too that are all None."""
        if isinstance(value, (list, tuple)):
            return ast.List(list(map(self._listed, value)))
        return self._spell(value)

    def _sized_layer(self, record: CallRecord) -> ast.expr | None:
        """A layer as a small one that looks at the sizes which Keras' own would have to know."""
        inputs = [self._given(value) for _, value in record.arguments]
        if len(inputs) != 1 or not isinstance(inputs[0], Given) or id(record.layer) in self.shared:
            return None
        function = layer_function(record.layer, inputs[0].type)
        if function is None:
            return None
        op, arguments = function
        given = {next(iter(op.arguments)): inputs[0], **arguments}
        made = self._small(record, op, given, constant(record.use.name))
        return self._sized_again(record, made) if len(record.use.calls) > 1 else made

    def _sized_again(self, record: CallRecord, made: ast.Call) -> ast.Call:
        """A call of the one small layer that a layer with several calls is."""
        first = self.small.setdefault(id(record.layer), made)
        if ast.dump(first.func) != ast.dump(made.func):
            raise Untranslatable(f"{record.use.name} finds its sizes in other places at each call")
        own = self.layers.get(id(record.layer)) or self._kept(
            record.layer, made.func, record.use.name
        )
        return call(own, *made.args)

    def _small(
        self, record: CallRecord, op: Op, given: dict[str, Any], label: ast.expr | None = None
    ) -> ast.Call:
        """A call as one of a small layer."""
        sized = self.module.sized(op, given, self._around(record), self.graph, record.id, label)
        self.ties.add(self.graph, record.id, sized.ties)
        return sized.made

    def _around(self, record: CallRecord) -> list[Given]:
        """The tensors that there are before a call, first inputs: sizes of theirs tie it to no layer."""
        inputs = set(self.graph.inputs)
        before = [
            each
            for each in self.graph.records()
            if each.id in self.fed and each.id < record.id and each.outputs
        ]
        return [
            Given(self.tensors[each.id, index], type, each.id)
            for each in sorted(before, key=lambda each: each.id not in inputs)
            for index, type in enumerate(each.outputs or ())
        ]

    def _op(self, record: CallRecord, op: Op) -> ast.expr:
        arguments = dict(record.arguments)
        if record.id in self.anchored or needs_layer(arguments):
            given = {name: self._given(value) for name, value in arguments.items()}
            return self._small(record, op, given)
        lists = {
            id(each)
            for name, value in arguments.items()
            for each in _arrays(value, op.rule_of(name))
        }

        def spell(value: Any) -> ast.expr:
            if id(value) in lists:
                return array(self._spell(value))
            return self._spell(value, spell)

        first = next(iter(arguments.values()), None)
        is_known = not isinstance(first, TensorRef) or first.node in self.fed
        has_operator = record.id in self.fed and id(first) not in lists and is_known
        made = op_call(op, arguments, spell, operators=has_operator)
        dtype = numpy_dtype(op, arguments)
        return numpy_array(made, dtype) if dtype and isinstance(made, ast.Call) else made

    def _given(self, value: Any) -> Any:
        if isinstance(value, TensorRef):
            type = (self.graph.record(value.node).outputs or ())[value.output]
            return Given(self.tensors[value.node, value.output], type, value.node)
        if isinstance(value, (list, tuple)):
            return type_of(value)(self._given(item) for item in value)
        return value

    def _spell(self, value: Any, inner: Callable[[Any], ast.expr] | None = None) -> ast.expr:
        if isinstance(value, TensorRef):
            return self.tensors[value.node, value.output]
        if isinstance(value, (list, tuple)):
            holds = any(True for _ in tensor_refs(value))
            return sequence(map(inner or self._spell, value), is_list=holds)
        return self.values.of(value)


def type_of(value: Any) -> Any:
    """The class of a list or tuple."""
    return list if isinstance(value, list) else tuple


def _shared_layers(uses: list[LayerUse]) -> set[int]:
    """The layers that stand in several places: in others, and by themselves."""
    counts: dict[int, int] = {}

    def count(layer: Any) -> None:
        if not isinstance(layer, Layer):
            return
        counts[id(layer)] = counts.get(id(layer), 0) + 1
        if counts[id(layer)] == 1:
            for inner in layer.inner_layers:
                count(inner)

    for use in uses:
        count(use.layer)
    return {key for key, number in counts.items() if number > 1}


def _arrays(value: Any, rule: Rule) -> Iterator[Any]:
    """The lists in an argument of a function that are operands."""
    if not isinstance(value, (list, tuple, range)):
        return
    if not takes_array(rule):
        for item in value:
            yield from _arrays(item, item_rule(rule))
    elif not any(True for _ in tensor_refs(value)):
        yield value
