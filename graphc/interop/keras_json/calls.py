"""Calls of layers as pipes: what is carried, by place or by name."""

from __future__ import annotations

from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.scope import TRAINING
from graphc.diagnostics.codes import FOREIGN_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import build
from graphc.interop.keras_json.network import (
    Address,
    ForeignArray,
    ForeignCall,
    Network,
    addresses,
)
from graphc.interop.keras_json.operations import Spelling
from graphc.ir.structure import flattened
from graphc.keras_format.masks import own_arguments
from graphc.layers.model_layer import MASK, ModelLayer
from graphc.syntax import nodes


def model_source(network: Network, call: ForeignCall, operands: Spelling) -> nodes.Expression:
    """What is carried into a nested model: its inputs in order, those of a dict by sorted key.

    One in a list is so to models that take a list alone.
    """
    tensors = model_tensors(call)
    if not tensors:
        raise Fault(FOREIGN_ARGUMENT, f"{call.path} needs a tensor or more for the model")
    spelled = [operands.tensor(tensor) for tensor in tensors]
    whole = ModelLayer.name_of_inputs
    [taken] = call.args[:1] or [call.kwargs.get(whole)]
    if network.input_structure == [0] and isinstance(taken, list):
        spelled = [build.listed(spelled)]
    named = {name: call.kwargs[name] for name in (MASK, TRAINING) if name in call.kwargs}
    if not any(True for _ in addresses(named.get(MASK))):
        named.pop(MASK, None)  # Keras writes that there is none
    given = [build.argument(operands.tensor(value), name) for name, value in named.items()]
    is_input = len(spelled) > 1 and any(each.layer == whole for each in network.inputs)
    if whole in call.kwargs and not is_input:
        inputs = spelled[0] if len(spelled) == 1 else build.listed(spelled)
        return nodes.Bundle(build.SPAN, (build.argument(inputs, whole), *given))
    if given:
        return nodes.Bundle(build.SPAN, (*map(build.argument, spelled), *given))
    return spelled[0] if len(spelled) == 1 else build.grouped(spelled)


def model_tensors(call: ForeignCall) -> list[Address | ForeignArray]:
    """What a model is called with, in the order of its inputs."""
    whole = ModelLayer.name_of_inputs
    given: list[Any] = [*call.args, *(call.kwargs[n] for n in call.kwargs if n == whole)]
    return [each for _, each in flattened(given) if isinstance(each, (Address, ForeignArray))]


def layer_source(layer: Layer, call: ForeignCall, operands: Spelling) -> nodes.Expression:
    """What is carried into a layer."""
    by_place, by_name = bound(layer, call)
    spelled = [operands.tensor(value) for value in by_place]
    if by_name:
        named = [build.argument(operands.tensor(value), name) for name, value in by_name.items()]
        return nodes.Bundle(build.SPAN, (*map(build.argument, spelled), *named))
    return spelled[0] if len(spelled) == 1 else build.grouped(spelled)


def bound(layer: Layer, call: ForeignCall) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, by place and by name."""
    by_place: list[Any] = []
    by_name = {} if is_plain(layer, call) else _given(layer, call)
    args = list(call.args)
    parameters = layer.parameters
    inputs = layer.tensor_parameters
    first = args[0] if args else None
    if isinstance(first, dict):
        by_name = {**first, **by_name}
        args = args[1:]
    elif isinstance(first, list) and not layer.takes_list:
        by_place, args, parameters = list(first), args[1:], inputs
    for place, value in enumerate(args, len(by_place)):
        if len(by_place) == place and (place < len(inputs) or (place == 0 and layer.takes_list)):
            by_place.append(value)
        elif place < len(parameters):
            by_name[parameters[place]] = value
        else:
            raise Fault(FOREIGN_ARGUMENT, f"{call.path}.args has more than {layer.subject} takes")
    if not any(True for _ in addresses([*by_place, *by_name.values()])):
        raise Fault(FOREIGN_ARGUMENT, f"{call.path} needs a tensor for {layer.subject}")
    return by_place, by_name


def is_plain(layer: Layer, call: ForeignCall) -> bool:
    """Whether a call is of a tensor and nothing else: what more it has is what Keras writes itself.

    Then Keras hands on the mask, or that there is none, and what `training` is by default; of a
    call that was given anything by name it writes that alone.
    """
    if len(call.args) != 1:
        return False
    return _given(layer, call) == own_arguments(layer)


def _given(layer: Layer, call: ForeignCall) -> dict[str, Any]:
    """What a call gives by name; that there is no mask is nothing to layers that take none."""
    return {
        name: value
        for name, value in call.kwargs.items()
        if name != MASK or value is not None or MASK in layer.parameters
    }
