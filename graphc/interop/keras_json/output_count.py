"""How many outputs a call has: those that nothing takes need names too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.trace import StaticResult, trace_layer, trace_op
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.calls import bound
from graphc.interop.keras_json.network import Address, SliceOf
from graphc.interop.keras_json.operations import op_arguments, op_of
from graphc.interop.keras_json.order import Step
from graphc.ir.types import TensorType

Types = Mapping[Address, TensorType]


def output_count(step: Step, made: Layer | None, types: Types) -> int:
    """The number of outputs, by tracing on the recorded types; 1 where that fails.

    What is wrong with a call is the checker's to say, once the text is there.
    """
    layer = step.layer
    if layer.network is not None:
        return max(1, len(layer.network.outputs))
    try:
        if layer.is_operation:
            op = op_of(layer)
            args, kwargs = op.split(
                {n: typed(v, types) for n, v in op_arguments(layer, op, step.call).items()}
            )
            traced = trace_op(op, tuple(args), kwargs)
            return 1 if isinstance(traced, StaticResult) else len(traced.outputs)
        if made is None:
            return 1
        by_place, by_name = bound(made, step.call)
        arguments = {**dict(zip(made.parameters, by_place, strict=False)), **by_name}
        return len(trace_layer(made, {n: typed(v, types) for n, v in arguments.items()}).outputs)
    except (
        Fault,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        AssertionError,
        NotImplementedError,
    ):
        return 1


def typed(value: Any, types: Types) -> Any:
    """An argument with the types of its tensors."""
    if isinstance(value, Address):
        return types[value]
    if isinstance(value, list):
        return [typed(item, types) for item in value]
    if isinstance(value, SliceOf):
        return slice(*(typed(bound, types) for bound in (value.start, value.stop, value.step)))
    return value
