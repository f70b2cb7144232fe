"""Whether a model rescales an input before any weight is applied to it."""

from __future__ import annotations

from graphc.ir.graph import ModelGraph, TensorRef, tensor_refs
from graphc.layers.model_layer import ModelLayer

# Operators may divide by 255, and these categories are there to rescale.
_RESCALES = ("preprocessing", "normalization", "operation")


def meets_weights_unscaled(model: ModelGraph, node: int) -> bool:
    """Whether an input reaches a layer with weights with nothing before that rescales."""
    return _follow(model, {node}) is None


def _follow(model: ModelGraph, reached: set[int]) -> set[int] | None:
    """The nodes whose results are as the inputs are; None where weights are applied to one."""
    for record in model.records():
        refs = [ref for _, value in record.arguments for ref, _ in tensor_refs(value)]
        if not any(ref.node in reached for ref in refs) or record.layer.category in _RESCALES:
            continue
        if isinstance(record.layer, ModelLayer) and record.layer.graph is not None:
            is_reached = _passes(record.layer.graph, refs, reached)
            if is_reached is None:
                return None
        elif record.weights:
            return None
        else:
            is_reached = True
        if is_reached:
            reached.add(record.id)
    return reached


def _passes(inner: ModelGraph, refs: list[TensorRef], reached: set[int]) -> bool | None:
    """Whether a nested model gives out again what it is given; None as `_follow`."""
    inputs = zip(refs, inner.inputs, strict=False)
    inside = _follow(inner, {node for ref, node in inputs if ref.node in reached})
    if inside is None:
        return None
    return any(output.ref.node in inside for output in inner.outputs)
