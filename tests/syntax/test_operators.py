"""Precedences, with Python's own parser as the oracle."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphc.syntax import nodes
from tests.syntax.parsing import all_nodes, expression_of

OPERATORS = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"},
    **{ast.Mod: "%", ast.MatMult: "@", ast.Pow: "**", ast.And: "and", ast.Or: "or"},
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
    **{ast.In: "in", ast.NotIn: "not in", ast.USub: "-", ast.Not: "not"},
}


def python_form(node: ast.expr) -> object:
    """A Python expression as nested tuples."""
    match node:
        case ast.Name():
            return node.id
        case ast.UnaryOp():
            return (OPERATORS[type(node.op)], python_form(node.operand))
        case ast.BinOp():
            return (OPERATORS[type(node.op)], python_form(node.left), python_form(node.right))
        case ast.BoolOp():
            first, *others = map(python_form, node.values)
            for other in others:
                first = (OPERATORS[type(node.op)], first, other)
            return first
        case ast.Compare():
            operators = tuple(OPERATORS[type(operator)] for operator in node.ops)
            return (operators, *map(python_form, [node.left, *node.comparators]))
        case ast.IfExp():
            return ("if", *map(python_form, (node.body, node.test, node.orelse)))
    raise TypeError(node)


def our_form(node: nodes.Expression) -> object:
    """An expression of the language in the same form."""
    match node:
        case nodes.Name():
            return node.id
        case nodes.Unary():
            return (node.operator, our_form(node.operand))
        case nodes.Binary():
            return (node.operator, our_form(node.left), our_form(node.right))
        case nodes.Comparison():
            return (node.operators, *map(our_form, node.operands))
        case nodes.Conditional():
            return ("if", *map(our_form, (node.value, node.test, node.otherwise)))
    raise TypeError(node)


def _larger(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.sampled_from(sorted(set(OPERATORS.values()) - {"not"}))
    return st.one_of(
        st.builds(lambda a, o, b: f"{a} {o} {b}", texts, between, texts),
        st.builds(
            lambda a, o, b, p, c: f"{a} {o} {b} {p} {c}", texts, between, texts, between, texts
        ),
        texts.map(lambda a: f"-{a}"),
        texts.map(lambda a: f"not {a}"),
        texts.map(lambda a: f"({a})"),
        st.builds(lambda a, b, c: f"{a} if {b} else {c}", texts, texts, texts),
    )


TEXTS = st.recursive(st.sampled_from("abcxyz"), _larger, max_leaves=12)


@given(TEXTS)
def test_trees_are_pythons(text: str) -> None:
    try:
        expected = ast.parse(text, mode="eval").body
    except SyntaxError:
        return  # `a + not b`, which we read and Python does not
    node = expression_of(text)
    assert our_form(node) == python_form(expected)
    # Spans are Python's as well; neither counts the parentheses around.
    begin = (expected.col_offset, expected.end_col_offset)
    assert (node.span.start, node.span.end) == begin


@given(TEXTS)
def test_spans_are_pythons_all_the_way_down(text: str) -> None:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return
    expected = {
        (n.col_offset, n.end_col_offset)
        for n in ast.walk(tree)
        # Python has one node for a chain of `and`, we have one for each.
        if isinstance(n, ast.expr) and not isinstance(n, ast.BoolOp)
    }
    found = {(n.span.start, n.span.end) for n in all_nodes(expression_of(text))}
    assert expected <= found


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("-a ** -b", "-(a ** (-b))"),
        ("not a == b", "not (a == b)"),
        ("not a and b or c", "((not a) and b) or c"),
        ("a @ b // c % d", "((a @ b) // c) % d"),
        ("a if b or c else d and e", "(a) if (b or c) else (d and e)"),
        ("a not in b", "(a) not in (b)"),
        ("a + b not in c * d", "(a + b) not in (c * d)"),
    ],
)
def test_precedences(text: str, meaning: str) -> None:
    assert our_form(expression_of(text)) == our_form(expression_of(meaning))


def test_comparisons_chain_but_not_through_parentheses() -> None:
    chain = expression_of("a < b <= c")
    assert (chain.operators, len(chain.operands)) == (("<", "<="), 3)
    nested = expression_of("(a < b) <= c")
    assert (nested.operators, len(nested.operands)) == (("<=",), 2)
    assert nested.span.text == "(a < b) <= c"
    assert nested.operands[0].span.text == "a < b"


def test_parentheses_count_for_the_span_around_them() -> None:
    total = expression_of("((a) + (b)) * (c)")
    assert total.span.text == "((a) + (b)) * (c)"
    assert total.left.span.text == "(a) + (b)"
    assert total.left.left.span.text == "a"
