"""Whether a model rescales an input before any weight is applied to it."""

from __future__ import annotations

from graphc.ir.graph import CallRecord, ModelGraph, tensor_refs
from graphc.layers.model_layer import ModelLayer

# Operators may divide by 255, and these categories are there to rescale.
_RESCALES = ("preprocessing", "normalization", "operation")


def meets_weights_unscaled(model: ModelGraph, node: int) -> bool:
    """Whether what a node gives reaches a layer with weights with nothing before that rescales."""
    reached = {node}
    for record in model.records():
        if not reached & {
            ref.node for _, value in record.arguments for ref, _ in tensor_refs(value)
        }:
            continue
        if record.layer.category in _RESCALES:
            continue
        if isinstance(record.layer, ModelLayer) and record.layer.graph is not None:
            if _meets_inside(record, record.layer.graph, reached):
                return True
        elif record.weights:
            return True
        reached.add(record.id)
    return False


def _meets_inside(record: CallRecord, inner: ModelGraph, reached: set[int]) -> bool:
    given = [ref.node for _, value in record.arguments for ref, _ in tensor_refs(value)]
    return any(
        outside in reached and meets_weights_unscaled(inner, inside)
        for outside, inside in zip(given, inner.inputs, strict=False)
    )
