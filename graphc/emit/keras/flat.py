"""A model's graph as straight-line code: one statement for each call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.emit.keras.calls import layer_call, op_call
from graphc.emit.keras.inputs import input_call, sizes_of
from graphc.emit.keras.module import Module
from graphc.emit.keras.sized import Given, needs_layer
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.tree import Comment, assign, call, constant, sequence
from graphc.emit.keras.values import Values
from graphc.ir.graph import (
    CallRecord,
    InputSource,
    LayerUse,
    ModelGraph,
    TensorRef,
    WeightSource,
    tensor_refs,
)
from graphc.layers.model_layer import ModelLayer

Builder = Callable[[ModelLayer, str | None], ast.expr]
"""Gives the call that builds a nested model of a name."""


class FlatFunction:
    """The body of a function that builds a model."""

    def __init__(self, graph: ModelGraph, module: Module, builder: Builder) -> None:
        self.graph, self.module, self.builder = graph, module, builder
        self.names: dict[int, str] = {}
        self.tensors: dict[tuple[int, int], ast.expr] = {}
        self.layers: dict[int, ast.expr] = {}
        self.taken: set[str] = set(module.taken)
        self.body: list[ast.stmt] = []
        self.applied: dict[int, ast.expr] = {}
        """What a statement applies: an input or a layer, for a sequential to list."""
        self.values = Values(self._inner_layer)
        self.uses = list(graph.uses())
        self.fed = fed_nodes(graph)
        self.anchored = anchored_nodes(graph)
        self.shared = _shared_layers(self.uses)

    def build(self, reason: str | None = None) -> list[ast.stmt]:
        """The statements."""
        if reason is not None:
            self.body.append(Comment(f"Written out call by call: {reason}."))
        self.body += reserve_calls(reservations(self.graph))
        if not self.graph.inputs:
            return [*self.body, self._unbuilt()]
        for record in self.graph.records():
            self._record(record)
        if self.graph.kind == "sequential" and self._is_chain():
            self._return_sequential()
        else:
            self._return()
        return self.body

    def _unbuilt(self) -> ast.stmt:
        """A sequential that states no input."""
        items = [self._made(use.layer, constant(use.name)) for use in self.graph.unbuilt]
        return ast.Return(
            call("keras.Sequential", ast.List(items), keywords={"name": constant(self.graph.name)})
        )

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
        made = call(
            "keras.Sequential", ast.List(items), keywords={"name": constant(self.graph.name)}
        )
        self.body = [*kept, ast.Return(made)]

    def _return(self) -> None:
        inputs = [self.tensors[node, 0] for node in self.graph.inputs]
        outputs = [self.tensors[out.ref.node, out.ref.output] for out in self.graph.outputs]
        self.body.append(ast.Return(model_call(inputs, outputs, self.graph)))

    def _variable(self, name: str) -> str:
        found = identifier(name.replace(".", "_"), self.taken)
        self.taken.add(found)
        return found

    def _record(self, record: CallRecord) -> None:
        layer = record.layer
        if isinstance(layer, InputSource):
            value: ast.expr = input_call(sizes_of(layer.type), layer.type.dtype, record.name)
        elif isinstance(layer, WeightSource):
            value = self._weight(record)
        elif isinstance(layer, Op):
            value = self._op(record, layer)
        else:
            arguments = {name: self._spell(v) for name, v in record.arguments}
            value = layer_call(layer, self._layer(record.use), arguments)
        self._bind(record, value)

    def _bind(self, record: CallRecord, value: ast.expr) -> None:
        count = len(record.outputs or ())
        suffix = f"_{record.call_index}" if record.call_index else ""
        base = f"{record.name}{suffix}"
        if record.is_single:
            own = self._variable(base)
            self.tensors[record.id, 0] = ast.Name(own)
            statement = assign(own, value)
            is_input = isinstance(record.layer, InputSource)
            if is_input or isinstance(record.layer, Layer):
                made = value if is_input else getattr(value, "func", value)
                self.applied[id(statement)] = made
            self.body.append(statement)
            return
        names = [self._variable(f"{base}_{index}" if index else base) for index in range(count)]
        for index, each in enumerate(names):
            self.tensors[record.id, index] = ast.Name(each)
        self.body.append(assign(ast.Tuple([ast.Name(each) for each in names]), value))

    # Layers

    def _layer(self, use: LayerUse) -> ast.expr:
        found = self.layers.get(id(use.layer))
        if found is not None:
            return found
        made = self._made(use.layer, ast.Constant(use.name))
        if len(use.calls) > 1 or id(use.layer) in self.shared or isinstance(use.layer, ModelLayer):
            return self._kept(use.layer, made, use.name)
        return made

    def _kept(self, layer: Layer, made: ast.expr, name: str) -> ast.expr:
        own = self._variable(f"{name}_layer")
        self.body.append(assign(own, made))
        self.layers[id(layer)] = ast.Name(own)
        if isinstance(layer, ModelLayer) and not layer.trainable:
            frozen = ast.Attribute(ast.Name(own), "trainable")
            self.body.append(assign(frozen, constant(False)))
        return self.layers[id(layer)]

    def _made(self, layer: Layer, name: ast.expr) -> ast.expr:
        if isinstance(layer, ModelLayer):
            return self.builder(layer, str(name.value) if isinstance(name, ast.Constant) else None)
        return self.values.definition(layer, name)

    def _inner_layer(self, layer: Layer) -> ast.expr | None:
        found = self.layers.get(id(layer))
        if found is not None:
            return found
        use = next((use for use in self.uses if use.layer is layer), None)
        if isinstance(layer, ModelLayer):
            own = layer.base_name if use is None else use.name
            return self._kept(layer, self.builder(layer, own), own)
        if id(layer) in self.shared:
            name = layer.name if use is None else use.name
            made = self.values.definition(layer, None if name is None else ast.Constant(name))
            return self._kept(layer, made, name or layer.type_name)
        return None

    # Functions and weights

    def _weight(self, record: CallRecord) -> ast.expr:
        (spec,) = record.weights
        return call(weight_call(self.module, self.values, spec, ast.Constant(record.name)),
                    self.tensors[self.graph.inputs[0], 0])  # fmt: skip

    def _op(self, record: CallRecord, op: Op) -> ast.expr:
        arguments = dict(record.arguments)
        if record.id in self.anchored or needs_layer(arguments):
            given = {name: self._given(value) for name, value in arguments.items()}
            around = [
                Given(self.tensors[each.id, index], type)
                for each in self.graph.records()
                if each.id in self.fed and each.id < record.id and each.outputs
                for index, type in enumerate(each.outputs)
            ]
            return self.module.sized(op, given, around)
        return op_call(op, arguments, self._spell, operators=record.id in self.fed)

    def _given(self, value: Any) -> Any:
        if isinstance(value, TensorRef):
            type = (self.graph.record(value.node).outputs or ())[value.output]
            return Given(self.tensors[value.node, value.output], type)
        if isinstance(value, (list, tuple)):
            return type_of(value)(self._given(item) for item in value)
        return value

    def _spell(self, value: Any) -> ast.expr:
        if isinstance(value, TensorRef):
            return self.tensors[value.node, value.output]
        if isinstance(value, (list, tuple)):
            holds = any(True for _ in tensor_refs(value))
            return sequence(map(self._spell, value), is_list=holds)
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


def fed_nodes(graph: ModelGraph) -> set[int]:
    """The calls that Keras has in its graph: those that depend on an input, and weights."""
    return _leading_from(graph, anchored_nodes(graph))


def _leading_from(graph: ModelGraph, anchored: set[int]) -> set[int]:
    fed: set[int] = set(graph.inputs)
    for record in graph.records():
        if (
            isinstance(record.layer, WeightSource)
            or record.id in anchored
            or any(ref.node in fed for _, v in record.arguments for ref, _ in tensor_refs(v))
        ):
            fed.add(record.id)
    return fed


def anchored_nodes(graph: ModelGraph) -> set[int]:
    """The functions of no tensor that have to become layers.

    They have sizes that are not known, or what they make goes into a layer, as an input from
    nowhere, by way of other functions or not.
    """
    refs = {
        record.id: [ref.node for _, value in record.arguments for ref, _ in tensor_refs(value)]
        for record in graph.records()
    }
    ops = [record for record in graph.records() if isinstance(record.layer, Op)]
    anchored = {each.id for each in ops if not refs[each.id] and needs_layer(dict(each.arguments))}
    fed = _leading_from(graph, anchored)
    reached: set[int] = set()
    for record in reversed(list(graph.records())):
        is_op = isinstance(record.layer, Op)
        if not is_op or (record.id in reached and record.id not in fed):
            reached.update(refs[record.id])
    return anchored | {each.id for each in ops if not refs[each.id] and each.id in reached}


def reservations(
    graph: ModelGraph, left_to_keras: frozenset[str] | set[str] = frozenset()
) -> dict[str, int]:
    """How many names Keras has to leave out, for functions not to be named as layers are."""
    ops = {snake_case(use.type_name) for use in graph.uses() if isinstance(use.layer, Op)}
    counts: dict[str, int] = {}
    for use in graph.uses():
        if isinstance(use.layer, Op):
            continue
        base, _, number = use.name.rpartition("_")
        base, count = (base, int(number)) if base and number.isdigit() else (use.name, 0)
        if base in left_to_keras and not use.is_named:
            continue
        for each, most in ((base, count), (use.name, 0)):
            if each in ops and most < 10_000:
                counts[each] = max(counts.get(each, 0), most + 1)
    return dict(sorted(counts.items()))


def reserve_calls(counts: Mapping[str, int]) -> list[ast.stmt]:
    """Calls of `reserve`."""
    return [
        ast.Expr(call("reserve", constant(name), constant(count))) for name, count in counts.items()
    ]


def model_call(inputs: list[ast.expr], outputs: list[ast.expr], graph: ModelGraph) -> ast.expr:
    """`keras.Model(inputs, outputs, name=…)`."""
    return call(
        "keras.Model",
        inputs[0] if len(inputs) == 1 else ast.List(inputs),
        outputs[0] if len(outputs) == 1 else ast.List(outputs),
        keywords={"name": constant(graph.name)},
    )


def weight_call(module: Module, values: Values, spec: Any, name: ast.expr) -> ast.Call:
    """`Weight(shape, initializer, name=…)`."""
    start = spec.initializer
    keywords: dict[str, ast.expr] = {}
    initializer = values.short(start)
    is_default = isinstance(initializer, ast.Constant) and initializer.value == "glorot_uniform"
    given = [] if is_default else [initializer]
    if not spec.is_trainable:
        keywords["trainable"] = constant(False)
    if spec.dtype != "float32":
        keywords["dtype"] = constant(spec.dtype)
    keywords["name"] = name
    shape = sequence(map(constant, spec.shape))
    return call(module.weight(), shape, *given, keywords=keywords)
