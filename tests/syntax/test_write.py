"""Trees written out parse to themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from graphc.syntax import nodes
from graphc.syntax.compare import same_tree
from graphc.syntax.write import write, write_expression
from tests.syntax.parsing import expression_of, parsed, tree_of
from tests.syntax.strategies import EXAMPLES, EXPRESSIONS, FILES, SPAN, for_files


@for_files
@given(FILES)
def test_files(tree: nodes.File) -> None:
    assert same_tree(tree_of(write(tree)), tree)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_expressions(expression: nodes.Expression) -> None:
    assert same_tree(expression_of(write_expression(expression)), expression)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path) -> None:
    tree = tree_of(path.read_text(encoding="utf-8"))
    again = tree_of(write(tree))
    assert all(map(same_tree, tree.items, again.items))
    assert len(tree.items) == len(again.items)


@pytest.mark.parametrize(
    "text",
    [
        *("a + b * c", "(a + b) * c", "a - (b - c)", "-a ** -b", "(-a) ** b", "not a == b"),
        *("(not a) == b", "a if b else c", "(a if b else c) + d", "(x -> A()) + y", "x[0,]"),
        *("x -> A() as a -> B", "(1).real", "(x,)", "()", "f(a, k=b)(c)", '"a\\n\\"b\\""'),
        *("x[..., :half, ::2]", "{1: {2: 3}}", 'f"a{b}{{{c}}}"', "(a, b) -> Add()", "1e999"),
        *('f"{ {1: 2}[1] }"', "f\"{d['k']}\"", "(x -> A()) -> B()", "a and (b or c)"),
    ],
)
def test_no_more_parentheses_than_needed(text: str) -> None:
    assert write_expression(expression_of(text)) == text


def test_statements_that_begin_with_a_word() -> None:
    call = nodes.Call(SPAN, nodes.Name(SPAN, "output"), ())
    model = nodes.Definition(SPAN, "model", "m", SPAN, (), (nodes.Evaluate(SPAN, call),))
    tree = nodes.File(SPAN, (model,), ())
    assert same_tree(tree_of(write(tree)), tree)


def test_numbers_that_are_no_literals() -> None:
    assert write_expression(nodes.Literal(SPAN, -1)) == "-1"
    power = nodes.Binary(SPAN, "**", nodes.Literal(SPAN, -1), nodes.Literal(SPAN, 2))
    assert write_expression(power) == "(-1) ** 2"
    assert write_expression(nodes.Literal(SPAN, float("-inf"))) == "-1e999"


def test_what_is_broken_has_no_text() -> None:
    tree, _ = parsed("model m { x = = 1 }\n")
    with pytest.raises(ValueError, match="Broken has no text"):
        write(tree)
