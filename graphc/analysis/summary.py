"""What a model is made of, as records: the table that Keras prints, and what it lacks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from graphc.analysis.cost import Costs
from graphc.analysis.order import keras_order
from graphc.analysis.parameters import (
    OwnedWeight,
    Parameters,
    count,
    layer_weights,
    model_parameters,
    weights_of,
)
from graphc.declare.freezing import Frozen, around_main, inside, is_trained
from graphc.ir.dims import Dim
from graphc.ir.graph import (
    BlockUse,
    CallRecord,
    InputSource,
    LayerUse,
    ModelGraph,
    TensorRef,
    WeightSource,
)
from graphc.ir.types import TensorType
from graphc.layers.call_order import taken_tensors
from graphc.layers.model_layer import ModelLayer
from graphc.layers.owners import Around
from graphc.ops.arrays import is_array
from graphc.record import Record
from graphc.source import Span
from graphc.training.optimizer import AnyOptimizer


class LayerRow(Record):
    """One layer of a model; costs are those of all its calls, for one example."""

    name: str
    type: str
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    """The output types of its last call, as Keras shows them."""
    calls: int
    parameters: Parameters
    weights: tuple[OwnedWeight, ...]
    macs: Dim
    flops: Dim
    output_bytes: Dim
    connected_to: tuple[str, ...]
    span: Span
    blocks: tuple[BlockUse, ...]
    is_trainable: bool
    children: tuple[LayerRow, ...]
    """The layers of a nested model."""
    sources: tuple[tuple[str, int], ...] = ()
    """What it takes: layers, each with the number of its output."""
    given_out: tuple[int, ...] = ()
    """Which of its outputs the model puts out."""


class Summary(Record):
    """A model's rows in Keras' order, and its totals."""

    name: str
    kind: str
    rows: tuple[LayerRow, ...]
    inputs: tuple[tuple[str, TensorType], ...]
    outputs: tuple[tuple[str, TensorType], ...]
    parameters: Parameters
    macs: Dim
    flops: Dim
    output_bytes: Dim
    optimizer_parameters: int
    is_complete: bool


def summary(model: ModelGraph, *, optimizer: AnyOptimizer | None = None) -> Summary:
    """The summary of a model; `optimizer` is that of its train block."""
    rows = tuple(_rows(Around(model), around_main(model)))
    return Summary(
        model.name,
        model.type_name,
        rows,
        tuple((model.record(n).name, model.record(n).layer.type) for n in model.inputs),
        tuple((output.name, output.type) for output in model.outputs),
        model_parameters(model),
        sum((row.macs for row in rows), start=0),
        sum((row.flops for row in rows), start=0),
        sum((row.output_bytes for row in rows), start=0),
        _optimizer_parameters(model, optimizer),
        model.is_complete,
    )


def _rows(around: Around, frozen: Frozen) -> Iterator[LayerRow]:
    """The rows of a model; as in Keras, a Sequential does not list its input.

    Where a model is frozen as a whole, what is in it is not trainable.
    """
    model = around.graph
    assert model is not None
    for use in model.unbuilt if not model.is_complete else ():
        yield _unbuilt_row(use, frozen)
    costs = Costs(model)
    given_out = _outputs_by_node(model)
    for use in keras_order(model):
        if all(is_array(model.record(node)) for node in use.calls):
            continue  # it is no operation of Keras' either
        if model.kind != "sequential" or not isinstance(use.layer, InputSource):
            yield _row(model, use, costs, around, given_out, frozen)


def _unbuilt_row(use: LayerUse, frozen: Frozen) -> LayerRow:
    """A layer of a model that waits for its input: only its name and type are known."""
    trainable = is_trained(use.layer, frozen, says_so=use.is_thawed)
    empty = Parameters()
    return LayerRow(
        use.name, use.type_name, (), (), 0, empty, (), 0, 0, 0, (), use.span, use.path, trainable, ()
    )  # fmt: skip


def _is_trainable(use: LayerUse, frozen: Frozen) -> bool:
    if isinstance(use.layer, WeightSource) and not all(s.is_trainable for s in use.weights or ()):
        return False
    return is_trained(use.layer, frozen, says_so=use.is_thawed)


def _outputs_by_node(model: ModelGraph) -> dict[int, list[int]]:
    """Which outputs of which calls a model puts out."""
    result: dict[int, list[int]] = {}
    for output in model.outputs:
        result.setdefault(output.ref.node, []).append(output.ref.output)
    return result


def _row(
    model: ModelGraph,
    use: LayerUse,
    costs: Costs,
    around: Around,
    given_out: Mapping[int, Sequence[int]],
    frozen: Frozen,
) -> LayerRow:
    records = [model.record(node) for node in use.calls]
    macs: Dim = 0
    flops: Dim = 0
    output_bytes: Dim = 0
    for record in records:
        cost = costs.of(record)
        macs, flops = macs + cost.macs, flops + cost.flops
        for type in record.outputs or ():
            output_bytes = output_bytes + costs.bytes_of(type)
    last = records[-1]
    taken = tuple(
        dict.fromkeys(
            (model.record(ref.node).name, ref.output)
            for record in records
            for ref in _operands(model, record)
        )
    )
    sources = _operands(model, last)
    weights = tuple(layer_weights(use, around, frozen))
    nested = use.layer.graph if isinstance(use.layer, ModelLayer) else None
    inner = inside(use.layer, frozen, says_so=use.is_thawed)
    return LayerRow(
        use.name,
        use.type_name,
        tuple(_output_type(model, ref.node, ref.output) for ref in sources),
        last.outputs or (),
        len(records),
        count(iter(weights)),
        weights,
        macs,
        flops,
        output_bytes,
        tuple(dict.fromkeys(name for name, _ in taken)),
        use.span,
        use.path,
        _is_trainable(use, frozen),
        tuple(_rows(Around(nested), inner)) if nested is not None else (),
        taken,
        tuple(output for node in use.calls for output in given_out.get(node, ())),
    )


def _operands(model: ModelGraph, record: CallRecord) -> list[TensorRef]:
    """The tensors that a call takes, but for numbers that stand in the file."""
    return [ref for ref in taken_tensors(record) if not is_array(model.record(ref.node))]


def _output_type(model: ModelGraph, node: int, output: int) -> TensorType:
    outputs = model.record(node).outputs
    assert outputs is not None
    return outputs[output]


def _optimizer_parameters(model: ModelGraph, optimizer: AnyOptimizer | None) -> int:
    if optimizer is None:
        return 0
    weights = [(w.path, w.spec.shape) for w in weights_of(model) if w.is_trainable]
    return sum(math.prod(shape) for shape in optimizer.variables(weights))
