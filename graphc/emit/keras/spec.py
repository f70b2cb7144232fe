"""What small layers say of their outputs, where Keras could not find it out by itself.

On JAX, Keras traces a layer with open sizes by names that stand for them. What cannot be traced so has
to be told: what happens to sparse tensors, for which Keras takes all that is multiplied by a number,
`x * 2`; and what stands at a place that is such a size, `x[:, T // 2]`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphc.declare.op import Op
from graphc.emit.keras.fed import fed_nodes
from graphc.emit.keras.tree import call, constant, sequence, subscript
from graphc.emit.keras.values import is_size
from graphc.ir.dims import UNKNOWN, Dim
from graphc.ir.graph import CallRecord, ModelGraph, tensor_refs
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer

FIRST = frozenset({"divide", "true_divide", "divide_no_nan"})
"""The functions that give something sparse if what they divide is."""


def is_place(op: Op, arguments: Mapping[str, Any]) -> bool:
    """Whether a size that is known only when the model runs says which place is taken."""
    key = arguments.get("key") if op.name == "get_item" else None
    return any(map(is_size, key if isinstance(key, tuple) else (key,)))


class Sparse:
    """What Keras takes for sparse in graphs, and all that is made of it."""

    def __init__(self, graphs: Iterable[ModelGraph]) -> None:
        self._made: dict[int, set[int]] = {}
        self._graphs = list(graphs)
        """The models of a program, those that are nested in others among them."""
        self._is_anywhere = any(self._own(graph) for graph in self._graphs)

    def of(self, graph: ModelGraph) -> set[int]:
        """The calls of a graph: an input may be given something sparse, where there is any."""
        found = self._made.get(id(graph))
        if found is None:
            found = self._made[id(graph)] = set()
            if self._is_anywhere:
                own = self._own(graph)
                nested = {id(use.layer.graph) for each in self._graphs for use in each.uses()
                          if isinstance(use.layer, ModelLayer)}  # fmt: skip
                found |= own | (set(graph.inputs) if id(graph) in nested else set())
                for record in graph.records():
                    if found.intersection(_refs(record)):
                        found.add(record.id)
        return found

    def _own(self, graph: ModelGraph) -> set[int]:
        """The products with numbers; a number may be the result of functions of no input."""
        fed = fed_nodes(graph)
        found = set()
        for record in graph.records():
            if isinstance(record.layer, Op) and record.arguments:
                operands = [value for _, value in record.arguments]
                if record.layer.name in FIRST:
                    operands = operands[:1]
                elif record.layer.name != "multiply":
                    continue
                if any(fed.isdisjoint(ref.node for ref, _ in tensor_refs(v)) for v in operands):
                    found.add(record.id)
        return found


def _refs(record: CallRecord) -> Iterator[int]:
    for _, value in record.arguments:
        for ref, _ in tensor_refs(value):
            yield ref.node


def output_spec(
    names: Sequence[str], types: Sequence[TensorType], outputs: Sequence[TensorType]
) -> ast.expr:
    """`keras.KerasTensor(shape, dtype)`, in terms of the inputs; a list for several outputs."""
    inputs = list(zip(names, types, strict=True))
    specs = [_spec(inputs, each) for each in outputs]
    return specs[0] if len(specs) == 1 else ast.List(specs)


def _spec(inputs: list[tuple[str, TensorType]], output: TensorType) -> ast.expr:
    shape = sequence(_size(inputs, dim) for dim in output.shape)
    of = next((name for name, type in inputs if type.dtype == output.dtype), None)
    dtype = constant(output.dtype) if of is None else ast.Attribute(ast.Name(of), "dtype")
    return call("keras.KerasTensor", shape, keywords={"dtype": dtype})


def _size(inputs: list[tuple[str, TensorType]], dim: Dim) -> ast.expr:
    """A number, the size that an input has, or None."""
    if isinstance(dim, int):
        return constant(dim)
    for name, type in inputs:
        if dim is not UNKNOWN and dim in type.shape:
            shape = ast.Attribute(ast.Name(name), "shape")
            return subscript(shape, constant(type.shape.index(dim)))
    return constant(None)
