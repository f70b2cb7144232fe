"""Expressions that are not pipes: names, literals, operators, lists, attributes, indices."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import OPS
from graphc.declare.values import kind_text
from graphc.diagnostics.codes import (
    AXIS_OUT_OF_RANGE,
    LIMIT_EXCEEDED,
    NOT_STATIC,
    STATIC_TYPE,
    UNKNOWN_ATTRIBUTE,
)
from graphc.diagnostics.diagnostic import Label
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.names import no_value, value_of
from graphc.elaborate.report import report_fault
from graphc.elaborate.static import arithmetic, compare, is_size, truth
from graphc.elaborate.tensor_calls import apply_op
from graphc.elaborate.values import UNKNOWN_VALUE, BundleValue, TensorValue
from graphc.ir.dims import UNKNOWN
from graphc.syntax import nodes

OPERATOR_OPS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "true_divide", "//": "floor_divide",
    "%": "mod", "**": "power", "@": "matmul", "==": "equal", "!=": "not_equal", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "and": "logical_and",
    "or": "logical_or",
}  # fmt: skip
"""The `keras.ops` function that each operator means between tensors."""


@evaluates(nodes.Name)
def _name(node: nodes.Name, frame: Frame) -> Any:
    is_bound, value = value_of(frame, node.id)
    if not is_bound:
        no_value(frame, node)
        return UNKNOWN_VALUE
    return value


@evaluates(nodes.Literal)
def _literal(node: nodes.Literal, frame: Frame) -> Any:
    return node.value


@evaluates(nodes.UnknownDim)
def _unknown_dim(node: nodes.UnknownDim, frame: Frame) -> Any:
    return UNKNOWN


@evaluates(nodes.FString)
def _f_string(node: nodes.FString, frame: Frame) -> Any:
    parts: list[str] = []
    length = 0
    for part in node.parts:
        value = part if isinstance(part, str) else evaluate(part, frame)
        if value is UNKNOWN_VALUE:
            return UNKNOWN_VALUE
        if not isinstance(value, str):
            if not (isinstance(value, (int, float)) or is_size(value) or value is None):
                assert not isinstance(part, str)
                frame.report(
                    STATIC_TYPE,
                    f"an f-string needs numbers and strings, got {kind_text(value)}",
                    part.span,
                )
                return UNKNOWN_VALUE
            value = str(value)
        length += len(value)
        if length > frame.run.limits.text_length:
            frame.report(
                LIMIT_EXCEEDED,
                f"a string needs at most {frame.run.limits.text_length:,} characters",
                node.span,
            )
            return UNKNOWN_VALUE
        parts.append(value)
    return "".join(parts)


@evaluates(nodes.ListDisplay)
def _list(node: nodes.ListDisplay, frame: Frame) -> Any:
    return [evaluate(item, frame) for item in node.items]


@evaluates(nodes.TupleDisplay)
def _tuple(node: nodes.TupleDisplay, frame: Frame) -> Any:
    return tuple(evaluate(item, frame) for item in node.items)


@evaluates(nodes.DictDisplay)
def _dict(node: nodes.DictDisplay, frame: Frame) -> Any:
    result = {}
    for key, item in node.items:
        name = evaluate(key, frame)
        value = evaluate(item, frame)
        if not isinstance(name, (str, int, float)):
            if name is not UNKNOWN_VALUE:
                frame.report(
                    STATIC_TYPE,
                    f"a dict needs strings or numbers as keys, got {kind_text(name)}",
                    key.span,
                )
            return UNKNOWN_VALUE
        result[name] = value
    return result


@evaluates(nodes.Bundle)
def _bundle(node: nodes.Bundle, frame: Frame) -> Any:
    return BundleValue(
        tuple((a.name or "", evaluate(a.value, frame), a.span) for a in node.arguments)
    )


@evaluates(nodes.Unary)
def _unary(node: nodes.Unary, frame: Frame) -> Any:
    value = evaluate(node.operand, frame)
    if value is UNKNOWN_VALUE:
        return value
    if isinstance(value, TensorValue):
        op = OPS["negative" if node.operator == "-" else "logical_not"]
        return apply_op(frame, op, (value,), {}, node.span)
    try:
        if node.operator == "not":
            return not truth(value)
        if is_size(value) or isinstance(value, (int, float)):
            return -value
        raise Fault(STATIC_TYPE, f"`-` needs a number, got {kind_text(value)}")
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE


@evaluates(nodes.Binary)
def _binary(node: nodes.Binary, frame: Frame) -> Any:
    left = evaluate(node.left, frame)
    if node.operator in ("and", "or") and not isinstance(left, TensorValue):
        return _short_circuit(node, left, frame)
    right = evaluate(node.right, frame)
    return _operate(node, node.operator, left, right, frame)


def _short_circuit(node: nodes.Binary, left: Any, frame: Frame) -> Any:
    if left is UNKNOWN_VALUE:
        return left
    try:
        is_true = truth(left)
    except Fault as fault:
        report_fault(frame, fault, "", node.left.span)
        return UNKNOWN_VALUE
    if is_true == (node.operator == "or"):
        return left
    return evaluate(node.right, frame)


def _operate(node: nodes.Expression, symbol: str, left: Any, right: Any, frame: Frame) -> Any:
    if left is UNKNOWN_VALUE or right is UNKNOWN_VALUE:
        return UNKNOWN_VALUE
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        return apply_op(frame, OPS[OPERATOR_OPS[symbol]], (left, right), {}, node.span)
    try:
        return arithmetic(symbol, left, right, frame.run.limits)
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE


@evaluates(nodes.Comparison)
def _comparison(node: nodes.Comparison, frame: Frame) -> Any:
    values = [evaluate(operand, frame) for operand in node.operands]
    if any(holds_unknown(value) for value in values):
        return UNKNOWN_VALUE
    if any(isinstance(value, TensorValue) for value in values):
        return _tensor_comparison(node, values, frame)
    try:
        return all(
            compare(symbol, values[index], values[index + 1])
            for index, symbol in enumerate(node.operators)
        )
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE


def _tensor_comparison(node: nodes.Comparison, values: list[Any], frame: Frame) -> Any:
    result: Any = None
    for index, symbol in enumerate(node.operators):
        if symbol not in OPERATOR_OPS:
            frame.report(NOT_STATIC, f"`{symbol}` needs static values, got a tensor", node.span)
            return UNKNOWN_VALUE
        pair = (values[index], values[index + 1])
        each = apply_op(frame, OPS[OPERATOR_OPS[symbol]], pair, {}, node.span)
        if result is None or each is UNKNOWN_VALUE:
            result = each
        elif result is not UNKNOWN_VALUE:
            result = apply_op(frame, OPS["logical_and"], (result, each), {}, node.span)
    return result


@evaluates(nodes.Conditional)
def _conditional(node: nodes.Conditional, frame: Frame) -> Any:
    chosen = condition(node.test, frame)
    if chosen is None:
        return UNKNOWN_VALUE
    return evaluate(node.value if chosen else node.otherwise, frame)


def condition(node: nodes.Expression, frame: Frame) -> bool | None:
    """The truth of a static condition; None where it is not known, which has been reported."""
    value = evaluate(node, frame)
    if value is UNKNOWN_VALUE:
        return None
    try:
        return truth(value)
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
        return None


@evaluates(nodes.Attribute)
def _attribute(node: nodes.Attribute, frame: Frame) -> Any:
    value = evaluate(node.value, frame)
    if value is UNKNOWN_VALUE:
        return value
    if isinstance(value, TensorValue):
        if node.name == "shape":
            return list(value.type.shape)
        if node.name == "dtype":
            return value.type.dtype
        if node.name == "ndim":
            return value.type.rank
    frame.report(
        UNKNOWN_ATTRIBUTE,
        f"{kind_text(value)} has no `{node.name}`",
        node.name_span,
        help=did_you_mean(node.name, ["shape", "dtype", "ndim"])
        if isinstance(value, TensorValue)
        else None,
    )
    return UNKNOWN_VALUE


@evaluates(nodes.Slice)
def _slice(node: nodes.Slice, frame: Frame) -> Any:
    bounds = [
        None if each is None else evaluate(each, frame)
        for each in (node.lower, node.upper, node.step)
    ]
    return UNKNOWN_VALUE if UNKNOWN_VALUE in bounds else slice(*bounds)


@evaluates(nodes.Index)
def _index(node: nodes.Index, frame: Frame) -> Any:
    value = evaluate(node.value, frame)
    items = [evaluate(item, frame) for item in node.items]
    if value is UNKNOWN_VALUE or any(item is UNKNOWN_VALUE for item in items):
        return UNKNOWN_VALUE
    key = tuple(items) if node.is_tuple else items[0]
    if isinstance(value, TensorValue):
        if holds_tensor(key):
            return apply_op(frame, OPS["take"], (value, key), {"axis": 0}, node.span)
        return apply_op(frame, OPS["get_item"], (value, key), {}, node.span)
    return _static_index(node, value, key, frame)


def _static_index(node: nodes.Index, value: Any, key: Any, frame: Frame) -> Any:
    if isinstance(value, dict):
        if isinstance(key, (str, int, float)) and key in value:
            return value[key]
        frame.report(STATIC_TYPE, f"the dict has no key {key!r}", node.items[0].span)
        return UNKNOWN_VALUE
    if not isinstance(value, (list, tuple, str, range)):
        frame.report(
            STATIC_TYPE,
            f"an index needs a list or a tensor before it, got {kind_text(value)}",
            node.value.span,
        )
        return UNKNOWN_VALUE
    bounds = (key.start, key.stop, key.step) if isinstance(key, slice) else (key,)
    is_open = isinstance(key, slice)
    if not all(type(b) is int or (is_open and b is None) for b in bounds) or (
        is_open and key.step == 0
    ):
        frame.report(
            STATIC_TYPE,
            f"an index into {kind_text(value)} needs whole numbers, got {kind_text(bounds[0])}",
            node.items[0].span,
        )
        return UNKNOWN_VALUE
    try:
        return value[key]
    except IndexError:
        frame.report(
            AXIS_OUT_OF_RANGE,
            f"an index needs to be from {-len(value)} to {len(value) - 1}, got {key}"
            if value
            else f"the list is empty, and has no item {key}",
            node.items[0].span,
            f"the list has {len(value)} items",
            others=(Label(node.value.span, f"{len(value)} items"),) if value else (),
        )
        return UNKNOWN_VALUE


