"""The order in which Keras goes through the calls of a model: by depth, then as it finds them.

The depth of a call is the longest way from it to an output; that of a layer called several times is
that of its deepest call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphc.declare.op import Op
from graphc.ir.dims import SymbolicDim, variables
from graphc.ir.graph import CallRecord, LayerUse, ModelGraph, TensorRef, WeightSource, tensor_refs

Ties = Mapping[int, Sequence[int]]
"""The calls that a program has further calls made on, beside those of the model: by what is made."""


def run_order(model: ModelGraph) -> list[CallRecord]:
    """The calls of a model in the order in which Keras makes them when it runs; inputs first."""
    _, visited = from_outputs(model, {})
    found, _ = depths(model, visited, {})
    calls = dict.fromkeys((*model.flat_inputs(), *sorted(found, key=lambda node: -found[node])))
    return [model.record(node) for node in calls]


def loses_masks(model: ModelGraph) -> bool:
    """Whether layers take masks away from tensors that others may take."""
    return any(
        is_masked(model, ref)
        for record in model.records()
        if getattr(record.layer, "takes_masks_away", False)
        for ref in taken_tensors(record)
    )


def is_masked(model: ModelGraph, ref: TensorRef) -> bool:
    """Whether a tensor of a model carries a mask."""
    outputs = model.record(ref.node).outputs
    return outputs is not None and outputs[ref.output].mask is not None


def taken_tensors(record: CallRecord) -> list[TensorRef]:
    """The tensors that a call takes, in Keras' order.

    What is given by name comes after the rest, and as Keras walks through a dict: sorted. A model
    takes its inputs in the order of their form, however they are given.
    """
    nested = getattr(record.layer, "graph", None)
    if isinstance(nested, ModelGraph):
        given = dict(record.arguments)
        names = [nested.record(node).name for node in nested.flat_inputs()]
        own = [given.pop(name) for name in names if name in given]
        values: list[object] = [*own, *(given[name] for name in sorted(given))]
        return [ref for value in values for ref, _ in tensor_refs(value)]
    placed, named = record.arguments[: record.by_place], record.arguments[record.by_place :]
    arguments = (*placed, *(named if isinstance(record.layer, Op) else sorted(named, key=_name)))
    return [ref for _, value in arguments for ref, _ in tensor_refs(value)]


def _sources(model: ModelGraph, node: int, ties: Ties) -> list[int]:
    """The calls that Keras has before one; a weight is a layer there, called on a tensor."""
    record = model.record(node)
    if isinstance(record.layer, WeightSource):
        return [ref.node for ref in model.tied(record.layer)]
    own = [ref.node for ref in taken_tensors(record)]
    if not own and isinstance(record.layer, Op):
        own = _sized_by(model, [value for _, value in record.arguments])
    return [*own, *ties.get(node, ())]


def _sized_by(model: ModelGraph, arguments: Sequence[object]) -> list[int]:
    """The input that a function of no tensor has its sizes from, in Keras an input of its layer."""
    names = {name for value in arguments for name in _names(value)}
    for node in model.inputs if names else ():
        type = model.record(node).layer.type
        if names & {name for dim in type.shape for name in variables(dim)}:
            return [node]
    return []


def _names(value: object) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _names(item)
    elif isinstance(value, SymbolicDim):
        yield from variables(value)


def _name(argument: tuple[str, object]) -> str:
    return argument[0]


def from_outputs(model: ModelGraph, ties: Ties) -> tuple[dict[LayerUse, int], list[int]]:
    """When each layer is first met walking up from the outputs; and the calls, sources first."""
    found: dict[LayerUse, int] = {}
    visited: list[int] = []
    seen: set[int] = set()
    for output in model.outputs:
        stack: list[tuple[int, bool]] = [(output.ref.node, False)]
        while stack:
            node, is_done = stack.pop()
            if is_done:
                visited.append(node)
                continue
            if node in seen:
                continue
            seen.add(node)
            found.setdefault(model.record(node).use, len(found))
            stack.append((node, True))
            stack.extend((source, False) for source in reversed(_sources(model, node, ties)))
    return found, visited


def depths(
    model: ModelGraph, visited: Sequence[int], ties: Ties
) -> tuple[dict[int, int], dict[LayerUse, int]]:
    """How deep calls and layers are, in the order in which Keras finds that out."""
    found: dict[int, int] = {}
    use_depths: dict[LayerUse, int] = {}
    for node in reversed(visited):
        record: CallRecord = model.record(node)
        depth = max(found.setdefault(node, 0), use_depths.get(record.use, 0))
        use_depths[record.use] = found[node] = depth
        for source in _sources(model, node, ties):
            found[source] = max(depth + 1, found.get(source, 0))
    return found, use_depths
