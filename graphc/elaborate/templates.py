"""Blocks and models: configured, instantiated, applied."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import MISSING, Argument
from graphc.declare.rules import Flag, Optional, Rule, Text
from graphc.diagnostics.codes import (
    BAD_ARGUMENT,
    DISCONNECTED_OUTPUT,
    INPUT_COUNT,
    MISSING_ARGUMENT,
    NO_INPUT,
    NO_OUTPUT,
    RECURSIVE_USE,
    UNKNOWN_ARGUMENT,
    UNUSED_LAYER,
)
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.arguments import bind, converted
from graphc.elaborate.builder import GraphBuilder, to_refs
from graphc.elaborate.frame import FileScope, Frame, evaluate, execute
from graphc.elaborate.naming import Namer
from graphc.elaborate.tensor_calls import make_use
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    BundleValue,
    Configured,
    LayerValue,
    Template,
    TensorValue,
)
from graphc.ir.graph import BlockUse, InputSource, ModelGraph, OutputRecord
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span
from graphc.syntax import nodes

_ANY = Rule()
_NAME = Argument("name", Optional(Text()), None, is_keyword_only=True)
_TRAINABLE = Argument("trainable", Flag(), True, is_keyword_only=True)
_DEFAULTED = object()  # the default stands in the source, and is evaluated when it is needed


def _arguments(template: Template) -> dict[str, Argument]:
    arguments = {
        parameter.name: Argument(
            parameter.name, _ANY, MISSING if parameter.default is None else _DEFAULTED, False
        )
        for parameter in template.node.parameters
    }
    if template.node.kind != "block":
        arguments.setdefault("name", _NAME)
        arguments.setdefault("trainable", _TRAINABLE)
    return arguments


def configure_template(
    frame: Frame, template: Template, call: nodes.Call, name: tuple[str, Span] | None
) -> Any:
    """`residual(64)` or `encoder()`: a block to apply, or a new instance of a model."""
    subject = template.node.name
    arguments = _arguments(template)
    bound = bind(frame, subject, call, arguments, call.span)
    values = None if bound is None else converted(frame, subject, arguments, bound)
    if values is None:
        return UNKNOWN_VALUE
    if template.node.kind == "block":
        return Configured(template, tuple(values.items()), call.span)
    own = {p.name for p in template.node.parameters}
    given = None if "name" in own else values.pop("name", None)
    if given is not None and name is None and bound is not None:
        name = (given, bound["name"].value.span)
    trainable = True if "trainable" in own else values.pop("trainable", True)
    layer = _instance(frame, template, values, call.span, trainable=trainable, is_shared=False)
    if layer is None:
        return UNKNOWN_VALUE
    if name is not None and frame.namer.claim(*name) is not None:
        name = None
    return LayerValue(make_use(frame, layer, call.span, name), {})


def model_layer(frame: Frame, template: Template, span: Span) -> Any:
    """What a model's bare name stands for: one instance, one layer in each model around it."""
    shared = _shared(frame)
    found = shared.get(template)
    if found is None:
        layer = template.instances.get("layer")
        if layer is None:
            missing = [p.name for p in template.node.parameters if p.default is None]
            if missing:
                frame.report(
                    MISSING_ARGUMENT,
                    f"{template.node.name} needs `{missing[0]}`, which has no default",
                    span,
                )
                return UNKNOWN_VALUE
            layer = _instance(frame, template, {}, span, trainable=True, is_shared=True)
            if layer is None:
                return UNKNOWN_VALUE
            template.instances["layer"] = layer
        found = LayerValue(make_use(frame, layer, span, None), {})
        shared[template] = found
    return found


def _shared(frame: Frame) -> dict[Template, LayerValue]:
    """The bare models used in the model being built, each one layer of it."""
    assert frame.builder is not None
    return frame.builder.shared


