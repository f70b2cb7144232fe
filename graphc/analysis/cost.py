"""What a model costs to run: multiply-accumulates and operations per example.

The figures are those of a batch of one at inference, added up over the primitives that the
layers are made of (`graphc.ir.primitives.row.Cost` says what counts). Where the inputs state
a batch of another size, they are one example's share of that.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.op import Op
from graphc.declare.trace import StaticResult, trace_layer, trace_op
from graphc.ir.dims import BATCH_NAME, Dim, SymbolicDim, ceil_div, product, substitute
from graphc.ir.dtypes import ITEM_BYTES
from graphc.ir.graph import CallRecord, InputSource, ModelGraph, TensorRef, WeightSource
from graphc.ir.primitives import Cost
from graphc.ir.types import TensorType


class Costs:
    """The costs of the calls of one model; equal calls are traced once."""

    def __init__(self, model: ModelGraph) -> None:
        self.model = model
        self._known: dict[Any, Cost] = {}
        self._batch = fixed_batch(model)

    def of(self, record: CallRecord) -> Cost:
        """What one call costs for one example."""
        layer = record.layer
        if isinstance(layer, (InputSource, WeightSource)):
            return Cost()
        arguments = {name: self._types(value) for name, value in record.arguments}
        key = (getattr(layer, "key", layer), _frozen(arguments))
        found = self._known.get(key)
        if found is None:
            cost = _trace_cost(layer, arguments)
            found = Cost(self._for_one(cost.flops), self._for_one(cost.macs))
            self._known[key] = found
        return found

    def bytes_of(self, type: TensorType) -> Dim:
        """The bytes that a tensor takes for one example."""
        return self._for_one(product(type.shape)) * ITEM_BYTES[type.dtype]

    def _for_one(self, size: Dim) -> Dim:
        """A count for one example: of a batch of one, or its share of a batch that is larger."""
        return ceil_div(for_one(size), self._batch)

    def total(self) -> Cost:
        """What the whole model costs for one example."""
        flops: Dim = 0
        macs: Dim = 0
        for record in self.model.records():
            cost = self.of(record)
            flops, macs = flops + cost.flops, macs + cost.macs
        return Cost(flops, macs)

    def _types(self, value: Any) -> Any:
        if isinstance(value, TensorRef):
            outputs = self.model.record(value.node).outputs
            assert outputs is not None
            return outputs[value.output]
        if isinstance(value, (list, tuple)):
            return tuple(self._types(item) for item in value)
        return value


def _trace_cost(layer: Any, arguments: dict[str, Any]) -> Cost:
    if isinstance(layer, Op):
        args, kwargs = layer.split(arguments)
        trace = trace_op(layer, tuple(args), kwargs)
    else:
        trace = trace_layer(layer, arguments)
    assert not isinstance(trace, StaticResult)
    return trace.cost


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, slice):
        return ("slice", value.start, value.stop, value.step)
    return (type(value), value) if isinstance(value, (bool, float)) else value


def for_one(size: Dim) -> Dim:
    """A count for a batch of one."""
    return substitute(size, {BATCH_NAME: 1}) if isinstance(size, SymbolicDim) else size


def fixed_batch(model: ModelGraph) -> int:
    """The batch that all inputs of a model state; 1 where they do not."""
    shapes = [model.record(node).layer.type.shape for node in model.inputs]
    sizes = {shape[0] for shape in shapes}
    size = sizes.pop() if len(sizes) == 1 else 1
    return size if isinstance(size, int) else 1
