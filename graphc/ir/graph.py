"""The layer graph: records in a networkx MultiDiGraph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.ir.structure import Structure, flattened
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.source import Span


class BlockUse(Record):
    """One use of a block: the layers it made stand under `name`, as `name.layer`.

    Those of an inline block have names of their own, and `name` only tells its uses apart.
    """

    name: str
    block: str
    span: Span


class LayerUse:
    """One layer of a model, however often it is called; its weights are made by its first call.

    `layer` is a `Layer` (a nested model too), an `Op`, or one of the sources below.
    """

    __slots__ = ("calls", "is_named", "is_thawed", "layer", "name", "path", "span", "weights")

    def __init__(
        self, layer: Any, name: str, span: Span, path: tuple[BlockUse, ...], *, is_named: bool
    ) -> None:
        self.layer = layer
        self.name = name
        self.span = span
        self.path = path
        self.is_named = is_named
        self.is_thawed = False
        """Whether the source says that it is trained: so it is, in a model that is frozen."""
        self.weights: tuple[Any, ...] | None = None  # WeightSpecs, once it has been called
        self.calls: list[int] = []

    @property
    def type_name(self) -> str:
        """The class name that a summary shows."""
        name: str = self.layer.type_name
        return name

    def __repr__(self) -> str:
        return f"LayerUse({self.name}: {self.type_name})"


class InputSource(Record):
    """What an input node holds in place of a layer."""

    type: TensorType
    is_optional: bool = False
    """Whether Keras' model may be called without it."""

    type_name = "InputLayer"
    category = "input"
    kind_text = "an input"
    trainable = True


class TensorRef(Record):
    """One output of a node."""

    node: int
    output: int


class WeightSource(Record):
    """What the node of a `weight` statement holds in place of a layer."""

    type: TensorType
    tied_to: tuple[TensorRef, ...] = ()
    """What Keras calls it on to have it in its graph: the first input of the body it stands in."""

    type_name = "Weight"
    category = "weight"
    kind_text = "a weight"
    trainable = True


class CallRecord(Record):
    """The record on a node: one call of a layer.

    `arguments` are the call's by name, nested lists of static values and `TensorRef`s;
    `outputs` are their types, None where an error left them unknown. The first `by_place` of the
    arguments are given by place, the others by name.
    """

    id: int
    use: LayerUse
    span: Span
    path: tuple[BlockUse, ...]
    arguments: tuple[tuple[str, Any], ...]
    outputs: tuple[TensorType, ...] | None
    is_single: bool
    call_index: int
    by_place: int

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.use.name

    @property
    def layer(self) -> Any:
        """The layer, tensor function or source."""
        return self.use.layer

    @property
    def weights(self) -> tuple[Any, ...]:
        """The layer's weights."""
        return self.use.weights or ()


class FaultRecord(Record):
    """A call that an error kept out of the graph, for those who draw what is known of it."""

    id: int
    name: str
    type_name: str
    message: str
    span: Span
    path: tuple[BlockUse, ...]
    arguments: tuple[tuple[str, Any], ...]


class EdgeRecord(Record):
    """The record on an edge: which output goes into which argument, and where in a list."""

    output: int
    argument: str
    place: tuple[int, ...]


class OutputRecord(Record):
    """A model's output: the name it goes by, and the tensor."""

    name: str
    ref: TensorRef
    type: TensorType
    is_named: bool
    """Whether the source gives it the name."""


