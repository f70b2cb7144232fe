"""Inputs without names, which only a sequential may have."""

from __future__ import annotations

from graphc.diagnostics.codes import UNEXPECTED_TEXT
from graphc.record import replace
from graphc.source import Span
from graphc.syntax import nodes
from graphc.syntax.report import Report

_DTYPES = frozenset(
    {
        *("float16", "float32", "float64", "bfloat16", "bool", "string", "complex64"),
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (4, 8, 16, 32, 64)),
    }
)


def name_inputs(
    body: tuple[nodes.Statement, ...], kind: str, report: Report
) -> tuple[nodes.Statement, ...]:
    """A body in which the inputs have the names that only a sequential's may lack."""
    named: list[nodes.Statement] = []
    for statement in body:
        if isinstance(statement, nodes.Input) and statement.name is None:
            named.append(_named(statement, kind, report))
        elif isinstance(statement, nodes.For):
            named.append(replace(statement, body=name_inputs(statement.body, kind, report)))
        elif isinstance(statement, nodes.If):
            branches = [
                replace(b, body=name_inputs(b.body, kind, report)) for b in statement.branches
            ]
            named.append(replace(statement, branches=tuple(branches)))
        else:
            named.append(statement)
    return tuple(named)


def _named(statement: nodes.Input, kind: str, report: Report) -> nodes.Statement:
    """`input image [784]` lacks a colon; `input [784]` lacks a name."""
    annotation = statement.annotation
    assert annotation is not None  # or it would have a name
    start = annotation.span.start
    name = annotation.dtype
    if name is None or name in _DTYPES:
        report.add(
            UNEXPECTED_TEXT,
            f"`input` needs a name before its shape in a {kind}",
            start,
            annotation.span.end,
            help=f"as in `input image: {annotation.span.text}`",
        )
        return nodes.Broken(statement.span, ())
    bracket = report.file.text.index("[", start)
    end = start + len(report.file.text[start:bracket].rstrip())
    report.add(
        UNEXPECTED_TEXT,
        f"`input {name}` needs `:` and a shape, got `[`",
        bracket,
        bracket + 1,
        help="put `:` before the shape",
        edits=(report.edit(end, end, ":"),),
    )
    span = Span(report.file, bracket, annotation.span.end)
    shape = nodes.Annotation(span, None, annotation.dims, annotation.batch)
    place = Span(report.file, start, end)
    return nodes.Input(statement.span, name, place, shape, statement.layer_name)
