"""Parentheses: what they configure, and what they call."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import OPS, Op
from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    MISSING_ARGUMENT,
    NOT_CALLABLE,
    REPEATED_LAYER_NAME,
    TOO_MANY_ARGUMENTS,
    UNKNOWN_ARGUMENT,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.elaborate.arguments import bind, configure, converted, holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.functions import call_op
from graphc.elaborate.report import report_fault, source_text
from graphc.elaborate.templates import configure_template
from graphc.elaborate.uses import Name, describe, own_use
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    Builtin,
    ClassValue,
    Configured,
    LayerValue,
    Template,
)
from graphc.elaborate.weight import check_weight, work_of
from graphc.source import Span
from graphc.syntax import nodes


@evaluates(nodes.Call)
def _evaluate_call(node: nodes.Call, frame: Frame) -> Any:
    return call_by_parentheses(node, frame, None)


def call_by_parentheses(node: nodes.Call, frame: Frame, name: Name | None) -> Any:
    """What a name with parentheses stands for: a layer, a configured block, a value."""
    callee = evaluate(node.function, frame)
    if callee is UNKNOWN_VALUE:
        for argument in node.arguments:
            evaluate_quietly(argument.value, frame)
        return callee
    if isinstance(callee, ClassValue):
        if callee.cls.family == "layer":
            return make_layer(callee.cls, node, frame, name)
        return configure(callee, node, frame)
    if isinstance(callee, Template):
        return configure_template(frame, callee, node, name)
    if isinstance(callee, Builtin):
        return _call_builtin(callee, node, frame, name)
    if isinstance(callee, Op):
        return call_op(callee, node, frame, (), name)
    _report_not_callable(callee, node, frame)
    return UNKNOWN_VALUE


def _report_not_callable(callee: Any, node: nodes.Call, frame: Frame) -> None:
    """Something that is not a class, block or function before parentheses: Keras' own calls."""
    if not isinstance(callee, (LayerValue, Configured)):
        frame.report(
            NOT_CALLABLE,
            f"parentheses need a layer, block or function before them, got {value_text(callee)}",
            node.function.span,
        )
        return
    inside = node.arguments[0].span.to(node.arguments[-1].span) if node.arguments else None
    piped = "x" if inside is None else source_text(inside)
    piped = f"({piped})" if len(node.arguments) > 1 else piped
    subject = describe(callee) if isinstance(callee, LayerValue) else callee.template.node.name
    frame.report(
        NOT_CALLABLE,
        f"{subject} needs its input by an arrow, got it in parentheses",
        node.span,
        help=f"write {piped} -> {source_text(node.function.span)}",
    )


def evaluate_quietly(node: nodes.Expression, frame: Frame) -> None:
    """Evaluate arguments of something unknown for their own errors, names expected there aside."""
    if not isinstance(node, nodes.Name):
        evaluate(node, frame)


def make_layer(
    cls: Any, node: nodes.Call | None, frame: Frame, name: Name | None, span: Span | None = None
) -> Any:
    """A new layer of a class, from the arguments of a call."""
    place = node.span if node is not None else span
    assert place is not None
    frame.run.count_layer(place)
    subject = cls.__name__
    bound = bind(frame, subject, node, cls.arguments, place)
    values = None if bound is None else converted(frame, subject, cls.arguments, bound)
    if bound is None or values is None:
        if name is not None:
            frame.namer.claim(*name)
        return UNKNOWN_VALUE
    given = values.pop("name", None)
    if given is not None and name is not None and given != name[0]:
        frame.report(
            REPEATED_LAYER_NAME,
            f"the layer is named `{given}` already",
            name[1],
            others=(Label(bound["name"].span, "named here"),),
        )
    if given is not None:
        name = (given, bound["name"].value.span)
    spans = {argument: each.value.span for argument, each in bound.items()}
    try:
        layer = cls.from_values(values)
    except Fault as fault:
        report_fault(frame, fault, subject, place, arguments=spans)
        return UNKNOWN_VALUE
    use = own_use(frame, layer, place, name)
    if use is None:
        return UNKNOWN_VALUE
    use.is_thawed = "trainable" in spans and layer.trainable
    return LayerValue(use, spans, frame.builder, home=frame.home)


def report_bare_class(cls: Any, frame: Frame, target: nodes.Expression) -> Any:
    """A layer class without parentheses: reported, with the fix where it needs no arguments."""
    required = [each for each, argument in cls.arguments.items() if argument.is_required]
    inside = ", ".join(required)
    frame.report(
        NOT_CALLABLE,
        f"{cls.__name__} is a class of layers: parentheses make a layer of it",
        target.span,
        help=f"write {cls.__name__}({inside})",
        fix=None
        if required
        else Fix(
            f"write {cls.__name__}()",
            (Edit(Span(target.span.file, target.span.end, target.span.end), "()"),),
        ),
    )
    return UNKNOWN_VALUE


def _call_builtin(callee: Builtin, node: nodes.Call, frame: Frame, name: Name | None) -> Any:
    values = [evaluate(argument.value, frame) for argument in node.arguments]
    frame.run.step(node.span, 3 * sum(map(work_of, values)))
    if any(holds_unknown(value) for value in values):
        return UNKNOWN_VALUE
    if callee.name in OPS and any(map(holds_tensor, values)):
        known = dict(zip(map(id, node.arguments), values, strict=True))
        return call_op(OPS[callee.name], node, frame, (), name, known)
    named = [argument for argument in node.arguments if argument.name is not None]
    if named:
        frame.report(
            UNKNOWN_ARGUMENT,
            f"`{callee.name}` takes its arguments by place, got `{named[0].name}`",
            named[0].span,
        )
        return UNKNOWN_VALUE
    try:
        result = callee.function(*values)
        check_weight(result, frame.run.limits)
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
    except TypeError:
        # Raised by the call itself: the bodies check what they are given.
        most = callee.function.__code__.co_argcount
        arguments = "1 argument" if most == 1 else f"{most} arguments"
        frame.report(
            TOO_MANY_ARGUMENTS if len(values) > most else MISSING_ARGUMENT,
            f"`{callee.name}` takes {arguments}, got {len(values)}",
            node.span,
        )
    else:
        return result
    return UNKNOWN_VALUE
