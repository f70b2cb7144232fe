"""How many outputs a call has: those that nothing takes need names too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.trace import StaticResult, Trace, trace_layer, trace_op, type_of
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.calls import bound
from graphc.interop.keras_json.network import Address, ForeignArray, Network, SliceOf, input_type
from graphc.interop.keras_json.operations import op_arguments, op_of
from graphc.interop.keras_json.order import Step
from graphc.ir.types import TensorType

Types = Mapping[Address, TensorType]

UNTRACED = (
    Fault, LookupError, TypeError, ValueError, AttributeError, AssertionError, NotImplementedError,
)  # fmt: skip
"""What tracing raises where a file that is made by hand gives a layer what it does not take."""


def output_count(step: Step, made: Layer | None, types: Types) -> int:
    """The number of outputs, by tracing on the recorded types; 1 where that fails.

    What is wrong with a call is the checker's to say, once the text is there.
    """
    if step.layer.network is not None:
        return max(1, len(step.layer.network.outputs))
    return max(1, len(_outputs(step, made, types)))


def note_types(steps: Iterable[Step], made: Mapping[str, Layer | None], network: Network) -> None:
    """Note the types of tensors in a model of which none are recorded, as far as they follow."""
    for address in network.inputs:
        layer = next(each for each in network.layers if each.name == address.layer)
        found = input_type(layer)
        if found is not None:
            network.types[address] = found
    for step in steps:
        layer = step.layer
        if layer.network is None:
            outputs = _outputs(step, made.get(layer.name), network.types)
        else:
            inner = [layer.network.types.get(each) for _, each in layer.network.outputs]
            outputs = [] if None in inner else [each for each in inner if each is not None]
        for place, type in enumerate(outputs):
            network.types[Address(layer.name, step.index, place)] = type


def _outputs(step: Step, made: Layer | None, types: Types) -> list[TensorType]:
    """The outputs of a call by tracing; none where that fails."""
    layer = step.layer
    try:
        if layer.is_operation:
            op = op_of(layer)
            args, kwargs = op.split(
                {n: typed(v, types) for n, v in op_arguments(layer, op, step.call).items()}
            )
            traced = trace_op(op, tuple(args), kwargs)
            return [] if isinstance(traced, StaticResult) else _types_of(traced)
        if made is None:
            return []
        by_place, by_name = bound(made, step.call)
        arguments = {**dict(zip(made.parameters, by_place, strict=False)), **by_name}
        return _types_of(trace_layer(made, {n: typed(v, types) for n, v in arguments.items()}))
    except UNTRACED:
        return []


def _types_of(trace: Trace) -> list[TensorType]:
    return [type_of(output) for output in trace.outputs]


def typed(value: Any, types: Types) -> Any:
    """An argument with the types of its tensors."""
    if isinstance(value, Address):
        return types[value]
    if isinstance(value, ForeignArray):
        return TensorType(value.shape, value.dtype)
    if isinstance(value, list):
        return [typed(item, types) for item in value]
    if isinstance(value, SliceOf):
        return slice(*(typed(bound, types) for bound in (value.start, value.stop, value.step)))
    return value
