"""A model's graph as a diagram, with every block and nested model open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.analysis.cost import Costs
from graphc.analysis.details import details
from graphc.analysis.diagram import (
    Diagram,
    Edge,
    Group,
    Node,
    Part,
    Result,
    Totals,
    add_totals,
    trainable,
    unique,
)
from graphc.analysis.parameters import (
    OwnedWeight,
    Parameters,
    count,
    layer_weights,
)
from graphc.declare.definition import Definition
from graphc.declare.freezing import Frozen, around_main, inside
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.values import value_text
from graphc.ir.dims import Dim
from graphc.ir.graph import (
    BlockUse,
    CallRecord,
    FaultRecord,
    InputSource,
    LayerUse,
    ModelGraph,
    TensorRef,
    tensor_refs,
)
from graphc.ir.structure import Structure, structure_text
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from graphc.layers.owners import Around
from graphc.record import replace

_FREE = Totals(Parameters(), 0, 0, 0)
_LINEAR = "linear"


def diagram(model: ModelGraph) -> Diagram:
    """The diagram of a model, of which an error may have left only a part."""
    built = _Builder(model, "", Around(model), around_main(model))
    built.build()
    results = tuple(Result(output.name, *built.leaf(output.ref)) for output in model.outputs)
    for result in results:
        built.results.setdefault((result.source, result.output), []).append(result.name)
    parts = _with_results(built.parts, built.results)
    weights = unique(weight for part in parts for weight in part.weights)
    return Diagram(
        model.name,
        model.type_name,
        parts,
        tuple(built.edges),
        add_totals(parts, weights),
        model.is_complete,
        model.span,
        results,
        model.trainable,
        _form(model.input_structure, [model.record(node).name for node in model.inputs]),
        _form(model.output_structure, [output.name for output in model.outputs]),
    )


def _form(structure: Structure, names: list[str]) -> str:
    return "" if structure is None else structure_text(structure, names)


class _Branch:
    """A block's instance while its parts come in."""

    def __init__(self, use: BlockUse | None, id: str) -> None:
        self.use = use
        self.id = id
        self.parts: list[Part | _Branch] = []
        self.inner: dict[int, _Branch] = {}


class _Builder:
    """Builds the parts and edges of one model; those of models in it under longer ids."""

    def __init__(self, model: ModelGraph, prefix: str, around: Around, frozen: Frozen) -> None:
        self.model = model
        self.prefix = prefix
        self.around = around
        self.frozen = frozen
        self.parts: tuple[Part, ...] = ()
        self.edges: list[Edge] = []
        self.results: dict[tuple[str, int], list[str]] = {}
        self._costs = Costs(model)
        self._root = _Branch(None, "")
        self._groups = 0
        self._inner: dict[int, _Builder] = {}
        self._seen: dict[LayerUse, int] = {}

    def build(self) -> None:
        """Fill `parts` and `edges`."""
        records: list[CallRecord | FaultRecord] = [*self.model.records(), *self.model.faults]
        records.sort(key=lambda record: record.id)
        for record in records:
            branch = self._branch(record.path)
            if isinstance(record, FaultRecord):
                branch.parts.append(self._fault(record))
            else:
                branch.parts.append(self._part(record))
        if not self.model.is_complete:
            self._unbuilt()
        self.parts = tuple(self._closed(self._root))

    def leaf(self, ref: TensorRef) -> tuple[str, int]:
        """The node that a tensor comes from, within whatever models, and which output it is."""
        inner = self._inner.get(ref.node)
        if inner is None:
            return f"{self.prefix}{ref.node}", ref.output
        return inner.leaf(inner.model.outputs[ref.output].ref)

    def _branch(self, path: tuple[BlockUse, ...]) -> _Branch:
        branch = self._root
        for use in path:
            # Each use has a record of its own, also where it shares the layers of another.
            found = branch.inner.get(id(use))
            if found is None:
                self._groups += 1
                found = _Branch(use, f"{self.prefix}b{self._groups}")
                branch.inner[id(use)] = found
                branch.parts.append(found)
            branch = found
        return branch

    def _closed(self, branch: _Branch) -> Iterator[Part]:
        for part in branch.parts:
            if not isinstance(part, _Branch):
                yield part
                continue
            parts = tuple(self._closed(part))
            assert part.use is not None
            weights = unique(weight for each in parts for weight in each.weights)
            yield Group(
                part.id, part.use.name, part.use.block, "block", parts,
                add_totals(parts, weights), weights, trainable(parts), part.use.span,
            )  # fmt: skip

    def _part(self, record: CallRecord) -> Part:
        use = record.use
        call = self._seen[use] = self._seen.get(use, 0) + 1
        weights = unique(layer_weights(use, self.around, self.frozen))
        cost = self._costs.of(record)
        output_bytes: Dim = 0
        for type in record.outputs or ():
            output_bytes = output_bytes + self._costs.bytes_of(type)
        totals = Totals(count(iter(weights)), cost.macs, cost.flops, output_bytes)
        node = f"{self.prefix}{record.id}"
        layer = f"{self.prefix}{use.calls[0]}"
        nested = self.around.nested(_model_in(use.layer))
        if nested is not None and nested.graph is not None:
            return self._nested(record, nested, totals, weights, layer, call)
        self._connect(record, node)
        return Node(
            node,
            use.name,
            type_text(use.layer),
            use.layer.category,
            tuple(self._input_types(record)),
            record.outputs or (),
            totals,
            weights,
            config(record),
            activation(use.layer),
            self._state(use, weights),
            record.span,
            layer,
            call,
            len(use.calls),
            is_named=use.is_named,
            details=details(use.layer),
        )

    def _nested(
        self,
        record: CallRecord,
        nested: Around,
        totals: Totals,
        weights: tuple[OwnedWeight, ...],
        layer: str,
        call: int,
    ) -> Group:
        use = record.use
        graph = nested.graph
        assert graph is not None
        frozen = inside(use.layer, self.frozen, says_so=use.is_thawed)
        if not isinstance(use.layer, ModelLayer):
            frozen = inside(_model_in(use.layer), frozen)
        inner = _Builder(
            graph,
            f"{self.prefix}{record.id}.",
            nested,
            frozen,
        )
        inner.build()
        self._inner[record.id] = inner
        given = {name: ref for name, value in record.arguments for ref, _ in tensor_refs(value)}
        # By name where the call has names, which may be in any order; else one after the other.
        for node, ref in zip(graph.inputs, given.values(), strict=False):
            named = given.get(graph.record(node).name, ref)
            self._edge(named, f"{inner.prefix}{node}", "", ())
        self.edges += inner.edges
        is_wrapped = not isinstance(use.layer, ModelLayer)
        return Group(
            f"{self.prefix}{record.id}",
            use.name,
            type_text(use.layer) if is_wrapped else graph.name,
            "model",
            inner.parts,
            totals,
            weights,
            self._state(use, weights),
            record.span,
            layer,
            call,
            len(use.calls),
        )

    def _state(self, use: LayerUse, weights: tuple[OwnedWeight, ...]) -> bool | None:
        if not weights:
            return None
        return any(weight.is_trainable for weight in weights)

    def _input_types(self, record: CallRecord) -> Iterator[TensorType]:
        for _, value in record.arguments:
            for ref, _ in tensor_refs(value):
                yield self._type(ref)

    def _type(self, ref: TensorRef) -> TensorType:
        outputs = self.model.record(ref.node).outputs
        assert outputs is not None
        return outputs[ref.output]

    def _connect(self, record: CallRecord | FaultRecord, target: str) -> None:
        for argument, value in record.arguments:
            for ref, place in tensor_refs(value):
                self._edge(ref, target, argument, place)

    def _edge(self, ref: TensorRef, target: str, argument: str, place: tuple[int, ...]) -> None:
        source, output = self.leaf(ref)
        self.edges.append(Edge(source, output, target, argument, place, self._type(ref)))

    def _fault(self, record: FaultRecord) -> Node:
        node = f"{self.prefix}f{record.id}"
        self._connect(record, node)
        given = tuple(
            self._type(ref) for _, value in record.arguments for ref, _ in tensor_refs(value)
        )
        return Node(
            node, record.name, record.type_name, "fault", given, (), _FREE, (), (), None, None,
            record.span, node, message=record.message,
        )  # fmt: skip

    def _unbuilt(self) -> None:
        """The layers of a sequential that waits for its input: a chain of unknown shapes."""
        before = None
        for place, use in enumerate(self.model.unbuilt):
            node = f"{self.prefix}u{place}"
            self._branch(use.path).parts.append(
                Node(
                    node,
                    use.name,
                    type_text(use.layer),
                    use.layer.category,
                    (),
                    (),
                    _FREE,
                    (),
                    _arguments(use.layer),
                    activation(use.layer),
                    None,
                    use.span,
                    node,
                    is_named=use.is_named,
                    details=details(use.layer),
                )
            )
            if before is not None:
                self.edges.append(Edge(before, 0, node, "", (), None))
            before = node