def _instance(
    frame: Frame,
    template: Template,
    values: dict[str, Any],
    span: Span,
    *,
    trainable: bool,
    is_shared: bool,
) -> ModelLayer | None:
    if template in frame.run.active:
        _report_recursion(frame, template, span)
        return None
    name = template.node.name
    if template.node.kind == "sequential" and not _has_input(template.node):
        return ModelLayer.of(
            None,
            name,
            trainable=trainable,
            is_shared=is_shared,
            build=lambda types: elaborate_model(template, values, input_types=types),
        )
    graph = elaborate_model(template, values)
    if not graph.is_complete:
        return None
    return ModelLayer.of(graph, name, trainable=trainable, is_shared=is_shared)


def _has_input(node: nodes.Definition) -> bool:
    return any(isinstance(statement, nodes.Input) for statement in node.body)


def _report_recursion(frame: Frame, template: Template, span: Span) -> None:
    name = template.node.name
    frame.report(
        RECURSIVE_USE,
        f"{name} uses itself",
        span,
        others=(Label(template.node.name_span, f"{name} is defined here"),),
        help="repeat a block with for: for i in range(n) { x = x -> block() }",
    )


def parameter_values(
    template: Template, given: dict[str, Any], scope: FileScope, frame: Frame
) -> dict[str, Any]:
    """All parameters of a template: given values, and defaults evaluated in its own file."""
    values: dict[str, Any] = {}
    inner = Frame(scope, path=frame.path)
    for parameter in template.node.parameters:
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
        elif parameter.default is None:
            values[parameter.name] = UNKNOWN_VALUE
        else:
            inner.names = values
            values[parameter.name] = evaluate(parameter.default, inner)
    return values


# Models


def elaborate_model(
    template: Template,
    given: dict[str, Any],
    *,
    input_types: tuple[TensorType, ...] | None = None,
    input_shapes: dict[str, nodes.Annotation] | None = None,
) -> ModelGraph:
    """The graph of a model under a configuration; the same object for the same configuration."""
    key = (tuple((name, repr(value)) for name, value in given.items()), input_types)
    found = template.instances.get(key)
    if isinstance(found, ModelGraph):
        return found
    scope, node = template.file_scope, template.node
    run = scope.run
    model = ModelGraph(node.name, node.kind, node.name_span)
    template.instances[key] = model
    frame = Frame(scope, GraphBuilder(model))
    frame.kind = node.kind
    frame.names = parameter_values(template, given, scope, frame)
    frame.input_types = input_types
    frame.input_shapes = input_shapes or {}
    errors = run.sink.error_count
    run.active.append(template)
    try:
        execute(node.body, frame)
    finally:
        run.active.pop()
    _finish_model(frame, node, model, failed=run.sink.error_count > errors)
    return model


def _finish_model(
    frame: Frame, node: nodes.Definition, model: ModelGraph, *, failed: bool
) -> None:
    _report_unused_shapes(frame, node)
    if node.kind == "sequential" and frame.current is not None:
        frame.outputs = [(None, frame.current, node.name_span)]
    values = [(name, value) for name, value, _ in frame.outputs]
    if not failed and not model.inputs and node.kind == "model":
        frame.report(NO_INPUT, f"{node.name} needs an input, got none", node.name_span)
        failed = True
    if not failed and not values and node.kind == "model":
        frame.report(
            NO_OUTPUT,
            f"{node.name} needs an output, got none",
            node.name_span,
            help="end it with: output x",
        )
        failed = True
    names: set[str] = set()
    for name, value in values:
        if not isinstance(value, TensorValue):
            failed = True
            continue
        model.outputs.append(OutputRecord(_free_name(name or value.name, names), to_refs(value), value.type))
    model.is_complete = not failed and bool(model.outputs)
    if model.is_complete:
        _drop_unused(frame, model)


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    taken.add(free)
    return free


def _report_unused_shapes(frame: Frame, node: nodes.Definition) -> None:
    for name in frame.input_shapes:
        if name not in frame.used_shapes:
            known = ", ".join(f"`{each}`" for each in frame.inputs) or "none"
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{node.name} has no input `{name}` to give a shape to; its inputs: {known}",
                node.name_span,
            )


