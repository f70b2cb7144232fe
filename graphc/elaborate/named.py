"""Names of layers: `as`."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import Op
from graphc.declare.values import value_text
from graphc.diagnostics.codes import NOT_CALLABLE, REPEATED_LAYER_NAME, STATIC_TYPE
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.calls import call_by_parentheses, report_bare_class
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.templates import model_layer
from graphc.elaborate.uses import Name, claim
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    Builtin,
    ClassValue,
    LayerValue,
    Template,
    TensorValue,
    is_block,
)
from graphc.syntax import nodes


@evaluates(nodes.Named)
def _named(node: nodes.Named, frame: Frame) -> Any:
    name = layer_name(node.name, frame)
    if name is None:
        evaluate(node.value, frame)
        return UNKNOWN_VALUE
    value = with_name(node.value, name, frame)
    if isinstance(value, ClassValue):
        return report_bare_class(value.cls, frame, node.value)
    if not is_block(value):
        return value
    frame.report(
        NOT_CALLABLE,
        "`as` names one use of a block, and nothing is carried into this one",
        name[1],
        help=f"name it where it is used: x -> {node.span.text}"
        if "\n" not in node.span.text
        else None,
    )
    return UNKNOWN_VALUE


def layer_name(node: nodes.Name | nodes.Literal | nodes.FString, frame: Frame) -> Name | None:
    """The name after `as`: an identifier stands for itself."""
    value = node.id if isinstance(node, nodes.Name) else evaluate(node, frame)
    if value is UNKNOWN_VALUE:
        return None
    if not isinstance(value, str) or not value:
        frame.report(STATIC_TYPE, f"a name needs some text, got {value_text(value)}", node.span)
        return None
    return value, node.span


def with_name(node: nodes.Expression, name: Name, frame: Frame) -> Any:
    """An expression whose layer, block or tensor gets a name."""
    if isinstance(node, nodes.Call):
        return call_by_parentheses(node, frame, name)
    value = evaluate(node, frame)
    return rename(value, name, frame)


def rename(value: Any, name: Name, frame: Frame) -> Any:
    """Name a layer that was made without a name."""
    if value is UNKNOWN_VALUE or isinstance(value, (Op, Builtin)) or is_block(value):
        return value
    if isinstance(value, ClassValue) and value.cls.family == "layer":
        return value  # reported where it is used
    if isinstance(value, Template) and frame.builder is not None:
        return rename(model_layer(frame, value, name[1]), name, frame)
    if isinstance(value, TensorValue):
        assert frame.builder is not None
        layer = rename(
            LayerValue(frame.builder.model.record(value.node).use, {}, frame.builder), name, frame
        )
        return value if layer is UNKNOWN_VALUE else value.renamed(layer.use.name)
    if not isinstance(value, LayerValue):
        frame.report(
            NOT_CALLABLE, f"`as` needs a layer before it, got {value_text(value)}", name[1]
        )
        return UNKNOWN_VALUE
    if value.use.is_named:
        frame.report(
            REPEATED_LAYER_NAME,
            f"the layer is named `{value.use.name}` already",
            name[1],
            others=(Label(value.use.span, "made here"),),
        )
    elif value.use.name == frame.namer.prefix + name[0]:  # a loop gives it the name that is next
        value.use.is_named = True
    elif claim(frame, name):
        frame.namer.give_back(value.use.name)
        value.use.name = frame.namer.prefix + name[0]
        value.use.is_named = True
    return value
