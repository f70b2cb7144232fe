"""Lines of a sequential: each takes what the line before it gives."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import MISPLACED_STATEMENT
from graphc.elaborate.annotations import input_type
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.faults import StageFaults
from graphc.elaborate.frame import Frame, evaluate
from graphc.elaborate.input_statement import new_input
from graphc.elaborate.named import layer_name, rename
from graphc.elaborate.pipes import apply_stage, carry, is_function_call
from graphc.elaborate.values import UNKNOWN_VALUE, LayerValue, Template
from graphc.syntax import nodes


def add_line(node: nodes.Evaluate, frame: Frame) -> None:
    """One line of a sequential."""
    if frame.current is None:
        frame.current = implicit_input(node, frame)
    target, name = node.value, None
    if isinstance(target, nodes.Pipe):
        frame.report(
            MISPLACED_STATEMENT,
            "a line of a sequential is one layer, which takes the line before it",
            node.span,
            help="write one layer a line, or use a model",
        )
        frame.current = UNKNOWN_VALUE
        return
    if is_function_call(target, frame):
        frame.current = apply_stage(target, frame.current, frame, target)
        return
    faults, before = StageFaults(frame), frame.current
    if isinstance(target, nodes.Named):
        name = layer_name(target.name, frame)
        target = target.value
    value = evaluate(node.value, frame) if name is None else _named_line(node.value, frame)
    if frame.waits_for_input and isinstance(value, LayerValue):
        assert frame.builder is not None
        frame.builder.model.unbuilt.append(value.use)
    frame.current = carry(value, before, frame, target, target, name)
    if frame.current is UNKNOWN_VALUE and not holds_unknown(before):
        faults.note(node.value, before)


def _named_line(node: nodes.Expression, frame: Frame) -> Any:
    assert isinstance(node, nodes.Named)
    inner = node.value
    if isinstance(inner, nodes.Call):
        is_block = isinstance(inner.function, nodes.Name) and _is_block(inner.function.id, frame)
        return evaluate(inner if is_block else node, frame)
    value = evaluate(inner, frame)
    name = layer_name(node.name, frame)
    is_block = isinstance(value, Template) and value.node.kind == "block"
    return value if is_block or name is None else rename(value, name, frame)


def _is_block(name: str, frame: Frame) -> bool:
    found = frame.names.get(name, frame.scope.values.get(name))
    return isinstance(found, Template) and found.node.kind == "block"


def implicit_input(node: nodes.Node, frame: Frame) -> Any:
    """The input of a sequential that states none: given by the caller, or unknown."""
    if "" in frame.input_shapes or "inputs" in frame.input_shapes:
        given = "" if "" in frame.input_shapes else "inputs"
        frame.used_shapes.add(given)
        made = input_type(frame.input_shapes[given], frame)
        return UNKNOWN_VALUE if made is None else new_input(frame, "input_layer", node.span, made)
    if frame.input_types is None:
        frame.waits_for_input = True
        return UNKNOWN_VALUE
    if len(frame.input_types) != 1:
        return UNKNOWN_VALUE
    return new_input(frame, "input_layer", node.span, frame.input_types[0])
