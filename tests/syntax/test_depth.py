"""The tree is never so deep that a recursive visitor would fail."""

from __future__ import annotations

import sys

import pytest

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse_annotation, parse_expression
from graphc.syntax.tokens import MAX_BRACKETS, MAX_DEPTH
from tests.syntax.parsing import parsed, tree_of

N = 2000
DEEP = {
    "parentheses": "(" * N + "x" + ")" * N,
    "lists": "[" * N + "x" + "]" * N,
    "dicts": "{1: " * N + "x" + "}" * N,
    "calls": "f(" * N + "x" + ")" * N,
    "indexes": "x[" * N + "0" + "]" * N,
    "sums": "a + " * N + "b",
    "powers": "a ** " * N + "b",
    "ands": "a and " * N + "b",
    "minuses": "-" * N + "b",
    "nots": "not " * N + "b",
    "choices": "a if b else " * N + "c",
    "applied": "f" + "()" * N,
    "attributes": "x" + ".a" * N,
    "indexed": "x" + "[0]" * N,
    "pipes": "(a -> " * N + "b" + ")" * N,
    "f-string": 'f"{' + "-" * N + 'x}"',
    "brackets and chains": "(a + b * -f(" * 90 + "x" + "))" * 90,
}


def depth_of(node: object) -> int:
    """The depth of a tree, counted by recursion as any visitor would."""
    if isinstance(node, nodes.Node):
        return 1 + max((depth_of(getattr(node, f)) for f in type(node).__fields__), default=0)
    if isinstance(node, tuple):
        return max(map(depth_of, node), default=0)
    return 0


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize(
    "frame",
    [
        "model m {{ y = {} }}",
        "model m {{ if {} {{ }} else {{ z }} }}",
        "model m {{ for i in {} {{ z }} }}",
        "model m {{ for i in z {{ input x: [{}] }} }}",
        "model m(a={}) {{ z }}",
        "const a = {}",
        "train m {{ a = {} }}",
        "model m {{ if z {{ }} elif {} {{ z }} }}",
        "model m {{ output a, {} }}",
    ],
)
def test_deep_values_are_one_error(name: str, frame: str) -> None:
    tree, diagnostics = parsed(frame.format(DEEP[name]))
    assert [d.code.id for d in diagnostics] == ["E0108"]
    assert depth_of(tree) <= MAX_DEPTH + 1
    assert repr(tree)
    assert hash(tree)


def test_deep_bodies_are_one_error() -> None:
    for head in ("if x {", "for i in x {"):
        tree, diagnostics = parsed("model m {\n" + f"{head}\n" * N + "z = 1\n" + "}\n" * N + "}\n")
        assert [d.code.id for d in diagnostics] == ["E0108"]
        assert depth_of(tree) <= MAX_DEPTH + 1
        assert isinstance(tree.items[0], nodes.Definition)


def test_bodies_and_values_count_together() -> None:
    bodies, brackets = 60, 60
    value = "f(" * brackets + "x" + ")" * brackets
    text = "model m {\n" + "if x {\n" * bodies + f"y = {value}\n" + "}\n" * bodies + "a = 1\n}\n"
    tree, (error,) = parsed(
        text.replace("f(" * brackets, "f(" * 39).replace(")" * brackets, ")" * 39)
    )
    assert error.code.id == "E0108"
    assert depth_of(tree) <= MAX_DEPTH + 1
    assert tree.items[0].body[-1].span.text == "a = 1"


def test_what_people_write_is_not_too_deep() -> None:
    value = "f(a=[" * 12 + "x" + "])" * 12
    sums = " + ".join(["x -> f()" if i < 0 else f"x{i}" for i in range(60)])
    longs = "[" + ", ".join(str(i) for i in range(3000)) + "]"
    pipe = "x" + " -> Dense(3)" * 1000
    bodies = "if x {\n" * 15 + f"y = {value}\n" + "}\n" * 15
    tree = tree_of(
        f"model m {{\n y = {value}\n z = {sums}\n w = {longs}\n v = {pipe}\n{bodies}}}\n"
    )
    assert len(tree.items[0].body) == 5
    assert depth_of(tree) <= MAX_DEPTH + 1


def test_brackets_up_to_the_limit() -> None:
    inner = MAX_BRACKETS - 1  # the model's own braces are one
    tree_of("model m {\n y = " + "(" * inner + "x" + ")" * inner + "\n}\n")
    _, (error,) = parsed("model m {\n y = " + "(" * (inner + 1) + "x" + ")" * (inner + 1) + "\n}\n")
    assert error.code.id == "E0108"


@pytest.mark.parametrize("name", DEEP)
def test_fragments(name: str) -> None:
    sink = Sink()
    assert parse_expression(SourceFile("<set>", DEEP[name]), sink) is None
    assert [d.code.id for d in sink.diagnostics] == ["E0108"]
    sink = Sink()
    assert parse_annotation(SourceFile("<input>", f"[{DEEP[name]}]"), sink) is None
    assert [d.code.id for d in sink.diagnostics] == ["E0108"]


def test_the_recursion_limit_is_pythons_own() -> None:
    assert sys.getrecursionlimit() >= 6 * MAX_DEPTH
