"""Expressions that are not pipes: names, literals, operators, lists, attributes, indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.op import OPS
from graphc.declare.values import kind_text, value_text
from graphc.diagnostics.codes import (
    AXIS_OUT_OF_RANGE,
    LIMIT_EXCEEDED,
    NOT_A_TENSOR,
    NOT_STATIC,
    STATIC_TYPE,
    UNKNOWN_ATTRIBUTE,
    UNKNOWN_NAME,
)
from graphc.diagnostics.diagnostic import Label
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean, nearest
from graphc.elaborate.arguments import dict_of, holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.foreign import CONSTANTS, FAMILIES, MODULES, PREFIXES
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.limits import SIZE_STEPS, UNDECIDED_STEPS
from graphc.elaborate.names import candidate_names, lookup, no_value, value_of
from graphc.elaborate.op_calls import apply_op
from graphc.elaborate.report import names_text, report_fault, source_text
from graphc.elaborate.static import arithmetic, compare, is_number, is_size, truth
from graphc.elaborate.values import UNKNOWN_VALUE, TensorValue, is_stage
from graphc.elaborate.weight import check_weight, work_of
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
    frame.run.step(node.span, length // 64)
    return "".join(parts)


@evaluates(nodes.ListDisplay)
def _list(node: nodes.ListDisplay, frame: Frame) -> Any:
    return _held([evaluate(item, frame) for item in node.items], node, frame)


@evaluates(nodes.TupleDisplay)
def _tuple(node: nodes.TupleDisplay, frame: Frame) -> Any:
    return _held(tuple(evaluate(item, frame) for item in node.items), node, frame)


def _held(value: Any, node: nodes.Expression, frame: Frame) -> Any:
    """A new list, tuple or dict, unless it holds too much."""
    try:
        check_weight(value, frame.run.limits)
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE
    return value


@evaluates(nodes.DictDisplay)
def _dict(node: nodes.DictDisplay, frame: Frame) -> Any:
    return _held(dict_of(node, frame, lambda value: evaluate(value, frame)), node, frame)


@evaluates(nodes.Unary)
def _unary(node: nodes.Unary, frame: Frame) -> Any:
    value = evaluate(node.operand, frame)
    if value is UNKNOWN_VALUE:
        return value
    if isinstance(value, TensorValue):
        op = OPS["negative" if node.operator == "-" else "logical_not"]
        return apply_op(frame, op, (value,), {}, node.span, subject=f"`{node.operator}`")
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


def _are_operands(symbol: str, sides: Sequence[tuple[Any, nodes.Expression]], frame: Frame) -> bool:
    """Whether an operator on tensors can take its operands; report the one it cannot."""
    for value, node in sides:
        if not (
            is_number(value) or is_size(value) or isinstance(value, (TensorValue, list, tuple))
        ):
            frame.report(
                NOT_A_TENSOR,
                f"`{symbol}` needs tensors or numbers, got {value_text(value)}",
                node.span,
                help=_stage_help(value, node),
            )
            return False
    return True


def _stage_help(value: Any, node: nodes.Expression) -> str | None:
    """What to do about a layer beside an operator, which binds tighter than the arrow before it."""
    if not is_stage(value):
        return None
    return f"put the pipe in parentheses: (x -> {source_text(node.span)})"


def _operate(node: nodes.Expression, symbol: str, left: Any, right: Any, frame: Frame) -> Any:
    if left is UNKNOWN_VALUE or right is UNKNOWN_VALUE:
        return UNKNOWN_VALUE
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        assert isinstance(node, nodes.Binary)
        if not _are_operands(symbol, ((left, node.left), (right, node.right)), frame):
            return UNKNOWN_VALUE
        op = OPS[OPERATOR_OPS[symbol]]
        return apply_op(frame, op, (left, right), {}, node.span, subject=f"`{symbol}`")
    frame.run.step(node.span, work_of(left) + work_of(right))
    if is_size(left) or is_size(right):
        frame.run.step(node.span, SIZE_STEPS)
    try:
        result = arithmetic(symbol, left, right, frame.run.limits)
        check_weight(result, frame.run.limits)
    except Fault as fault:
        if isinstance(node, nodes.Binary) and fault.help is None:
            fault.help = _stage_help(left, node.left) or _stage_help(right, node.right)
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE
    return result


@evaluates(nodes.Comparison)
def _comparison(node: nodes.Comparison, frame: Frame) -> Any:
    values = [evaluate(operand, frame) for operand in node.operands]
    frame.run.step(node.span, 2 * sum(map(work_of, values)))
    if any(holds_unknown(value) for value in values):
        return UNKNOWN_VALUE
    if any(isinstance(value, TensorValue) for value in values):
        if None in values and node.operators in (("==",), ("!=",)):
            return node.operators == ("!=",)  # there is a tensor, or none
        return _tensor_comparison(node, values, frame)
    if any(map(is_size, values)):
        frame.run.step(node.span, SIZE_STEPS)
    try:
        return all(
            compare(symbol, values[index], values[index + 1])
            for index, symbol in enumerate(node.operators)
        )
    except Fault as fault:
        frame.run.step(node.span, UNDECIDED_STEPS if any(map(is_size, values)) else 0)
        report_fault(frame, fault, "", node.span)
        return UNKNOWN_VALUE


def _tensor_comparison(node: nodes.Comparison, values: list[Any], frame: Frame) -> Any:
    result: Any = None
    for index, symbol in enumerate(node.operators):
        if symbol not in OPERATOR_OPS:
            frame.report(NOT_STATIC, f"`{symbol}` needs static values, got a tensor", node.span)
            return UNKNOWN_VALUE
        pair = (values[index], values[index + 1])
        if not _are_operands(symbol, list(zip(pair, node.operands[index:], strict=False)), frame):
            return UNKNOWN_VALUE
        op = OPS[OPERATOR_OPS[symbol]]
        each = apply_op(frame, op, pair, {}, node.span, subject=f"`{symbol}`")
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
        if isinstance(value, TensorValue) and isinstance(node, nodes.Name):
            fault.help = f"{fault.help}; whether there is a tensor is {node.id} != None"
        report_fault(frame, fault, "", node.span)
        return None


@evaluates(nodes.Attribute)
def _attribute(node: nodes.Attribute, frame: Frame) -> Any:
    if _is_prefix(node.value, frame):
        frame.report(
            UNKNOWN_NAME,
            f"nothing is named `{node.value.span.text}` here",
            node.value.span,
            help=_prefix_help(node, frame),
        )
        return UNKNOWN_VALUE
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
        f"`{source_text(node.value.span)}` has no attribute `{node.name}`",
        node.name_span,
        f"of {kind_text(value)}",
        help=_attribute_help(node, value),
    )
    return UNKNOWN_VALUE


def _is_prefix(node: nodes.Expression, frame: Frame) -> bool:
    """Whether a name is that of a module which Python code would import."""
    while isinstance(node, nodes.Attribute):
        node = node.value
    return isinstance(node, nodes.Name) and node.id in PREFIXES and not value_of(frame, node.id)[0]


def _prefix_help(node: nodes.Attribute, frame: Frame) -> str:
    module = node.value.name if isinstance(node.value, nodes.Attribute) else node.value.span.text
    if module in MODULES:
        return MODULES[module]
    if node.name in CONSTANTS:
        return f"write {CONSTANTS[node.name]}"
    is_known = module in FAMILIES or lookup(frame, node.name) is not None
    name = node.name if is_known else nearest(node.name, candidate_names(frame))
    return f"layers and functions have no module before them{f': {name}' if name else ''}"


_LIST_METHODS = ("append", "extend", "insert")


def _attribute_help(node: nodes.Attribute, value: Any) -> str | None:
    text = source_text(node.value.span)
    if isinstance(value, dict):
        if node.name in value:
            return f'write {text}["{node.name}"]'
        return f"loop over its keys: for key in {text} {{ … }}"
    if isinstance(value, (list, tuple)) and node.name in _LIST_METHODS:
        return f"a list does not change; bind a longer one: {text} = {text} + [item]"
    if isinstance(value, str) and node.name == "format":
        return 'write what is to be put in between braces: f"layer_{i}"'
    if not isinstance(value, TensorValue):
        return None
    if node.name in OPS:
        return f"it is a function: {node.name}({text})"
    known = ["shape", "dtype", "ndim"]
    return did_you_mean(node.name, known) or f"a tensor has {names_text(known)}"


@evaluates(nodes.Slice)
def _slice(node: nodes.Slice, frame: Frame) -> Any:
    bounds = [
        None if each is None else evaluate(each, frame)
        for each in (node.lower, node.upper, node.step)
    ]
    if any(bound is UNKNOWN_VALUE for bound in bounds):
        return UNKNOWN_VALUE
    for bound, each in zip(bounds, (node.lower, node.upper, node.step), strict=True):
        if each is not None and not (bound is None or type(bound) is int or is_size(bound)):
            frame.report(
                NOT_STATIC if isinstance(bound, TensorValue) else STATIC_TYPE,
                f"a slice needs whole numbers known while checking, got {kind_text(bound)}",
                each.span,
            )
            return UNKNOWN_VALUE
    return slice(*bounds)


@evaluates(nodes.Index)
def _index(node: nodes.Index, frame: Frame) -> Any:
    value = evaluate(node.value, frame)
    items = [evaluate(item, frame) for item in node.items]
    if value is UNKNOWN_VALUE or any(item is UNKNOWN_VALUE for item in items):
        return UNKNOWN_VALUE
    key = tuple(items) if node.is_tuple else items[0]
    if isinstance(value, TensorValue):
        subject = f"`{source_text(node.value.span)}`"
        if holds_tensor(key):
            return apply_op(
                frame, OPS["take"], (value, key), {"axis": 0}, node.span, subject=subject
            )
        return apply_op(frame, OPS["get_item"], (value, key), {}, node.span, subject=subject)
    return _static_index(node, value, key, frame)


def _static_index(node: nodes.Index, value: Any, key: Any, frame: Frame) -> Any:
    if isinstance(value, dict):
        if isinstance(key, (str, int, float)) and key in value:
            return value[key]
        frame.report(
            STATIC_TYPE,
            f"`{source_text(node.value.span)}` has no key "
            + (
                f"`{source_text(node.items[0].span)}`"
                if isinstance(key, slice)
                else value_text(key)
            ),
            node.items[0].span,
            help=did_you_mean(str(key), [str(each) for each in value])
            or (f"its keys are {value_text(list(value))[1:-1]}" if value else "it is empty"),
        )
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
    wrong = [b for b in bounds if type(b) is not int and not (is_open and b is None)]
    if wrong or (is_open and key.step == 0):
        needed = "whole numbers as indices" if wrong else "a step other than 0"
        frame.report(
            STATIC_TYPE,
            f"`{source_text(node.value.span)}` needs {needed}, "
            f"got {value_text(wrong[0] if wrong else 0)}",
            node.items[0].span,
        )
        return UNKNOWN_VALUE
    try:
        result = value[key]
    except IndexError:
        frame.report(
            AXIS_OUT_OF_RANGE,
            f"`{source_text(node.value.span)}` needs an index from {-len(value)} to "
            f"{len(value) - 1}, got {key}"
            if value
            else f"`{source_text(node.value.span)}` is empty, and has no item {key}",
            node.items[0].span,
            others=(Label(node.value.span, f"it is {value_text(value)}"),) if value else (),
        )
        return UNKNOWN_VALUE
    if is_open:
        frame.run.step(node.span, work_of(result))
    return result
