"""Inputs of models and blocks."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import value_text
from graphc.diagnostics.codes import MISPLACED_STATEMENT, NOT_A_TENSOR, UNKNOWN_SIZE
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.annotations import given_type, input_type, match_shape
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.frame import Frame, executes
from graphc.elaborate.named import layer_name
from graphc.elaborate.report import report_misplaced
from graphc.elaborate.uses import claim
from graphc.elaborate.values import UNKNOWN_VALUE, TensorValue
from graphc.ir.graph import InputSource, LayerUse
from graphc.ir.types import TensorType
from graphc.source import Span
from graphc.syntax import nodes


@executes(nodes.Input)
def _input(node: nodes.Input, frame: Frame) -> None:
    _bind_input(node, frame)
    if frame.first_input is None and node.name is not None:
        frame.first_input = frame.names.get(node.name)


def _bind_input(node: nodes.Input, frame: Frame) -> None:
    if frame.kind not in ("model", "sequential", "block"):
        report_misplaced(frame, node.span, "input", "a model, a sequential or a block")
        return
    if node.is_optional and frame.kind != "model":
        frame.report(
            MISPLACED_STATEMENT, f"an input of a {frame.kind} cannot be left out", node.span,
            help="leave out `= None`",
        )  # fmt: skip
    if frame.kind == "block":
        _block_input(node, frame)
        return
    if node.name is None and frame.kind == "model":
        frame.report(
            MISPLACED_STATEMENT, "an input of a model needs a name: input x: [...]", node.span
        )
        return
    if frame.kind == "sequential" and frame.current is not None:
        frame.report(
            MISPLACED_STATEMENT,
            "a sequential has one input, which comes before its layers",
            node.span,
        )
        return
    value = _model_input(node, frame)
    if frame.kind == "sequential":
        frame.current = value
    if node.name is not None:
        frame.inputs[node.name] = value
        frame.names[node.name] = value


def _model_input(node: nodes.Input, frame: Frame) -> Any:
    key = node.name or ""
    override = frame.input_shapes.get(key)
    if override is None and frame.kind == "sequential":
        override = frame.input_shapes.get("")
        key = "" if override is not None else key
    if override is not None:
        frame.used_shapes.add(key)
        made = given_type(node.name or "input", override, node.annotation, frame)
    elif node.annotation is not None:
        made = input_type(node.annotation, frame)
    else:
        frame.report(
            UNKNOWN_SIZE,
            f"the input `{node.name}` of a model needs a shape: input {node.name}: [...]",
            node.span,
        )
        return UNKNOWN_VALUE
    name = (node.name or "", node.name_span or node.span)
    if node.layer_name is not None:
        name = layer_name(node.layer_name, frame) or name
    if name[0] and not claim(frame, name):
        return UNKNOWN_VALUE
    if made is None:
        return UNKNOWN_VALUE
    place = node.annotation.span if node.annotation is not None else node.span
    return new_input(frame, name[0], place, made, shown=node.name, is_optional=node.is_optional)


def new_input(
    frame: Frame, name: str, span: Span, type: TensorType, shown: str | None = None,
    *, is_optional: bool = False,
) -> TensorValue:  # fmt: skip
    """A new input of the model; Keras' name for it, if it has none."""
    assert frame.builder is not None
    if not name:
        name = frame.namer.automatic("input_layer", span)
    use = LayerUse(InputSource(type, is_optional), name, span, frame.path, is_named=True)
    use.weights = ()
    node = frame.builder.call(use, span, frame.path, {}, (type,))
    frame.builder.model.inputs.append(node)
    return TensorValue(node, 0, type, span, shown or name, shown)


@executes(nodes.InputForm)
def _form(node: nodes.InputForm, frame: Frame) -> None:
    if frame.kind != "model":
        frame.report(MISPLACED_STATEMENT, "the form of inputs is for a model to state", node.span)
        return
    if frame.input_form is not None:
        frame.report(
            MISPLACED_STATEMENT,
            "the form of a model's inputs is stated twice",
            node.span,
            others=(Label(frame.input_form.span, "stated here first"),),
        )
        return
    frame.input_form = node


def _block_input(node: nodes.Input, frame: Frame) -> None:
    if node.name is None:
        frame.report(MISPLACED_STATEMENT, "an input of a block needs a name: input x", node.span)
        return
    if node.annotation is not None and node.annotation.batch is not None:
        frame.report(
            MISPLACED_STATEMENT,
            "the batch of a block's input is that of what is piped in",
            node.annotation.batch.span,
            help="leave it out",
        )
    block = frame.path[-1]
    value = frame.inputs.get(node.name, UNKNOWN_VALUE)
    if not holds_unknown(value) and not _is_input(value, node):
        frame.report(
            NOT_A_TENSOR,
            f"{block.block} needs `{node.name}` to be a tensor, got {value_text(value)}",
            block.span,
            others=(Label(node.span, "stated here"),),
        )
        value = UNKNOWN_VALUE
    if isinstance(value, TensorValue):
        if node.annotation is not None:
            fits = match_shape(
                frame, node.name, node.annotation, value, use=block.span, subject=block.block
            )
            if not fits:
                value = UNKNOWN_VALUE
        if isinstance(value, TensorValue):
            # What messages call it stays what it is called where it comes from.
            value = TensorValue(
                value.node, value.index, value.type, value.span, node.name, value.shown
            )
    if value is UNKNOWN_VALUE and node.annotation is not None:
        _names_unknown(node.annotation, frame)
    frame.names[node.name] = value


def _is_input(value: Any, node: nodes.Input) -> bool:
    """A tensor; or a list of them, whose shape cannot be stated."""
    return isinstance(value, TensorValue) or (node.annotation is None and holds_tensor(value))


def _names_unknown(annotation: nodes.Annotation, frame: Frame) -> None:
    """The names that an annotation would have bound are unknown, silently."""
    for dim in annotation.dims:
        if isinstance(dim, nodes.Name) and dim.id not in frame.names:
            frame.names[dim.id] = UNKNOWN_VALUE