def _drop_unused(frame: Frame, model: ModelGraph) -> None:
    """Keep the inputs and what leads to the outputs, as Keras does; report other layers."""
    records = list(model.records())
    reached = model.leading_to({output.ref.node for output in model.outputs})
    if len(reached) == len(records):
        return
    dropped = [record for record in records if record.id not in reached]
    for record in dropped:
        if isinstance(record.layer, InputSource):
            reached.add(record.id)
        elif all(call not in reached for call in record.use.calls):
            frame.report(
                UNUSED_LAYER,
                f"{record.use.type_name} `{record.name}` reaches no output, and is left out",
                record.span,
            )
    if not any(isinstance(r.layer, InputSource) and r.id in reached for r in model.records()):
        frame.report(
            DISCONNECTED_OUTPUT, f"no input reaches the outputs of {model.name}", model.span
        )
    model.keep_only(reached)


# Blocks


def apply_block(
    frame: Frame,
    value: Template | Configured,
    piped: Any,
    span: Span,
    name: tuple[str, Span] | None,
) -> Any:
    """Elaborate a block on what is piped in: new layers, under the name of this use."""
    if isinstance(value, Template):
        template, given = value, {}
        missing = [p.name for p in template.node.parameters if p.default is None]
        if missing:
            frame.report(
                MISSING_ARGUMENT,
                f"{template} needs `{missing[0]}`, which has no default",
                span,
            )
            return UNKNOWN_VALUE
    else:
        template, given = value.template, dict(value.values)
    node = template.node
    if template in frame.run.active:
        _report_recursion(frame, template, span)
        return UNKNOWN_VALUE
    if len(frame.path) >= frame.run.limits.block_depth:
        frame.run.stop(span, f"blocks nest more than {frame.run.limits.block_depth} deep", "here")
    inputs = _block_inputs(frame, node, piped, span)
    if inputs is None:
        return UNKNOWN_VALUE
    if name is not None and frame.namer.claim(*name) is not None:
        name = None
    label = frame.namer.prefix + name[0] if name else frame.namer.automatic(node.name, span)
    use = BlockUse(label, node.name, span)
    inner = Frame(template.file_scope, frame.builder, Namer(f"{label}."), (*frame.path, use))
    inner.kind = "block"
    inner.names = parameter_values(template, given, template.file_scope, inner)
    inner.inputs = inputs
    frame.run.active.append(template)
    try:
        execute(node.body, inner)
    finally:
        frame.run.active.pop()
    results = tuple(each for _, each, _ in inner.outputs)
    if not results:
        if not any(isinstance(each, nodes.Broken) for each in node.body):
            inner.report(
                NO_OUTPUT, f"{node.name} needs an output, got none", node.name_span,
                help="end it with: output x",
            )  # fmt: skip
        return UNKNOWN_VALUE
    return results[0] if len(results) == 1 else results


def _block_inputs(
    frame: Frame, node: nodes.Definition, piped: Any, span: Span
) -> dict[str, Any] | None:
    names = [each.name for each in node.body if isinstance(each, nodes.Input) and each.name]
    if isinstance(piped, BundleValue):
        given = {name: value for name, value, _ in piped.values}
        wrong = [name for name in given if name not in names] or [
            name for name in names if name not in given
        ]
        if wrong:
            frame.report(
                BAD_ARGUMENT,
                f"{node.name} needs inputs {', '.join(f'`{n}`' for n in names)}, "
                f"got {', '.join(f'`{n}`' for n in given)}",
                span,
            )
            return None
        return given
    items = list(piped) if isinstance(piped, tuple) else [piped]
    if isinstance(piped, list) and len(names) > 1:
        items = list(piped)
    if len(items) != len(names):
        frame.report(
            INPUT_COUNT,
            f"{node.name} needs {len(names)} input{'s' if len(names) != 1 else ''}, "
            f"got {len(items)}",
            span,
            others=(Label(node.name_span, f"{node.name} is defined here"),),
        )
        return None
    return dict(zip(names, items, strict=True))
