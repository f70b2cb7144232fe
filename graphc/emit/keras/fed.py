"""What Keras has in its graph: what an input leads to, and what is tied to one."""

from __future__ import annotations

from graphc.declare.op import Op
from graphc.emit.keras.sized import needs_layer
from graphc.ir.graph import ModelGraph, WeightSource, tensor_refs


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

    They have sizes that are not known, or what they make goes into a layer that is given nothing
    else, as an input from nowhere, by way of other functions or not.
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
        is_wanted = record.id in reached if isinstance(record.layer, Op) else True
        if is_wanted and record.id not in fed:
            reached.update(refs[record.id])
    return anchored | {each.id for each in ops if not refs[each.id] and each.id in reached}
