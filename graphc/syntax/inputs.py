"""Inputs without names: a sequential's own, and in other bodies what gives the inputs their form."""

from __future__ import annotations

from collections.abc import Iterator, Set

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
    """A body in which the inputs have the names that only a sequential's may lack.

    Lists of inputs are the form in which they are taken: `input [[a, b], c]`.
    """
    inputs = {each.name for each in _all_inputs(body) if each.name is not None}
    return _with_names(body, inputs, kind, report)


def _all_inputs(body: tuple[nodes.Statement, ...]) -> Iterator[nodes.Input]:
    for statement in body:
        if isinstance(statement, nodes.Input):
            yield statement
        for inner in _bodies(statement):
            yield from _all_inputs(inner)


def _bodies(statement: nodes.Statement) -> tuple[tuple[nodes.Statement, ...], ...]:
    if isinstance(statement, nodes.For):
        return (statement.body,)
    if isinstance(statement, nodes.If):
        return tuple(branch.body for branch in statement.branches)
    return ()


def _with_names(
    body: tuple[nodes.Statement, ...], inputs: Set[str], kind: str, report: Report
) -> tuple[nodes.Statement, ...]:
    named: list[nodes.Statement] = []
    for statement in body:
        if isinstance(statement, nodes.Input) and statement.name is None:
            named.append(_form(statement, inputs) or _named(statement, kind, report))
        elif isinstance(statement, nodes.For):
            inner = _with_names(statement.body, inputs, kind, report)
            named.append(replace(statement, body=inner))
        elif isinstance(statement, nodes.If):
            branches = [
                replace(b, body=_with_names(b.body, inputs, kind, report))
                for b in statement.branches
            ]
            named.append(replace(statement, branches=tuple(branches)))
        else:
            named.append(statement)
    return tuple(named)


def _form(statement: nodes.Input, inputs: Set[str]) -> nodes.InputForm | None:
    """`input [a]`: what would be a shape is a list, if inputs, lists or dicts are in it."""
    found = statement.annotation
    if found is None or found.dtype is not None or found.batch is not None:
        return None
    if statement.layer_name is not None or not any(_is_part(dim, inputs) for dim in found.dims):
        return None
    return nodes.InputForm(statement.span, nodes.ListDisplay(found.span, found.dims))


def _is_part(dim: nodes.Expression, inputs: Set[str]) -> bool:
    if isinstance(dim, nodes.Name):
        return dim.id in inputs
    return isinstance(dim, (nodes.ListDisplay, nodes.DictDisplay))


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
    return replace(statement, name=name, name_span=place, annotation=shape)