def _with_results(
    parts: tuple[Part, ...], results: dict[tuple[str, int], list[str]]
) -> tuple[Part, ...]:
    """The parts with the names of the model's outputs at the nodes that give them."""
    names: dict[str, list[str]] = {}
    for (node, _), given in results.items():
        names.setdefault(node, []).extend(given)
    return tuple(_named(part, names) for part in parts)


def _named(part: Part, names: dict[str, list[str]]) -> Part:
    if isinstance(part, Group):
        return replace(part, parts=tuple(_named(each, names) for each in part.parts))
    return replace(part, results=tuple(names[part.id])) if part.id in names else part


def _model_in(layer: Any) -> Any:
    """A model, or the one that a layer wraps: `TimeDistributed(frame)`."""
    inner = getattr(layer, "layer", None)
    return inner if isinstance(inner, ModelLayer) else layer


def type_text(layer: Any) -> str:
    """A layer's class, with that of the layer it wraps: "TimeDistributed(Dense)"."""
    inner = getattr(layer, "layer", None)
    if isinstance(layer, Layer) and isinstance(inner, Layer):
        shown = inner.subject if isinstance(inner, ModelLayer) else type_text(inner)
        return f"{layer.type_name}({shown})"
    name: str = layer.type_name
    return name


def activation(layer: Any) -> str | None:
    """The name of the activation that a layer applies, if it applies one."""
    found = getattr(layer, "activation", None)
    if not isinstance(layer, Layer) or found is None:
        return None
    name = str(found)
    return None if name == _LINEAR else name


def config(record: CallRecord) -> tuple[tuple[str, str], ...]:
    """What a call's layer is configured with, and the arguments of the call that are no tensors."""
    call = tuple(
        (name, value_text(value))
        for name, value in record.arguments
        if value is not None and not any(True for _ in tensor_refs(value))
    )
    return (*_arguments(record.layer), *call)


OPTIONAL = ("optional", "True")
"""What tells of an input that it may be left out."""


def _spelled(value: Any) -> str:
    return str(value) if isinstance(value, Op) else value_text(value)


def _arguments(layer: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(layer, InputSource):
        optional = (OPTIONAL,) if layer.is_optional else ()
        return (("shape", str(layer.type)), ("dtype", layer.type.dtype), *optional)
    if isinstance(layer, (Op, ModelLayer)) or not isinstance(layer, Definition):
        return ()
    return tuple((name, _spelled(value)) for name, value in layer.changed_values().items())
