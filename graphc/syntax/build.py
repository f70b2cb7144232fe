"""Reductions of the grammar to nodes: one method for each action that net.lark names.

An action gets the values of its symbols and its first and last token. The value of a terminal
is its token's index.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any, TypeVar

from graphc.diagnostics.codes import UNEXPECTED_TEXT
from graphc.record import replace
from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.depth import is_too_deep
from graphc.syntax.literals import (
    Fault,
    decode_piece,
    decode_string,
    prefix_of,
    quotes_of,
    read_number,
)
from graphc.syntax.operators import Operand, Operator, fold
from graphc.syntax.report import Report
from graphc.syntax.tokens import LONG, OUTER_DEPTH, Tokens

_DTYPES = frozenset(
    {
        *("float16", "float32", "float64", "bfloat16", "bool", "string", "complex64"),
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (4, 8, 16, 32, 64)),
    }
)
_CONSTANTS = {"TRUE": True, "FALSE": False, "NONE": None, "ELLIPSIS": ...}

N = TypeVar("N", bound=nodes.Node)


class Builder:
    """Makes nodes from values and tokens."""

    def __init__(self, source: SourceFile, tokens: Tokens, report: Report) -> None:
        self.source = source
        self.report = report
        self.tokens = tokens
        self.starts, self.ends = tokens.starts, tokens.ends
        starts, ends, text = tokens.starts, tokens.ends, source.text
        # Closures: these two run once and more for each node.
        self.span: Callable[[int, int], Span] = lambda first, last: Span(
            source, starts[first], ends[last]
        )
        self.text: Callable[[int], str] = lambda index: intern(text[starts[index] : ends[index]])
        self.is_deep = tokens.is_deep
        self.has_nameless_inputs = False

    def name_text(self, index: int) -> str:
        """A name as Python would know it."""
        text = self.text(index)
        if text.isascii():
            return text
        from unicodedata import normalize  # half a millisecond that hardly any file needs

        return intern(normalize("NFKC", text))

    # Files and items

    def sequence(self, values: list[Any], first: int, last: int) -> list[Any]:
        """Any list: a first element, or a list, a separator, and one more element."""
        if len(values) == 1:
            return values
        values[0].append(values[2])
        return values[0]  # type: ignore[no-any-return]  # a list by the rule's form

    def file(self, values: list[Any], first: int, last: int) -> list[nodes.Item]:
        return _list(values)

    def const(self, values: list[Any], first: int, last: int) -> nodes.Const:
        _, name, _, value = values
        node = nodes.Const(
            self.span(first, last), self.name_text(name), self.span(name, name), value
        )
        return self.checked(node, first, last)

    def import_names(self, values: list[Any], first: int, last: int) -> nodes.Import:
        path = self.string([values[1]], values[1], values[1])
        return nodes.Import(
            self.span(first, last), str(path.value), path.span, tuple(_list(values))
        )

    def imported_name(self, values: list[Any], first: int, last: int) -> nodes.ImportedName:
        alias = self.name_text(values[2]) if len(values) > 1 else None
        return nodes.ImportedName(self.span(first, last), self.name_text(first), alias)

    def kind(self, values: list[Any], first: int, last: int) -> str:
        return self.tokens.kinds[first].lower()

    def definition(self, values: list[Any], first: int, last: int) -> nodes.Definition:
        kind, name, body = values[0], values[1], values[-1]
        has_parameters = len(values) == 4
        if kind == "block" and not has_parameters:
            self.report_missing_parameters(name)
        if self.has_nameless_inputs:
            self.has_nameless_inputs = False
            if kind != "sequential":
                body = self.name_inputs(body, kind)
        return nodes.Definition(
            self.span(first, last),
            kind,
            self.name_text(name),
            self.span(name, name),
            values[2] if has_parameters else (),
            body,
        )

    def report_missing_parameters(self, name: int) -> None:
        start, end = self.starts[name], self.ends[name]
        text = self.text(name)
        self.report.add(
            UNEXPECTED_TEXT,
            f"`block {text}` needs parentheses for its parameters",
            start,
            end,
            help=f"write `block {text}()`, if there are none",
            edits=(self.report.edit(end, end, "()"),),
        )

    def name_inputs(
        self, body: tuple[nodes.Statement, ...], kind: str
    ) -> tuple[nodes.Statement, ...]:
        """A body in which the inputs have the names that only a sequential's may lack."""
        named: list[nodes.Statement] = []
        for statement in body:
            if isinstance(statement, nodes.Input) and statement.name is None:
                named.append(self.name_input(statement, kind))
            elif isinstance(statement, nodes.For):
                named.append(replace(statement, body=self.name_inputs(statement.body, kind)))
            elif isinstance(statement, nodes.If):
                branches = [
                    replace(b, body=self.name_inputs(b.body, kind)) for b in statement.branches
                ]
                named.append(replace(statement, branches=tuple(branches)))
            else:
                named.append(statement)
        return tuple(named)

    def name_input(self, statement: nodes.Input, kind: str) -> nodes.Statement:
        """`input image [784]` lacks a colon; `input [784]` lacks a name."""
        annotation = statement.annotation
        assert annotation is not None  # or it would have a name
        start = annotation.span.start
        name = annotation.dtype
        if name is None or name in _DTYPES:
            self.report.add(
                UNEXPECTED_TEXT,
                f"`input` needs a name before its shape in a {kind}",
                start,
                annotation.span.end,
                help=f"as in `input image: {annotation.span.text}`",
            )
            return nodes.Broken(statement.span, ())
        bracket = self.source.text.index("[", start)
        end = start + len(self.source.text[start:bracket].rstrip())
        self.report.add(
            UNEXPECTED_TEXT,
            f"`input {name}` needs `:` and a shape, got `[`",
            bracket,
            bracket + 1,
            help="put `:` before the shape",
            edits=(self.report.edit(end, end, ":"),),
        )
        span = Span(self.source, bracket, annotation.span.end)
        shape = nodes.Annotation(span, None, annotation.dims)
        place = Span(self.source, start, end)
        return nodes.Input(statement.span, name, place, shape, statement.layer_name)

    def parameters(self, values: list[Any], first: int, last: int) -> tuple[nodes.Parameter, ...]:
        return tuple(_list(values))

    def parameter(self, values: list[Any], first: int, last: int) -> nodes.Parameter:
        default = values[2] if len(values) > 1 else None
        node = nodes.Parameter(self.span(first, last), self.name_text(first), default)
        return self.checked(node, first, last)

    def train(self, values: list[Any], first: int, last: int) -> nodes.Train:
        model = values[1]
        entries = _list(values)
        return nodes.Train(
            self.span(first, last),
            self.name_text(model),
            self.span(model, model),
            tuple(entry for entry in entries if isinstance(entry, nodes.TrainEntry)),
            tuple(
                key for entry in entries if isinstance(entry, nodes.Broken) for key in entry.names
            ),
        )

    def entry(self, values: list[Any], first: int, last: int) -> nodes.TrainEntry:
        node = nodes.TrainEntry(
            self.span(first, last), self.name_text(first), self.span(first, first), values[2]
        )
        return self.checked(node, first, last)

    # Statements

    def checked(self, node: N, first: int, last: int) -> N:
        """The node; remember if it is too deep, as none of a few tokens can be."""
        if last - first > LONG and is_too_deep(node, OUTER_DEPTH):
            self.is_deep = True
        return node

    def body(self, values: list[Any], first: int, last: int) -> tuple[nodes.Statement, ...]:
        return tuple(_list(values))

    def assign(self, values: list[Any], first: int, last: int) -> nodes.Assign:
        node = nodes.Assign(self.span(first, last), tuple(values[0]), values[2])
        return self.checked(node, first, last)

    def target(self, values: list[Any], first: int, last: int) -> nodes.Target:
        annotation = values[2] if len(values) > 1 else None
        return nodes.Target(self.span(first, last), self.name_text(first), annotation)

    def loop_name(self, values: list[Any], first: int, last: int) -> nodes.Target:
        return nodes.Target(self.span(first, last), self.name_text(first), None)

    def annotation(self, values: list[Any], first: int, last: int) -> nodes.Annotation:
        dtype = self.name_text(first) if self.tokens.kinds[first] != "LSQB" else None
        return nodes.Annotation(self.span(first, last), dtype, tuple(_list(values)))

    def unknown_dim(self, values: list[Any], first: int, last: int) -> nodes.UnknownDim:
        return nodes.UnknownDim(self.span(first, last))

    def evaluate(self, values: list[Any], first: int, last: int) -> nodes.Evaluate:
        node = nodes.Evaluate(self.span(first, last), values[0])
        return self.checked(node, first, last)

    def input(self, values: list[Any], first: int, last: int) -> nodes.Input:
        annotation = next((v for v in values if isinstance(v, nodes.Annotation)), None)
        layer_name = values[-1] if isinstance(values[-1], nodes.Expression) else None
        name = None if annotation is values[1] else values[1]
        node = nodes.Input(
            self.span(first, last),
            None if name is None else self.name_text(name),
            None if name is None else self.span(name, name),
            annotation,
            layer_name,  # type: ignore[arg-type]  # a name or string, by the grammar
        )
        self.has_nameless_inputs |= name is None
        return self.checked(node, first, last)

    def layer_name(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        return values[1]  # type: ignore[no-any-return]  # a name or a string

    def output(self, values: list[Any], first: int, last: int) -> nodes.Output:
        node = nodes.Output(self.span(first, last), tuple(values[1]))
        return self.checked(node, first, last)

    def output_item(self, values: list[Any], first: int, last: int) -> nodes.OutputItem:
        name = self.name_text(first) if len(values) > 1 else None
        return nodes.OutputItem(self.span(first, last), name, values[-1])

    def weight(self, values: list[Any], first: int, last: int) -> nodes.Weight:
        is_frozen = self.tokens.kinds[first] == "FROZEN"
        name, _, annotation, *rest = values[2:] if is_frozen else values[1:]
        node = nodes.Weight(
            self.span(first, last),
            self.name_text(name),
            self.span(name, name),
            annotation,
            rest[1] if rest else None,
            is_frozen,
        )
        return self.checked(node, first, last)

    def require(self, values: list[Any], first: int, last: int) -> nodes.Require:
        node = nodes.Require(self.span(first, last), values[1])
        return self.checked(node, first, last)

    def for_loop(self, values: list[Any], first: int, last: int) -> nodes.For:
        _, targets, _, iterable, body = values
        self.check_head(iterable)
        return nodes.For(self.span(first, last), tuple(targets), iterable, body)

    def branches(self, values: list[Any], first: int, last: int) -> list[nodes.Branch]:
        test, body = values[-2:]
        self.check_head(test)
        branches: list[nodes.Branch] = values[0] if len(values) > 3 else []
        begin = values[-3]
        branches.append(nodes.Branch(self.span(begin, last), test, body))
        return branches

    def if_else(self, values: list[Any], first: int, last: int) -> nodes.If:
        branches: list[nodes.Branch] = values[0]
        if len(values) > 1:
            branches.append(nodes.Branch(self.span(values[1], last), None, values[2]))
        return nodes.If(self.span(first, last), tuple(branches))

    def check_head(self, expression: nodes.Expression) -> None:
        """As `checked`, where the tokens are no longer known: each has at least one letter."""
        self.checked(expression, expression.span.start, expression.span.end)

    # Expressions

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
        return nodes.Call(self.span(first, last), values[0], tuple(_list(values)))

    def argument(self, values: list[Any], first: int, last: int) -> nodes.Argument:
        span = self.span(first, last)
        if len(values) == 1:
            return nodes.Argument(span, values[0], None, None)
        return nodes.Argument(span, values[2], self.name_text(first), self.span(first, first))

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
        return nodes.ListDisplay(self.span(first, last), tuple(_list(values)))

    def dict_display(self, values: list[Any], first: int, last: int) -> nodes.DictDisplay:
        return nodes.DictDisplay(self.span(first, last), tuple(_list(values)))

    def pair(
        self, values: list[Any], first: int, last: int
    ) -> tuple[nodes.Expression, nodes.Expression]:
        return values[0], values[2]

    def group(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        """Parentheses: a tuple, tensors by name, or a value of its own span."""
        arguments: list[nodes.Argument] = _list(values)
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


def _list(values: list[Any]) -> list[Any]:
    """The list among the values of a rule that may have one."""
    for value in values:
        if type(value) is list:
            return value
    return []
