"""Every node's span covers its text, no more and no less."""

from __future__ import annotations

import pytest

from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.compare import same_tree
from tests.syntax.parsing import all_nodes, expression_of, tree_of
from tests.syntax.strategies import EXAMPLES


def children(node: object) -> list[nodes.Node]:
    if isinstance(node, tuple):
        return [child for item in node for child in children(item)]
    return [node] if isinstance(node, nodes.Node) else []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nodes_lie_inside_and_behind_each_other(path) -> None:
    tree = tree_of(path.read_text(encoding="utf-8"))
    for node in all_nodes(tree):
        inner = [c for f in type(node).__fields__[1:] for c in children(getattr(node, f))]
        if isinstance(node, nodes.File):
            inner = list(node.items)
        for child in inner:
            assert node.span.start <= child.span.start
            assert child.span.end <= node.span.end
        for before, after in zip(inner, inner[1:], strict=False):
            assert before.span.end <= after.span.start
        text = node.span.text
        assert isinstance(node, nodes.File) or text == text.strip()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_text_of_an_expression_is_that_expression(path) -> None:
    """Cut out and parsed on its own, the text of a span gives the same node."""
    tree = tree_of(path.read_text(encoding="utf-8"))
    count = 0
    for node in all_nodes(tree):
        # Slices and unknown dims cannot stand alone, and a bare tuple has no parentheses.
        if not isinstance(node, nodes.Expression) or isinstance(
            node, nodes.Slice | nodes.UnknownDim | nodes.TupleDisplay
        ):
            continue
        # A line that begins with an arrow goes on only in a statement, as do brackets.
        assert same_tree(expression_of(node.span.text), node)
        count += 1
    assert count > 3


def test_spans_know_their_file() -> None:
    from graphc.diagnostics.diagnostic import Sink
    from graphc.syntax.parse import parse

    file = SourceFile("a.net", "model m { output x }")
    assert {id(node.span.file) for node in all_nodes(parse(file, Sink()))} == {id(file)}


def test_comments_are_kept_in_order_of_place() -> None:
    text = "# 1\nmodel m { # 2\n  # 3\n  f( # 4\n  x) # 5\n  # 6\n   -> g() # 7\n} # 8\n# 9"
    assert [c.span.text for c in tree_of(text).comments] == [f"# {n}" for n in range(1, 10)]
