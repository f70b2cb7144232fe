"""Tensor functions applied to tensors, and to static values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.definition import bad_argument, missing_argument
from graphc.declare.op import Op
from graphc.declare.rules import REJECTED
from graphc.declare.trace import StaticResult
from graphc.diagnostics.codes import NOT_STATIC, STATIC_ERROR
from graphc.diagnostics.fault import Fault
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.faults import note_fault
from graphc.elaborate.frame import Frame
from graphc.elaborate.report import report_fault
from graphc.elaborate.signatures import op_signature
from graphc.elaborate.uses import Name, add_call, make_use
from graphc.elaborate.values import UNKNOWN_VALUE
from graphc.source import Span


def apply_op(
    frame: Frame,
    op: Op,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    span: Span,
    *,
    argument_spans: Mapping[str, Span] | None = None,
    name: Name | None = None,
    subject: str | None = None,
) -> Any:
    """Apply a tensor function; on static values alone, its static result where it has one.

    `subject` is what messages call it, where that is not the function's name: `+`.
    """
    if any(holds_unknown(value) for value in (*args, *kwargs.values())):
        return UNKNOWN_VALUE
    names = [each for each, argument in op.arguments.items() if not argument.is_keyword_only]
    arguments = {
        (names[i] if i < len(names) else f"operand {i + 1}"): value for i, value in enumerate(args)
    }
    arguments.update(kwargs)
    spans = argument_spans or {}
    try:
        arguments = _accepted(op, arguments)
        if not any(holds_tensor(value) for value in arguments.values()):
            static = _static_result(op, arguments)
            if static is not None:
                return static
        signature = op_signature(frame, op, arguments)
    except Fault as fault:
        report_fault(frame, fault, subject or op.name, span, arguments=spans, inputs=arguments)
        note_fault(frame, "", op.type_name, arguments, span)
        return UNKNOWN_VALUE
    if isinstance(signature, StaticResult):
        return signature.value
    if frame.builder is None:
        frame.report(
            NOT_STATIC,
            f"{subject or op.name} makes a tensor, which needs to stand inside a model or block",
            span,
        )
        return UNKNOWN_VALUE
    frame.run.count_layer(span)
    use = make_use(frame, op, span, name)
    use.weights = ()
    return add_call(frame, use, arguments, signature, span)


def _accepted(op: Op, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments brought through the rules of the static ones."""
    result = {}
    for name, value in arguments.items():
        rule = op.rule_of(name)
        accepted = rule.accept(value)
        if accepted is REJECTED:
            raise bad_argument(name, rule, value)
        result[name] = accepted
    missing = [name for name, a in op.arguments.items() if a.is_required and name not in result]
    if missing:
        raise missing_argument(*missing)
    return result


def _static_result(op: Op, arguments: dict[str, Any]) -> Any:
    values = list(arguments.values())
    if op.static is None or not all(isinstance(v, (int, float)) for v in values):
        return None
    try:
        result = op.static(*values)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        raise Fault(
            STATIC_ERROR, f"has no value for {', '.join(str(value) for value in values)}"
        ) from None
    return None if isinstance(result, complex) else result
