"""Reports: faults that know no place, at theirs; and how messages name things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphc.declare.layer import Layer
from graphc.diagnostics.codes import DTYPE_MISMATCH, MISPLACED_STATEMENT
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import CALL, Fault
from graphc.elaborate.frame import Frame
from graphc.elaborate.values import TensorValue
from graphc.source import Span

_NO_SPANS: dict[str, Span] = {}
_LONGEST_CALL = 60
_TENSORS_SHOWN = 4


def report_fault(
    frame: Frame,
    fault: Fault,
    subject: str,
    span: Span,
    *,
    arguments: Mapping[str, Span] = _NO_SPANS,
    inputs: Mapping[str, Any] | None = None,
    others: tuple[Label, ...] = (),
) -> None:
    """Report a fault of `subject` at `span`, or at the argument at fault where it has a span.

    `inputs` are the tensors of the call by argument: those at fault are pointed at.
    """
    at_fault = [arguments[name] for name in fault.arguments if name in arguments]
    place = at_fault[0] if at_fault else span
    labels = [Label(other, "and this") for other in at_fault[1:]]
    tensors = _at_fault(fault, inputs or {})
    if fault.code.id.startswith("E03"):
        labels += _origins(fault, tensors, span)
    fix = None
    if fault.replacement is not None and at_fault:
        fix = Fix(f"write {fault.replacement}", (Edit(place, fault.replacement),))
    message = f"{subject} {fault.message}" if subject else fault.message
    frame.report(
        fault.code, message, place, fault.label,
        others=(*labels, *others), help=_help(frame, fault, tensors, span), fix=fix,
    )  # fmt: skip


def source_text(span: Span) -> str:
    """A call as the source has it, where that fits into a line; else an ellipsis."""
    text = span.text
    return text if len(text) <= _LONGEST_CALL and "\n" not in text else "…"


def tensor_name(frame: Frame) -> str:
    """A tensor that could be meant, for help lines: the last that was bound."""
    bound = [name for name, value in frame.names.items() if isinstance(value, TensorValue)]
    return bound[-1] if bound else "x"


def names_text(names: Sequence[str]) -> str:
    """Names in a sentence: "`query`, `key` and `value`"."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def inputs_text(names: Sequence[str]) -> str:
    """How many inputs there are, and their names: "2 inputs (`query` and `memory`)"."""
    if not names:
        return "no input"
    return f"{len(names)} inputs ({names_text(names)})" if len(names) > 1 else "1 input"


def has_text(tensor: TensorValue, fault_code: Any = None) -> str:
    """What a mark at the origin of a tensor says: "image has shape [B, 784]"."""
    name = tensor.shown or "this"
    if fault_code is DTYPE_MISMATCH:
        return f"{name} has dtype {tensor.type.dtype}"
    return f"{name} has shape {tensor.type}"


def _help(frame: Frame, fault: Fault, tensors: list[TensorValue], span: Span) -> str | None:
    if fault.rank is not None and len(tensors) == 1 and frame.builder is not None:
        before = frame.builder.model.record(tensors[0].node).layer
        advice = before.help_with_rank(fault.rank) if isinstance(before, Layer) else None
        if advice is not None:
            return advice
    return None if fault.help is None else fault.help.replace(CALL, source_text(span))


def _origins(fault: Fault, tensors: list[TensorValue], span: Span) -> list[Label]:
    labels = [Label(t.span, has_text(t, fault.code)) for t in tensors if t.span != span]
    return list(dict.fromkeys(labels))[:_TENSORS_SHOWN]


def _at_fault(fault: Fault, inputs: Mapping[str, Any]) -> list[TensorValue]:
    """The tensors that a fault is about: those it names, or else all."""
    tensors: list[TensorValue] = []
    for name in fault.inputs or tuple(inputs):
        value = inputs.get(name)
        if value is None:
            argument, _, place = name.rpartition(".")
            listed = inputs.get(argument)
            value = listed[int(place)] if isinstance(listed, (list, tuple)) else None
        tensors += _tensors(value)
    return tensors


def _tensors(value: Any) -> Iterator[TensorValue]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, TensorValue):
        yield value


def report_misplaced(frame: Frame, span: Span, what: str, where: str) -> None:
    """A statement that stands where it does not belong."""
    frame.report(MISPLACED_STATEMENT, f"`{what}` belongs in {where}", span)
