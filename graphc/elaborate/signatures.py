"""What layers and tensor functions make of types: traced once, and kept."""

from __future__ import annotations

from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.trace import Signature, StaticResult, signature_of, trace_layer, trace_op
from graphc.diagnostics.codes import SHARED_LAYER_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.elaborate.builder import to_types
from graphc.elaborate.frame import Frame
from graphc.elaborate.limits import TRACE_STEPS
from graphc.ir.dims import shape_text
from graphc.ir.graph import LayerUse


def op_signature(frame: Frame, op: Op, arguments: dict[str, Any]) -> Any:
    """What a tensor function makes of these arguments, or its static result."""
    types = {name: to_types(value) for name, value in arguments.items()}
    key = (op.name, _frozen(types))
    found = frame.run.signatures.get(key)
    if found is None:
        frame.run.step(None, TRACE_STEPS)
        args, kwargs = op.split(types)
        traced = trace_op(op, tuple(args), kwargs)
        found = traced if isinstance(traced, StaticResult) else signature_of(traced)
        frame.run.signatures[key] = found
    return found


def layer_signature(frame: Frame, layer: Layer, types: dict[str, Any]) -> Signature:
    """What a layer makes of inputs of these types."""
    key = (layer.key, _frozen(types))
    found: Signature | None = frame.run.signatures.get(key)
    if found is None:
        frame.run.step(None, TRACE_STEPS)
        found = frame.run.signatures[key] = signature_of(trace_layer(layer, types))
    return found


def _frozen(value: Any) -> Any:
    """A value as a key of the cache; 1, 1.0 and True stay apart."""
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in value.items())
    if isinstance(value, slice):
        return ("slice", _frozen(value.start), _frozen(value.stop), _frozen(value.step))
    return (type(value), value) if isinstance(value, (bool, float)) else value


def check_same_weights(use: LayerUse, signature: Signature) -> None:
    """Raise where a layer would have other weights than at its first use."""
    assert use.weights is not None
    for before, now in zip(use.weights, signature.weights, strict=False):
        if before.shape != now.shape:
            raise Fault(
                SHARED_LAYER_MISMATCH,
                f"has a weight `{before.path}` of shape {shape_text(before.shape)} from its first "
                f"use, and needs {shape_text(now.shape)} for this input",
                label="a layer has one set of weights wherever it is used",
            )
