"""Arrows carry tensors: into layers, blocks and functions."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import OPS, Op
from graphc.declare.values import value_text
from graphc.diagnostics.codes import NOT_A_TENSOR, NOT_CALLABLE
from graphc.elaborate.arguments import bind, holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.calls import report_bare_class
from graphc.elaborate.faults import StageFaults
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.functions import call_op, call_op_by_name
from graphc.elaborate.layer_inputs import apply_layer
from graphc.elaborate.named import layer_name, with_name
from graphc.elaborate.names import value_of
from graphc.elaborate.op_calls import apply_op
from graphc.elaborate.report import source_text, tensor_name
from graphc.elaborate.templates import apply_block, model_layer
from graphc.elaborate.uses import Name, claimed
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    Builtin,
    BundleValue,
    ClassValue,
    Configured,
    LayerValue,
    Template,
    TensorValue,
    is_stage,
)
from graphc.syntax import nodes


@evaluates(nodes.Pipe)
def _pipe(node: nodes.Pipe, frame: Frame) -> Any:
    value = evaluate(node.source, frame)
    start = node.source
    for stage in node.stages:
        value = apply_stage(stage, value, frame, start)
    return value


def apply_stage(stage: nodes.Expression, piped: Any, frame: Frame, source: nodes.Expression) -> Any:
    """Carry what is piped into one stage of a pipe."""
    faults = StageFaults(frame)
    value = _apply(stage, piped, frame, source)
    if value is UNKNOWN_VALUE and not _holds_gap(piped):
        faults.note(stage, piped)
    return value


def _holds_gap(piped: Any) -> bool:
    values = [each for _, each, _ in piped.values] if isinstance(piped, BundleValue) else [piped]
    return any(map(holds_unknown, values))


def _apply(stage: nodes.Expression, piped: Any, frame: Frame, source: nodes.Expression) -> Any:
    name = None
    target = stage
    if isinstance(stage, nodes.Named):
        name = layer_name(stage.name, frame)
        target = stage.value
    op = _function_called(target, frame)
    if op is not None:
        assert isinstance(target, nodes.Call)
        if isinstance(piped, BundleValue):
            return call_op_by_name(op, target, piped, frame, target.span, name)
        if holds_unknown(piped):
            return UNKNOWN_VALUE
        return call_op(op, target, frame, _as_arguments(op, piped), name)
    value = evaluate(target, frame) if name is None else with_name(target, name, frame)
    return carry(value, piped, frame, target, source, name)


def is_function_call(stage: nodes.Expression, frame: Frame) -> bool:
    """Whether a stage calls a tensor function, whose first argument is what is piped in."""
    target = stage.value if isinstance(stage, nodes.Named) else stage
    return _function_called(target, frame) is not None


def _function_called(target: nodes.Expression, frame: Frame) -> Op | None:
    if not isinstance(target, nodes.Call) or not isinstance(target.function, nodes.Name):
        return None
    _, callee = value_of(frame, target.function.id)
    if isinstance(callee, Builtin) and callee.name in OPS:
        callee = OPS[callee.name]
    return callee if isinstance(callee, Op) else None


def _as_arguments(op: Op, piped: Any) -> tuple[Any, ...]:
    return piped if isinstance(piped, tuple) else (piped,)


def carry(
    value: Any,
    piped: Any,
    frame: Frame,
    target: nodes.Expression,
    source: nodes.Expression,
    name: Name | None = None,
) -> Any:
    """Apply the value of a stage to what is piped into it."""
    span = target.span
    if isinstance(value, Builtin) and value.name in OPS:
        value = OPS[value.name]
    if frame.run.observer is not None:
        frame.run.observer.carried(target, value, piped, frame)
    if isinstance(value, ClassValue) and value.cls.family == "layer":
        value = report_bare_class(value.cls, frame, target)
    if isinstance(value, Template) and value.node.kind != "block":
        value = model_layer(frame, value, span)
    if value is UNKNOWN_VALUE or (not isinstance(piped, BundleValue) and holds_unknown(piped)):
        return UNKNOWN_VALUE
    if not isinstance(piped, BundleValue) and not holds_tensor(piped):
        frame.report(
            NOT_A_TENSOR,
            f"an arrow needs a tensor before it, got {value_text(piped)}",
            source.span,
            help=f"begin with a tensor: {tensor_name(frame)} -> {source_text(source.span)}"
            if isinstance(piped, (LayerValue, Template, Configured, ClassValue))
            else None,
        )
        return UNKNOWN_VALUE
    if isinstance(value, LayerValue):
        return apply_layer(value, piped, frame, span)
    if isinstance(value, (Template, Configured)):
        return apply_block(frame, value, piped, span, name)
    if isinstance(value, Op):
        if isinstance(piped, BundleValue):
            return call_op_by_name(value, None, piped, frame, span, name)
        missing = bind(
            frame, value.name, None, value.arguments, span, given=len(_as_arguments(value, piped))
        )
        if missing is None:
            return UNKNOWN_VALUE
        return apply_op(
            frame, value, _as_arguments(value, piped), {}, span, name=claimed(frame, name)
        )
    where = "a line of a sequential needs" if source is target else "an arrow needs"
    after = "" if source is target else " after it"
    frame.report(
        NOT_CALLABLE,
        f"{where} a layer{after}, got {value_text(value)}",
        span,
        help="write one layer a line"
        if source is target and isinstance(value, (list, tuple))
        else _no_stage_help(value, target, source),
    )
    return UNKNOWN_VALUE


def _no_stage_help(value: Any, target: nodes.Expression, source: nodes.Expression) -> str | None:
    """What was perhaps meant where a value that is no stage follows an arrow."""
    if isinstance(target, nodes.Conditional) and isinstance(value, TensorValue):
        pipe = source_text(source.span.to(target.value.span))
        rest = source_text(target.test.span), source_text(target.otherwise.span)
        return f"put the pipe in parentheses: ({pipe}) if {rest[0]} else {rest[1]}"
    if isinstance(value, (list, tuple)) and value and all(map(is_stage, value)):
        return "for one after the other: x -> a -> b; for each on its own: [x -> a, x -> b]"
    return None
