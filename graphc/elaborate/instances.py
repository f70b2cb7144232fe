"""Models elaborated: the graph of a configuration, and the layers that apply it."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import RECURSIVE_USE
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.builder import GraphBuilder
from graphc.elaborate.finish import finish_model
from graphc.elaborate.frame import FileScope, Frame, evaluate, execute
from graphc.elaborate.limits import INSTANCE_STEPS
from graphc.elaborate.uses import report_slash
from graphc.elaborate.values import UNKNOWN_VALUE, LayerValue, Template
from graphc.ir.graph import ModelGraph
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span
from graphc.syntax import nodes


def layer_of(frame: Frame, value: LayerValue) -> Any:
    """The layer of a value, for use in this body; its model notes where it comes from."""
    layer = value.use.layer
    if frame.builder is not None and value.home is not frame.home:
        home = None if value.home is None else value.home.model
        frame.builder.model.borrowed[id(layer)] = (layer, home)
    return layer


def shared_instance(frame: Frame, template: Template, span: Span) -> ModelLayer | None:
    """The one instance that a model's bare name stands for; None after a report."""
    found: ModelLayer | None = template.instances.get("layer")
    if found is None:
        found = new_instance(frame, template, {}, span, trainable=True, is_shared=True)
        if found is not None:
            template.instances["layer"] = found
    return found


def new_instance(
    frame: Frame,
    template: Template,
    values: dict[str, Any],
    span: Span,
    *,
    trainable: bool,
    is_shared: bool,
) -> ModelLayer | None:
    """A layer that applies a model under a configuration; None after a report."""
    if template in frame.run.active:
        report_recursion(frame, template, span)
        return None
    check_depth(frame, "models", span)
    frame.run.step(span, INSTANCE_STEPS)
    name = template.node.own_name
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


def check_depth(frame: Frame, what: str, span: Span) -> None:
    """End the run where blocks and models stand in each other deeper than anyone writes."""
    if len(frame.run.active) > frame.run.limits.block_depth:
        frame.run.stop(span, f"{what} nest more than {frame.run.limits.block_depth} deep")


def _has_input(node: nodes.Definition) -> bool:
    return any(isinstance(statement, nodes.Input) for statement in node.body)


def report_recursion(frame: Frame, template: Template, span: Span) -> None:
    """Report a block or model that stands in itself."""
    name = template.node.name
    frame.report(
        RECURSIVE_USE,
        f"{name} uses itself",
        span,
        others=(Label(template.node.name_span, f"{name} is defined here"),),
        help=f"repeat it with for: for i in range(n) {{ x = x -> {name}() }}"
        if template.node.kind == "block"
        else "put what is repeated into a block, and use that in a loop",
    )


def parameter_values(
    template: Template, given: dict[str, Any], scope: FileScope, frame: Frame
) -> dict[str, Any]:
    """All parameters of a template: given values, and defaults evaluated in its own file."""
    values: dict[str, Any] = {}
    inner = Frame(scope, path=frame.path)
    inner.home = frame.home
    for parameter in template.node.parameters:
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
        elif parameter.default is None:
            values[parameter.name] = UNKNOWN_VALUE
        else:
            inner.names = values
            values[parameter.name] = evaluate(parameter.default, inner)
    return values


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
    model.trainable = not node.is_frozen
    model.own_name = node.own_name
    template.instances[key] = model
    template.given.append(given)
    frame = Frame(scope, GraphBuilder(model))
    frame.kind = node.kind
    frame.names = parameter_values(template, given, scope, frame)
    frame.input_types = input_types
    frame.input_shapes = _by_name(input_shapes or {}, node)
    if run.observer is not None:
        run.observer.entered(template, frame, None, node.name_span)
    errors = run.sink.error_count
    if node.label is not None and "/" in node.own_name:
        report_slash(frame, "model", (node.own_name, node.label.span))
    run.active.append(template)
    try:
        execute(node.body, frame)
    finally:
        run.active.pop()
    finish_model(frame, node, model, failed=run.sink.error_count > errors)
    return model


def _by_name(
    shapes: dict[str, nodes.Annotation], node: nodes.Definition
) -> dict[str, nodes.Annotation]:
    """Shapes by the names of inputs: one without a name is for the only input."""
    names = [each.name for each in node.body if isinstance(each, nodes.Input)]
    if "" not in shapes or len(names) != 1 or names[0] is None or names[0] in shapes:
        return shapes
    return {name or names[0]: shape for name, shape in shapes.items()}
