"""A model as one graph of primitives, for inputs of given shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.analysis.weight_keys import keyed_weights
from graphc.declare.freezing import around_main
from graphc.declare.scope import WeightSpec
from graphc.declare.trace import trace_layer
from graphc.ir.graph import CallRecord, ModelGraph, WeightSource
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from graphc.layers.owners import Around, owner_of
from graphc.record import Record, replace


class Lowered(Record):
    """A model's computation: symbolic tensors by the names of what they stand for."""

    inputs: dict[str, Tensor]
    weights: tuple[tuple[str, Tensor], ...]
    """By the keys of `keyed_weights`. A weight that is reached in several ways has several."""
    outputs: dict[str, Tensor]
    updates: dict[str, Tensor]
    """What training makes of weights without a gradient: moving averages."""
    penalties: tuple[Tensor, ...]
    """What regularizers of outputs add to the loss."""
    calls: tuple[tuple[CallRecord, Tensor], ...]
    """All calls, those of nested models before the models', with what each gives."""

    __hash__ = object.__hash__


def lower(
    model: ModelGraph, types: Mapping[str, TensorType], *, training: bool | None = None
) -> Lowered:
    """Trace a whole model on inputs of these types, whose sizes may be numbers or not.

    `training` is for all layers, also where a call has `training=` of its own: so Keras has it.
    None leaves it to these calls. Raises `Fault` where the model does not take such inputs.
    """
    layer = ModelLayer.of(model, model.name, trainable=model.trainable)
    trace = trace_layer(layer, types, training=training, around=around_main(model))
    keys = {weight.owner: key for key, weight in keyed_weights(model).items()}
    sources = {use.name: use for use in model.uses() if isinstance(use.layer, WeightSource)}

    def key_of(spec: WeightSpec) -> str:
        # Of the whole model: the first step of a route leads to a layer in it.
        route: Any = spec.route or (sources[spec.name],)
        return keys[owner_of(route[0], replace(spec, route=route[1:]), Around(model))]

    return Lowered(
        dict(zip(types, trace.inputs, strict=True)),
        tuple((key_of(spec), tensor) for spec, tensor in trace.weights),
        {o.name: tensor for o, tensor in zip(model.outputs, trace.outputs, strict=True)},
        {key_of(spec): tensor for spec, tensor in trace.updates},
        trace.penalties,
        trace.calls,
    )
