"""Chains of operands and operators to trees, by Python's precedences."""

from __future__ import annotations

from collections.abc import Callable

from graphc.record import Record
from graphc.source import Span
from graphc.syntax.nodes import Binary, Comparison, Expression, Unary

NOT = 3
COMPARISON = 4
MINUS = 7
POWER = 8

PRECEDENCES = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in", "not in"), COMPARISON),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys(("*", "/", "//", "%", "@"), 6),
    "**": POWER,
}
"""How tightly the operators between operands bind."""

PREFIX_PRECEDENCES = {"not": NOT, "-": MINUS}
"""How tightly the operators before an operand bind."""


class Operand(Record):
    """An operand, and the tokens it covers, its parentheses included."""

    node: Expression
    first: int
    last: int


class Operator(Record):
    """An operator by its text, and its first and last token."""

    text: str
    first: int
    last: int


class _Pending(Record):
    text: str
    first: int
    precedence: int
    is_prefix: bool


def fold(parts: list[Operand | Operator], span: Callable[[int, int], Span]) -> Expression:
    """The tree of a chain; `span` makes the span from one token to another.

    Operators wait on a stack until one comes that binds less tightly than they do.
    Comparisons wait for each other, since `a < b < c` is one node.
    """
    operands: list[Operand] = []
    pending: list[_Pending] = []
    expects_operand = True
    for part in parts:
        if isinstance(part, Operand):
            operands.append(part)
            expects_operand = False
        elif expects_operand:
            pending.append(_Pending(part.text, part.first, PREFIX_PRECEDENCES[part.text], True))
        else:
            precedence = PRECEDENCES[part.text]
            while pending and _binds_first(pending[-1].precedence, precedence):
                _apply(operands, pending, span)
            pending.append(_Pending(part.text, part.first, precedence, False))
            expects_operand = True
    while pending:
        _apply(operands, pending, span)
    return operands[0].node


def _binds_first(waiting: int, coming: int) -> bool:
    if waiting == coming:
        return waiting not in (COMPARISON, POWER)
    return waiting > coming


def _apply(
    operands: list[Operand], pending: list[_Pending], span: Callable[[int, int], Span]
) -> None:
    operator = pending.pop()
    right = operands.pop()
    node: Expression
    if operator.is_prefix:
        place = span(operator.first, right.last)
        node = Unary(place, operator.text, right.node)
        operands.append(Operand(node, operator.first, right.last))
        return
    left = operands.pop()
    if operator.precedence == COMPARISON:
        compared, texts = [right.node, left.node], [operator.text]
        while pending and pending[-1].precedence == COMPARISON:
            texts.append(pending.pop().text)
            left = operands.pop()
            compared.append(left.node)
        place = span(left.first, right.last)
        node = Comparison(place, tuple(compared[::-1]), tuple(texts[::-1]))
    else:
        node = Binary(span(left.first, right.last), operator.text, left.node, right.node)
    operands.append(Operand(node, left.first, right.last))
