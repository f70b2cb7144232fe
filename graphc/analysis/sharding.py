"""Which weights to divide between devices, so that they seldom have to talk.

Tensor parallelism as in "Megatron-LM: Training Multi-Billion Parameter Language Models Using Model
Parallelism", Shoeybi and others, 2019: a matrix divided by columns makes an output of which every
device has a part; what happens to it element by element, or head by head, each does to its own; and
a matrix divided by rows takes the parts back together, by one sum over all devices (an all-reduce).
The pairs are found by following axes through the primitives that a model is made of, whatever
layers it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graphc.analysis.axis_flow import (
    BLOCKED,
    NOWHERE,
    contracted_with,
    operand_axis,
    result_axis,
)
from graphc.declare.trace import trace_layer
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Step, Tensor
from graphc.layers.model_layer import ModelLayer
from graphc.record import Record


class DividedWeight(Record):
    """A weight, and the axis of it that is divided."""

    path: str
    shape: tuple[int, ...]
    axis: int


class Sharding(Record):
    """How a model's weights are divided, in the order of its layers."""

    weights: tuple[DividedWeight, ...]
    all_reduces: int
    """Sums over all devices on the way forward; as many again on the way back."""


def model_parallel(model: ModelGraph, devices: int) -> Sharding:
    """Divide a model's matrix products between so many devices.

    What cannot be divided evenly, or what would have to be gathered again, is left whole.
    """
    graph = _Graph(model)
    axes: dict[Tensor, int] = {}
    all_reduces = 0
    for step in graph.steps:
        for weight, axis in _columns(step, graph):
            if weight in axes:
                break
            region = _Region(graph, axes, devices)
            if region.grow(weight, axis):
                axes.update(region.weights)
                all_reduces += region.sums
                break
    divided = [
        DividedWeight(spec.path, spec.shape, axes[tensor])
        for spec, tensor in graph.weights
        if tensor in axes
    ]
    return Sharding(tuple(divided), all_reduces)


class _Graph:
    """A model's steps, and what uses each tensor."""

    def __init__(self, model: ModelGraph) -> None:
        inputs = {model.record(node).name: model.record(node).layer.type for node in model.inputs}
        trace = trace_layer(ModelLayer.of(model, model.name), inputs)
        self.steps = trace.steps
        self.weights = trace.weights
        self.leaves = {tensor for _, tensor in trace.weights}
        self.outputs = {_key(tensor) for tensor in trace.outputs}
        self.users: dict[object, list[tuple[Step, int]]] = defaultdict(list)
        for step in self.steps:
            for place, operand in enumerate(step.operands):
                self.users[_key(operand)].append((step, place))


def _key(tensor: Tensor) -> object:
    """What a tensor is known by: results of one step may stand in several objects."""
    return tensor if tensor.step is None else (id(tensor.step), tensor.index)


def _columns(step: Step, graph: _Graph) -> Iterator[tuple[Tensor, int]]:
    """The weights of a product, with the axes that they could be divided along by columns."""
    if step.primitive.name != "dot_general":
        return
    for place, operand in enumerate(step.operands):
        if operand in graph.leaves and len(graph.users[_key(operand)]) == 1:
            for axis in range(len(operand.shape)):
                if contracted_with(step, place, axis) is None:
                    yield operand, axis


class _Region:
    """What has to be divided together with the columns of one matrix."""

    def __init__(self, graph: _Graph, taken: dict[Tensor, int], devices: int) -> None:
        self.graph = graph
        self.taken = taken
        self.devices = devices
        self.axes: dict[object, int] = {}
        self.weights: dict[Tensor, int] = {}
        self.summed: set[int] = set()
        self._waiting: list[tuple[Tensor, int]] = []

    @property
    def sums(self) -> int:
        """How many products add up parts from all devices."""
        return len(self.summed)

    def grow(self, weight: Tensor, axis: int) -> bool:
        """Follow the axis to the products that end it; False where something else does."""
        if not self._divide(weight, axis):
            return False
        while self._waiting:
            tensor, axis = self._waiting.pop()
            if not all(
                self._goes_on(step, place, axis) for step, place in self.graph.users[_key(tensor)]
            ):
                return False
        return self.sums > 0

    def _divide(self, tensor: Tensor, axis: int) -> bool:
        """Take a tensor for divided along an axis; False where that cannot be."""
        key = _key(tensor)
        if key in self.axes:
            return self.axes[key] == axis
        size = tensor.shape[axis]
        if not isinstance(size, int) or size % self.devices or key in self.graph.outputs:
            return False
        if tensor in self.graph.leaves:
            if tensor in self.taken:
                return False
            self.weights[tensor] = axis
        self.axes[key] = axis
        self._waiting.append((tensor, axis))
        return True

    def _goes_on(self, step: Step, place: int, axis: int) -> bool:
        """Follow a divided operand into a step."""
        along = contracted_with(step, place, axis)
        if along is not None:
            return self._summed(step, *along)
        result = result_axis(step, place, axis)
        return result != BLOCKED and self._made(step, result)

    def _summed(self, step: Step, other: int, axis: int) -> bool:
        """A product along a divided axis ends it, if the other side is a weight: by rows."""
        weight = step.operands[other]
        self.summed.add(id(step))
        if weight in self.weights:
            return self.weights[weight] == axis
        if _key(weight) in self.axes:  # the weight came first, and this is its input
            return True
        if weight not in self.graph.leaves or len(self.graph.users[_key(weight)]) > 1:
            return False
        if weight in self.taken or weight.shape[axis] % self.devices:
            return False
        self.weights[weight] = axis
        return True

    def _made(self, step: Step, axis: int) -> bool:
        """A step's result is divided, and with it what it is made of, where that is not one for all."""
        if not self._divide(Tensor(step.types[0], step, 0), axis):
            return False
        return all(self._comes_from(step, place, axis) for place in range(len(step.operands)))

    def _comes_from(self, step: Step, place: int, axis: int) -> bool:
        operand = step.operands[place]
        source = operand_axis(step, place, axis)
        if source == NOWHERE:
            return True
        if source == BLOCKED:
            return False
        if operand.step is None:
            # Each device takes its part of an input by itself.
            return operand not in self.graph.leaves or self._divide(operand, source)
        if _key(operand) in self.axes:
            return self.axes[_key(operand)] == source
        if not operand.step.operands:
            return True  # a constant
        if not self._divide(operand, source):
            return False
        return all(
            self._comes_from(operand.step, each, source)
            for each in range(len(operand.step.operands))
        )
