"""Reductions of the grammar's expressions to nodes; see build.py."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any

from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.literals import (
    Fault,
    decode_piece,
    decode_string,
    prefix_of,
    quotes_of,
    read_number,
)
from graphc.syntax.operators import Operand, Operator, fold
from graphc.syntax.tokens import Tokens

_CONSTANTS = {"TRUE": True, "FALSE": False, "NONE": None, "ELLIPSIS": ...}


class ExpressionBuilder:
    """Makes the nodes of expressions from values and tokens."""

    def __init__(self, source: SourceFile, tokens: Tokens) -> None:
        self.source = source
        self.tokens = tokens
        self.starts, self.ends = tokens.starts, tokens.ends
        starts, ends, text = tokens.starts, tokens.ends, source.text
        # Closures: these two run once and more for each node.
        self.span: Callable[[int, int], Span] = lambda first, last: Span(
            source, starts[first], ends[last]
        )
        self.text: Callable[[int], str] = lambda index: intern(text[starts[index] : ends[index]])
        self.name_text = self.text if text.isascii() else self.normal_text

    def normal_text(self, index: int) -> str:
        """A name as Python would know it."""
        from unicodedata import normalize  # half a millisecond that hardly any file needs

        return intern(normalize("NFKC", self.text(index)))

    def sequence(self, values: list[Any], first: int, last: int) -> list[Any]:
        """Any list: a first element, or a list, a separator, and one more element."""
        if len(values) == 1:
            return values
        values[0].append(values[2])
        return values[0]  # type: ignore[no-any-return]  # a list by the rule's form

    def bare_tuple(self, values: list[Any], first: int, last: int) -> nodes.TupleDisplay:
        return nodes.TupleDisplay(self.span(first, last), (values[0], *values[2]))

    def pipe(self, values: list[Any], first: int, last: int) -> nodes.Pipe:
        return nodes.Pipe(self.span(first, last), values[0], tuple(values[2]))

    def named(self, values: list[Any], first: int, last: int) -> nodes.Named:
        return nodes.Named(self.span(first, last), values[0], values[2])

    def conditional(self, values: list[Any], first: int, last: int) -> nodes.Conditional:
        value, _, test, _, otherwise = values
        return nodes.Conditional(self.span(first, last), value, test, otherwise)

    def lead(self, values: list[Any], first: int, last: int) -> list[Operand | Operator]:
        """The part of a chain that still needs an operand, from one of four beginnings."""
        operator = values[-1]
        begin = (
            operator - 1 if self.tokens.kinds[operator - 1 : operator + 1] == _NOT_IN else operator
        )
        text = "not in" if begin < operator else self.tokens.spelling(operator)
        parts: list[Operand | Operator] = []
        if len(values) > 1:
            before = values[0]
            parts = before if type(before) is list else [Operand(before, first, begin - 1)]
        parts.append(Operator(text, begin, operator))
        return parts

    def not_in(self, values: list[Any], first: int, last: int) -> int:
        return last

    def chain(self, values: list[Any], first: int, last: int) -> list[Operand | Operator]:
        parts: list[Operand | Operator] = values[0]
        parts.append(Operand(values[1], parts[-1].last + 1, last))
        return parts

    def operation(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        return fold(values[0], self.span)

    def call(self, values: list[Any], first: int, last: int) -> nodes.Call:
        return nodes.Call(self.span(first, last), values[0], tuple(list_in(values)))

    def argument(self, values: list[Any], first: int, last: int) -> nodes.Argument:
        if len(values) > 1:
            name, place = self.name_text(first), self.span(first, first)
            return nodes.Argument(self.span(first, last), values[2], name, place)
        value = values[0]
        # Half of all arguments are one token, and share its span.
        span = value.span if first == last else self.span(first, last)
        return nodes.Argument(span, value, None, None)

    def index(self, values: list[Any], first: int, last: int) -> nodes.Index:
        items = values[2]
        is_tuple = len(items) > 1 or len(values) > 4
        return nodes.Index(self.span(first, last), values[0], tuple(items), is_tuple)

    def slice(self, values: list[Any], first: int, last: int) -> nodes.Slice:
        bounds: list[nodes.Expression | None] = [None]
        for value in values:
            if type(value) is int:  # a colon
                bounds.append(None)
            else:
                bounds[-1] = value
        lower, upper, step = [*bounds, None][:3]
        return nodes.Slice(self.span(first, last), lower, upper, step)

    def attribute(self, values: list[Any], first: int, last: int) -> nodes.Attribute:
        name = values[2]
        return nodes.Attribute(
            self.span(first, last), values[0], self.name_text(name), self.span(name, name)
        )

    def name(self, values: list[Any], first: int, last: int) -> nodes.Name:
        return nodes.Name(self.span(first, first), self.name_text(first))

    def number(self, values: list[Any], first: int, last: int) -> nodes.Literal:
        value = read_number(self.text(first))
        assert not isinstance(value, Fault)  # the lexer let it through
        return nodes.Literal(self.span(first, first), value)

    def string(self, values: list[Any], first: int, last: int) -> nodes.Literal:
        value = decode_string(self.tokens.spelling(first))
        assert not isinstance(value, Fault)  # the lexer let it through
        return nodes.Literal(self.span(first, first), value)

    def constant(self, values: list[Any], first: int, last: int) -> nodes.Literal:
        return nodes.Literal(self.span(first, first), _CONSTANTS[self.tokens.kinds[first]])

    def list_display(self, values: list[Any], first: int, last: int) -> nodes.ListDisplay:
        return nodes.ListDisplay(self.span(first, last), tuple(list_in(values)))

    def dict_display(self, values: list[Any], first: int, last: int) -> nodes.DictDisplay:
        return nodes.DictDisplay(self.span(first, last), tuple(list_in(values)))

    def pair(
        self, values: list[Any], first: int, last: int
    ) -> tuple[nodes.Expression, nodes.Expression]:
        return values[0], values[2]

    def group(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        """Parentheses: a tuple, tensors by name, or a value of its own span."""
        arguments: list[nodes.Argument] = list_in(values)
        if any(argument.name is not None for argument in arguments):
            return nodes.Bundle(self.span(first, last), tuple(arguments))
        if len(arguments) == 1 and len(values) == 3:
            return arguments[0].value
        items = tuple(argument.value for argument in arguments)
        return nodes.TupleDisplay(self.span(first, last), items)

    # f-strings

    def holes(self, values: list[Any], first: int, last: int) -> list[Any]:
        """Pieces and expressions by turns, the pieces as tokens."""
        if len(values) == 2:
            return values
        values[0] += values[1:]
        return values[0]  # type: ignore[no-any-return]  # a list by the rule's form

    def fstring(self, values: list[Any], first: int, last: int) -> nodes.FString:
        opening = self.tokens.spelling(first)
        prefix = prefix_of(opening)
        quotes = len(quotes_of(opening, len(prefix)))
        pieces_and_values: list[Any] = [first] if len(values) == 1 else [*values[0], last]
        parts: list[str | nodes.Expression] = []
        for value in pieces_and_values:
            if type(value) is not int:
                parts.append(value)
                continue
            begin = len(prefix) + quotes if value == first else 1
            end = -quotes if value == last else -1
            raw = self.tokens.spelling(value)[begin:end]
            piece = decode_piece(raw, 0, is_raw="r" in prefix)
            assert isinstance(piece, str)  # the lexer let it through
            if piece:
                parts.append(piece.replace("{{", "{").replace("}}", "}"))
        return nodes.FString(self.span(first, last), tuple(parts))


_NOT_IN = ["NOT", "IN"]


def list_in(values: list[Any]) -> list[Any]:
    """The list among the values of a rule that may have one."""
    for value in values:
        if type(value) is list:
            return value
    return []
