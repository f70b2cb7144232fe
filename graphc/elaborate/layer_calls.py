"""Layers applied to tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphc.declare.scope import says_training
from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    INPUT_COUNT,
    LIMIT_EXCEEDED,
    NOT_A_TENSOR,
    OPAQUE_LAYER,
    SHARED_LAYER_MISMATCH,
)
from graphc.diagnostics.diagnostic import Label
from graphc.diagnostics.fault import Fault
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.builder import to_types
from graphc.elaborate.dropped_masks import warn_of_dropped_mask, warn_of_inner_mask
from graphc.elaborate.faults import note_fault
from graphc.elaborate.frame import Frame
from graphc.elaborate.report import report_fault
from graphc.elaborate.signatures import check_same_weights, layer_signature
from graphc.elaborate.uses import add_call, describe
from graphc.elaborate.values import UNKNOWN_VALUE, LayerValue, TensorValue
from graphc.ir.graph import LayerUse
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span


def apply_layer_value(
    frame: Frame, value: LayerValue, arguments: Mapping[str, Any], by_place: int, span: Span
) -> Any:
    """Call a layer: its output, a tuple of them, or `UNKNOWN_VALUE` after an error.

    The first `by_place` of the arguments are those that the source gives by place.
    """
    use = value.use
    if any(holds_unknown(argument) for argument in arguments.values()):
        return UNKNOWN_VALUE
    if not _are_tensors(frame, value, arguments, span):
        return UNKNOWN_VALUE
    frame.run.count_layer(span)
    types = {name: to_types(argument) for name, argument in arguments.items()}
    try:
        signature = layer_signature(frame, use.layer, types)
        if use.weights is None:
            use.weights = signature.weights
            _warn_of_unknown_weights(frame, value)
            for base in use.layer.inner_names:
                frame.namer.skip(base)
        elif use.weights is not signature.weights:
            check_same_weights(use, signature)
    except Fault as fault:
        if frame.replay is not None:
            frame.replay.is_broken = True
        report_fault(
            frame, fault, describe(value), span,
            arguments=value.argument_spans, inputs=arguments, others=_other_side(frame, use, fault, span),
        )  # fmt: skip
        note_fault(frame, use.name, use.type_name, arguments, span)
        return UNKNOWN_VALUE
    except RecursionError:
        depth = Fault(LIMIT_EXCEEDED, "nests models deeper than can be checked")
        report_fault(frame, depth, describe(value), span)
        return UNKNOWN_VALUE
    if isinstance(use.layer, ModelLayer) and not use.layer.is_complete:
        return UNKNOWN_VALUE
    warn_of_dropped_mask(frame, value, arguments, span)
    for calls in signature.dropped_masks:
        warn_of_inner_mask(frame, value, calls, span)
    return add_call(frame, use, arguments, signature, span, by_place=by_place)


def _are_tensors(frame: Frame, value: LayerValue, arguments: Mapping[str, Any], span: Span) -> bool:
    """Whether tensors stand where the layer's call takes tensors; report where they do not."""
    layer = value.use.layer
    hints = type(layer).call.__annotations__
    for name, argument in arguments.items():
        if argument is None or says_training(layer, name):
            continue
        if "Tensor" not in hints.get(name, "Tensor"):
            continue
        is_list = layer.takes_list and name == layer.parameters[0]
        items = argument if is_list and isinstance(argument, list) else _flat(argument)
        wrong = [item for item in items if not isinstance(item, TensorValue)]
        if isinstance(argument, (list, tuple)) and name.endswith("mask"):
            wrong = [item for item in wrong if item is not None]  # a mask of some of the inputs
        if wrong:
            frame.report(
                NOT_A_TENSOR,
                f"{describe(value)} needs tensors as its input, got {value_text(wrong[0])}",
                span,
            )
            return False
    return True


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _warn_of_unknown_weights(frame: Frame, value: LayerValue) -> None:
    """Warn of a layer that may have weights which are not counted."""
    if value.use.layer.has_unknown_weights:
        frame.report(
            OPAQUE_LAYER,
            f"the weights of {describe(value)} are not known, and not counted",
            value.use.span,
            help="say what they are: weights={}, if there are none",
        )


def _other_side(frame: Frame, use: LayerUse, fault: Fault, span: Span) -> tuple[Label, ...]:
    """What a layer disagrees with besides its input: its first use, or a model's statement."""
    assert frame.builder is not None
    model = frame.builder.model
    if fault.code is SHARED_LAYER_MISMATCH and use.calls:
        first = model.record(use.calls[0])
        made = Label(use.span, "made here")
        return (made,) if first.span == span else (Label(first.span, "first used here"), made)
    graph = use.layer.graph if isinstance(use.layer, ModelLayer) else None
    if graph is None:
        return ()
    stated = [graph.record(node) for node in graph.inputs]
    if fault.code is INPUT_COUNT:
        return (Label(graph.span, f"{graph.name} is defined here"),)
    return tuple(Label(r.span, "stated here") for r in stated if r.name in fault.inputs)
