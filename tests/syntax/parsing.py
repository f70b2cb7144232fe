"""Texts to trees and back, with what the tests ask of both."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse, parse_expression


def parsed(text: str) -> tuple[nodes.File, list[Diagnostic]]:
    """The tree of a text, and what was said about it."""
    sink = Sink()
    tree = parse(SourceFile("test.net", text), sink)
    return tree, sink.in_source_order()


def tree_of(text: str) -> nodes.File:
    """The tree of a text without errors."""
    tree, diagnostics = parsed(text)
    assert [d.message for d in diagnostics] == []
    return tree


def body_of(text: str) -> tuple[nodes.Statement, ...]:
    """The statements of a text without errors, as they stand in a model."""
    (model,) = tree_of(f"model test {{\n{text}\n}}\n").items
    assert isinstance(model, nodes.Definition)
    return model.body


def statement_of(text: str) -> nodes.Statement:
    """One statement without errors."""
    (statement,) = body_of(text)
    return statement


def expression_of(text: str) -> nodes.Expression:
    """An expression without errors."""
    sink = Sink()
    expression = parse_expression(SourceFile("test.net", text), sink)
    assert [d.message for d in sink.diagnostics] == []
    assert expression is not None
    return expression


def all_nodes(node: object) -> Iterator[nodes.Node]:
    """A node and all below it."""
    if isinstance(node, nodes.Node):
        yield node
        for field in type(node).__fields__:
            yield from all_nodes(getattr(node, field))
    elif isinstance(node, tuple):
        for item in node:
            yield from all_nodes(item)


def is_broken(tree: nodes.Node) -> bool:
    """Whether something in a tree did not parse."""
    return any(isinstance(n, nodes.Broken | nodes.BrokenItem) for n in all_nodes(tree))


def texts_of(values: tuple[nodes.Node, ...]) -> list[str]:
    """The source text of each node."""
    return [value.span.text for value in values]