class ModelGraph:
    """One model: calls as nodes, tensors as edges, in the order of the source.

    Ids count up along every edge, so that their order is topological. `graph` is the networkx
    graph of the records, made when it is first asked for: importing networkx costs a cold
    `graphc check` twice what the check itself does.
    """

    def __init__(self, name: str, kind: str, span: Span) -> None:
        self.name = name
        self.own_name = name
        """What Keras calls it, which need be no identifier."""
        self.kind = kind
        self.span = span
        self.inputs: list[int] = []
        self.input_structure: Structure = None
        """The lists and dicts that inputs are taken in; None for one tensor, or a list of several."""
        self.outputs: list[OutputRecord] = []
        self.output_structure: Structure = None
        """The lists and dicts that the outputs are in; None for one tensor, or a list of several."""
        self.requirements: list[tuple[Any, Any]] = []
        """`require` statements, each with the frame that its condition is evaluated in."""
        self.unbuilt: list[LayerUse] = []
        """The layers of a sequential whose input nothing states: nothing else is known of it."""
        self.faults: list[FaultRecord] = []
        """Calls that errors left out. Their ids are those of the graph, in its order."""
        self.borrowed: dict[int, tuple[Any, ModelGraph | None]] = {}
        """Layers used here that were made elsewhere, by id: each, and the model that made it; None
        for one that stands in a constant."""
        self.is_complete = True
        """False where an error left something out."""
        self.trainable = True
        """False where the model is frozen as a whole, whatever its layers say."""
        self._records: dict[int, CallRecord] = {}
        self._graph: Any = None

    def add(self, record: CallRecord) -> None:
        """Add a call."""
        self._records[record.id] = record
        self._graph = None
        record.use.calls.append(record.id)

    @property
    def graph(self) -> Any:
        """The `networkx.MultiDiGraph`.

        Nodes are ids, with the `CallRecord` under "record"; edges have an `EdgeRecord` under the
        same key.
        """
        if self._graph is None:
            self._graph = self._to_networkx()
        return self._graph

    def _to_networkx(self) -> Any:
        import networkx as nx  # 150 ms, which `check` does without

        graph = nx.MultiDiGraph(name=self.name)
        for record in self._records.values():
            graph.add_node(record.id, record=record)
            for argument, value in record.arguments:
                for ref, place in tensor_refs(value):
                    edge = EdgeRecord(ref.output, argument, place)
                    graph.add_edge(ref.node, record.id, record=edge)
        return graph

    def record(self, node: int) -> CallRecord:
        """The record of a node."""
        return self._records[node]

    def tied(self, weight: WeightSource) -> tuple[TensorRef, ...]:
        """The tensors that Keras calls a weight on."""
        known = tuple(ref for ref in weight.tied_to if ref.node in self._records)
        return known or tuple(TensorRef(node, 0) for node in self.inputs[:1])

    def records(self) -> Iterator[CallRecord]:
        """All calls, each after those it takes tensors from."""
        return iter(self._records.values())

    def uses(self) -> Iterator[LayerUse]:
        """All layers, each once, in the order of their first calls."""
        for record in self.records():
            if record.use.calls[0] == record.id:
                yield record.use

    def flat_inputs(self) -> list[int]:
        """The inputs in the order in which Keras has them: that of the form in which it takes them."""
        if self.input_structure is None:
            return self.inputs
        return [self.inputs[place] for _, place in flattened(self.input_structure)]

    def leading_to(self, nodes: set[int]) -> set[int]:
        """These calls, and all that they take tensors from, however far."""
        reached = set(nodes)
        for record in reversed(self._records.values()):
            if record.id in reached:
                for _, value in record.arguments:
                    reached.update(ref.node for ref, _ in tensor_refs(value))
        return reached

    def keep_only(self, nodes: set[int]) -> None:
        """Drop the calls that are not among these."""
        dropped = [node for node in self._records if node not in nodes]
        for use in {self._records.pop(node).use for node in dropped}:
            use.calls = [node for node in use.calls if node in nodes]
        self._graph = None

    @property
    def type_name(self) -> str:
        """The Keras class of the model."""
        return "Sequential" if self.kind == "sequential" else "Functional"


def tensor_refs(
    value: Any, place: tuple[int, ...] = ()
) -> Iterator[tuple[TensorRef, tuple[int, ...]]]:
    """The tensors in an argument, with their places in its lists."""
    if isinstance(value, TensorRef):
        yield value, place
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from tensor_refs(item, (*place, index))
