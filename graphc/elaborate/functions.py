"""Tensor functions with parentheses: `reshape(x, [4])`, and `x -> reshape([4])`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphc.declare.op import Op
from graphc.diagnostics.codes import UNKNOWN_ARGUMENT
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.arguments import bind, evaluate_argument
from graphc.elaborate.bundles import placed
from graphc.elaborate.frame import Frame, evaluate
from graphc.elaborate.op_calls import apply_op
from graphc.elaborate.report import names_text
from graphc.elaborate.uses import Name, claimed
from graphc.elaborate.values import UNKNOWN_VALUE, BundleValue
from graphc.source import Span
from graphc.syntax import nodes

_NOTHING: Mapping[int, Any] = {}


def call_op(
    op: Op,
    node: nodes.Call,
    frame: Frame,
    piped: tuple[Any, ...],
    name: Name | None,
    known: Mapping[int, Any] = _NOTHING,
) -> Any:
    """Call a tensor function, with what is piped into it first.

    `known` has the values of arguments that are evaluated already, by the ids of their nodes.
    """
    if op.variadic:
        values = [evaluate(a.value, frame) for a in node.arguments if a.name is None]
        if not _are_known(op, [(a.name, a.span) for a in node.arguments if a.name], frame):
            return UNKNOWN_VALUE
        named = {a.name: evaluate(a.value, frame) for a in node.arguments if a.name is not None}
        place = op.piped_place
        args = (*values[:place], *piped, *values[place:])
        return apply_op(frame, op, args, named, node.span, name=claimed(frame, name))
    bound = bind(frame, op.name, node, op.arguments, node.span, given=len(piped))
    if bound is None:
        return UNKNOWN_VALUE
    positional = dict(zip(op.arguments, piped, strict=False))
    keyword = {
        each: known[id(argument)]
        if id(argument) in known
        else evaluate_argument(argument.value, op.arguments[each].rule, frame)
        for each, argument in bound.items()
    }
    spans = {each: argument.value.span for each, argument in bound.items()}
    return apply_op(
        frame,
        op,
        tuple(positional.values()),
        keyword,
        node.span,
        argument_spans=spans,
        name=claimed(frame, name),
    )


def call_op_by_name(
    op: Op,
    node: nodes.Call | None,
    piped: BundleValue,
    frame: Frame,
    span: Span,
    name: Name | None,
) -> Any:
    """Call a tensor function on tensors piped by name."""
    names = [each for each, argument in op.arguments.items() if not argument.is_keyword_only]
    bundle = placed(piped, names, op.name, frame, span)
    if bundle is None:
        return UNKNOWN_VALUE
    piped = bundle
    given = {each: value for each, value, _ in piped.values}
    if not _are_known(op, [(each, place) for each, _, place in piped.values], frame):
        return UNKNOWN_VALUE
    rest = {each: argument for each, argument in op.arguments.items() if each not in given}
    bound = bind(frame, op.name, node, rest, span)
    if bound is None:
        return UNKNOWN_VALUE
    values = {
        each: evaluate_argument(argument.value, rest[each].rule, frame)
        for each, argument in bound.items()
    }
    spans = {each: argument.value.span for each, argument in bound.items()}
    return apply_op(
        frame, op, (), {**given, **values}, span, argument_spans=spans, name=claimed(frame, name)
    )


def _are_known(op: Op, names: Sequence[Name], frame: Frame) -> bool:
    """Whether a function has arguments of these names; report the first that it has not."""
    for name, span in names:
        if name not in op.arguments and not op.takes_any_name:
            known = list(op.arguments)
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{op.name} has no argument `{name}`",
                span,
                help=did_you_mean(name, known) or f"it has {names_text(known)}",
            )
            return False
    return True
