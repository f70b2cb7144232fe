"""Turns a fault that knows no place into a diagnostic at its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.elaborate.builder import first_tensor
from graphc.elaborate.frame import Frame
from graphc.elaborate.values import TensorValue
from graphc.source import Span

_NO_SPANS: dict[str, Span] = {}


def report_fault(
    frame: Frame,
    fault: Fault,
    subject: str,
    span: Span,
    *,
    arguments: Mapping[str, Span] = _NO_SPANS,
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Report a fault of `subject` at `span`, or at the argument at fault where it has a span.

    `inputs` are the tensors of the call by argument: those at fault are pointed at.
    """
    at_fault = [arguments[name] for name in fault.arguments if name in arguments]
    place = at_fault[0] if at_fault else span
    others = [Label(other, "and this") for other in at_fault[1:]]
    if inputs is not None and not at_fault:
        others += _origins(fault, inputs, span)
    fix = None
    if fault.replacement is not None and at_fault:
        fix = Fix(f"write {fault.replacement}", (Edit(place, fault.replacement),))
    message = f"{subject} {fault.message}" if subject else fault.message
    frame.report(
        fault.code, message, place, fault.label, others=tuple(others), help=fault.help, fix=fix
    )


def _origins(fault: Fault, inputs: Mapping[str, Any], span: Span) -> list[Label]:
    names = fault.inputs or tuple(inputs)
    tensors: list[TensorValue] = []
    for name in names:
        tensors += _tensors(inputs.get(name))
    labels = []
    for tensor in tensors[:4]:
        if tensor.span == span:
            continue
        labels.append(Label(tensor.span, f"{tensor.name} has shape {tensor.type}"))
    return list(dict.fromkeys(labels))


def _tensors(value: Any) -> list[TensorValue]:
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(item)]
    return [value] if first_tensor(value) is not None else []
