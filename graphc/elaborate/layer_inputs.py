"""What is carried into a layer, by the parameters of its call."""

from __future__ import annotations

from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.scope import TRAINING, says_training
from graphc.declare.values import value_text
from graphc.diagnostics.codes import BAD_ARGUMENT, INPUT_COUNT, UNKNOWN_ARGUMENT
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.bundles import listed, placed, spread
from graphc.elaborate.frame import Frame
from graphc.elaborate.instances import layer_of
from graphc.elaborate.layer_calls import apply_layer_value
from graphc.elaborate.report import inputs_text, names_text, source_text
from graphc.elaborate.uses import describe, own_use
from graphc.elaborate.values import UNKNOWN_VALUE, BundleValue, LayerValue
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span


def apply_layer(layer: LayerValue, piped: Any, frame: Frame, span: Span) -> Any:
    """Call a layer with what is piped into it."""
    value = _in_this_model(layer, frame)
    if value is None:
        return UNKNOWN_VALUE
    arguments = _call_arguments(value, piped, frame, span)
    if arguments is None:
        return UNKNOWN_VALUE
    by_place = len(arguments)
    if isinstance(piped, BundleValue):
        by_place = len(listed(piped, value.use.layer).by_place)
    return apply_layer_value(frame, value, arguments, by_place, span)


def _in_this_model(value: LayerValue, frame: Frame) -> LayerValue | None:
    """The layer, or the one that stands for it in this model, if it was made outside of it."""
    if value.builder is frame.builder:
        return value
    assert frame.builder is not None
    found: LayerValue | None = frame.builder.shared.get(value.use)
    if found is None:
        name = (value.use.name, value.use.span) if value.use.is_named else None
        use = own_use(frame, layer_of(frame, value), value.use.span, name)
        if use is not None:
            found = LayerValue(
                use, value.argument_spans, frame.builder, value.shown, home=value.home
            )
            frame.builder.shared[value.use] = found
    return found


def _call_arguments(
    value: LayerValue, piped: Any, frame: Frame, span: Span
) -> dict[str, Any] | None:
    """What is piped, by the parameters of the layer's call."""
    layer: Layer = value.use.layer
    if isinstance(piped, BundleValue):
        each = spread(listed(piped, layer), layer, describe(value), frame)
        if each is None:
            return None
        bundle = placed(each, layer.tensor_parameters, describe(value), frame, span)
        return None if bundle is None else _named_arguments(value, bundle, frame)
    parameters = layer.tensor_parameters
    if layer.takes_list or not isinstance(piped, (list, tuple)):
        return {parameters[0]: list(piped) if isinstance(piped, tuple) else piped}
    items = list(piped)
    if isinstance(layer, ModelLayer) and layer.takes_one_in_list and isinstance(piped, list):
        items = [items]
    if len(items) > len(parameters):
        frame.report(
            INPUT_COUNT,
            f"{describe(value)} needs {inputs_text(parameters)}, got {len(items)}",
            span,
            help=f"join them first: [a, b] -> Concatenate() -> {source_text(span)}"
            if len(parameters) == 1
            else None,
        )
        return None
    return dict(zip(parameters, items, strict=False))


def _named_arguments(layer: LayerValue, piped: BundleValue, frame: Frame) -> dict[str, Any] | None:
    parameters = layer.use.layer.named_parameters
    hints = type(layer.use.layer).call.__annotations__
    arguments: dict[str, Any] = {}
    for name, value, span in piped.values:
        if says_training(layer.use.layer, name) or hints.get(name) == "bool":
            if not isinstance(value, bool) and value is not None:
                frame.report(
                    BAD_ARGUMENT,
                    f"{describe(layer)} needs `{name}` to be True or False, got {value_text(value)}",
                    span,
                )
                return None
        elif name not in parameters:
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{describe(layer)} has no input `{name}`",
                span,
                help=did_you_mean(name, list(parameters)) or f"it has {names_text(parameters)}",
            )
            return None
        arguments[name] = value
    return {name: arguments[name] for name in (*parameters, TRAINING) if name in arguments}
