"""What a layer makes of a typical input: its documentation, derived by tracing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.declare.definition import convert
from graphc.declare.layer import Layer
from graphc.declare.trace import Signature, Trace, signature_of, trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from graphc.record import Record

_TYPICAL = ((16,), (10, 16), (32, 32, 3), (10, 32, 32, 3), (8, 16, 16, 16, 3))
_PREFERRED = (8, 4, 3, 2, 1, 0.5)


class LayerExample(Record):
    """A configuration, an input that it takes, and what comes of it."""

    layer: Layer
    inputs: tuple[tuple[str, Any], ...]
    signature: Signature
    trace: Trace


def layer_example(cls: type[Layer]) -> LayerExample | None:
    """A layer with its required arguments alone, on the first typical input that it takes."""
    for layer in _layers(cls):
        for inputs in _inputs(layer):
            try:
                trace = trace_layer(layer, inputs)
            except Fault:
                continue
            return LayerExample(layer, tuple(inputs.items()), signature_of(trace), trace)
    return None


def _layers(cls: type[Layer]) -> Iterator[Layer]:
    required = [name for name, argument in cls.arguments.items() if argument.is_required]
    for choice in range(4):
        try:
            values = {name: _sample(cls, name, choice) for name in required}
            yield cls.from_values({n: convert(cls, n, value) for n, value in values.items()})
        except (Fault, LookupError):
            continue


def _sample(cls: type[Layer], name: str, choice: int) -> Any:
    rule = cls.arguments[name].rule
    valid = [value for value in rule.valid if value is not None]
    nice = [value for value in _PREFERRED if _accepts(cls, name, value)]
    return [*nice, *valid][choice]


def _accepts(cls: type[Layer], name: str, value: Any) -> bool:
    try:
        convert(cls, name, value)
    except Fault:
        return False
    return True


def _inputs(layer: Layer) -> Iterator[dict[str, Any]]:
    hints = type(layer).call.__annotations__
    needed = [name for name in layer.tensor_parameters if "None" not in hints[name]]
    for dims in _TYPICAL:
        tensor = TensorType((BATCH, *dims), "float32")
        if layer.takes_list:
            yield {layer.parameters[0]: [tensor, tensor]}
        else:
            yield dict.fromkeys(needed or layer.parameters[:1], tensor)
