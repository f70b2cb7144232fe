"""Statements that are no more than a line: outputs, requirements, expressions alone."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import value_text
from graphc.diagnostics.codes import MISPLACED_STATEMENT, NOT_A_TENSOR, OUTPUT_COUNT
from graphc.elaborate.frame import Frame, evaluate, executes
from graphc.elaborate.report import report_misplaced, source_text, tensor_name
from graphc.elaborate.sequential_lines import add_line
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    ClassValue,
    Configured,
    LayerValue,
    Template,
    TensorValue,
)
from graphc.ir.structure import flattened, places
from graphc.source import Span
from graphc.syntax import nodes


@executes(nodes.Broken)
def _broken(node: nodes.Broken, frame: Frame) -> None:
    for name in node.names:
        frame.names[name] = UNKNOWN_VALUE
    if frame.builder is not None:
        frame.builder.has_gaps = True
    frame.current = UNKNOWN_VALUE if frame.kind == "sequential" else frame.current


@executes(nodes.Evaluate)
def _evaluate(node: nodes.Evaluate, frame: Frame) -> None:
    if frame.kind == "sequential":
        add_line(node, frame)
        return
    value = evaluate(node.value, frame)
    if value is UNKNOWN_VALUE or isinstance(value, (TensorValue, tuple)):
        return
    frame.report(
        MISPLACED_STATEMENT,
        f"{value_text(value)} stands alone here, and nothing uses it",
        node.span,
        help=_carry_help(value, node.span, frame),
    )


def _carry_help(value: Any, span: Span, frame: Frame) -> str | None:
    """What is missing before a layer that nothing is carried into."""
    if not isinstance(value, (LayerValue, Template, Configured, ClassValue)):
        return None
    if isinstance(value, Configured):
        given = next((each for _, each in value.values if isinstance(each, TensorValue)), None)
        if given is not None:
            return f"arrows carry tensors: {given.name} -> {value.template}(…)"
    return f"carry a tensor into it: {tensor_name(frame)} -> {source_text(span)}"


@executes(nodes.Output)
def _output(node: nodes.Output, frame: Frame) -> None:
    if frame.kind == "sequential":
        frame.report(
            MISPLACED_STATEMENT,
            "a sequential needs no output: its last layer is its output",
            node.span,
            help=f"write {source_text(node.items[0].value.span)}" if len(node.items) == 1 else None,
        )
        return
    for item in node.items:
        value = evaluate(item.value, frame)
        name = item.name
        if isinstance(value, (tuple, list)) and all(isinstance(v, TensorValue) for v in value):
            if name is not None:
                frame.report(
                    OUTPUT_COUNT,
                    f"the output `{name}` needs 1 tensor, got {len(value)}",
                    item.value.span,
                    help="bind them to names first, and put those out",
                )
            first = len(frame.outputs)
            frame.outputs += [(None, each, item.span) for each in value]
            frame.output_structure.append(tuple(range(first, len(frame.outputs))))
            continue
        if frame.kind == "model" and name is None and _is_structure(value):
            frame.output_structure.append(places(value, len(frame.outputs)))
            # Keys are names of outputs where the dict is all that there is.
            is_all = len(node.items) == 1
            frame.outputs += [(k if is_all else None, v, item.span) for k, v in flattened(value)]
            continue
        if value is not UNKNOWN_VALUE and not isinstance(value, TensorValue):
            frame.report(
                NOT_A_TENSOR,
                f"an output needs a tensor, got {value_text(value)}",
                item.value.span,
                help=_carry_help(value, item.value.span, frame),
            )
            value = UNKNOWN_VALUE
        frame.output_structure.append(len(frame.outputs))
        frame.outputs.append((name, value, item.span))


def _is_structure(value: Any) -> bool:
    """Whether a value is dicts, or lists of these and lists, of nothing but tensors."""
    if not isinstance(value, (dict, list, tuple)) or not value:
        return False
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return False
    items = value.values() if isinstance(value, dict) else value
    return all(isinstance(item, TensorValue) or _is_structure(item) for item in items)


@executes(nodes.Require)
def _require(node: nodes.Require, frame: Frame) -> None:
    if frame.builder is None or frame.kind not in ("model", "sequential"):
        report_misplaced(frame, node.span, "require", "a model")
        return
    frame.builder.model.requirements.append((node, frame))
