"""Whatever the text, there is a tree, and what is lost is as little as can be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.syntax import nodes
from tests.syntax.parsing import all_nodes, is_broken, parsed
from tests.syntax.strategies import mutated_texts


def check(text: str) -> None:
    tree, diagnostics = parsed(text)
    assert isinstance(tree, nodes.File)
    assert len(diagnostics) <= 50
    assert all(d.code.id.startswith("E01") for d in diagnostics)
    # Nothing is dropped in silence.
    assert diagnostics or not is_broken(tree)
    spans = [node.span for node in all_nodes(tree)] + [d.span for d in diagnostics]
    spans += [edit.span for d in diagnostics if d.fix for edit in d.fix.edits]
    assert all(0 <= span.start <= span.end <= len(text) for span in spans)


@settings(max_examples=300, deadline=2000)
@given(mutated_texts())
def test_mutations_of_right_sources(text: str) -> None:
    check(text)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    check(text)


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    check(data.decode("latin-1"))


@given(
    st.lists(
        st.sampled_from(
            'model m input x : [ 3 ] { } ( ) -> = , \n if else for in f" " #'.split(" ")
        )
    )
)
def test_any_tokens(tokens: list[str]) -> None:
    check(" ".join(tokens))


# What is lost


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("a, b = x $ y", ("a", "b")),
        ("a: [3], b = x y", ("a", "b")),
        ("input image: 3", ("image",)),
        ("weight w = 3", ("w",)),
        ("frozen weight w = 3", ("w",)),
        ("for (i, 3) in x { y = 1 }", ("i", "y")),
        ("for i, (a, b, 3) in x { y = 1\n z, w = 2 }", ("i", "a", "b", "y", "z", "w")),
        ("output x y", ()),
        ("f(x ->", ()),
        ("x += 1", ("x",)),
        ("x[0] = y", ("x",)),
        ("x[i][j] = y", ("x",)),
        ("x.shape = y", ("x",)),
        ("f(x) = y", ("f",)),
        ("3 = y", ("y",)),
        ("3 = y + z", ()),
        ('"a" = y', ("a",)),
        ("[a, b] = y", ("a", "b")),
        ("(a, (b, 3)) = y", ("a", "b")),
        ("a, (b, 3) = y", ("a", "b")),
        ("a = b = c = y", ("a", "b", "c")),
        ("-a = y", ("a",)),
        ("a + b = y", ("a", "b")),
        ("(a, b = y", ("a", "b")),
        ("model inner { input x: [3] }", ("inner", "x")),
    ],
)
def test_names_of_a_broken_statement(statement: str, names: tuple[str, ...]) -> None:
    tree, diagnostics = parsed(f"model m {{\n    {statement}\n    output y\n}}\n")
    assert len(diagnostics) == 1
    broken, output = tree.items[0].body
    assert isinstance(broken, nodes.Broken)
    assert broken.names == names
    assert isinstance(output, nodes.Output)


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("const a = = 3", ("a",)),
        ('from "a.net" import b, c d', ("b", "c", "d")),
        ("from a import b, c", ("b", "c")),
        ("model m(a +) { x = 1 }", ("m", "x")),
        ("block q { input x: [3", None),
        ("def f(x):\n    y = x\n    return y", ("f", "y")),
        ("x, y = 1", ("x", "y")),
    ],
)
def test_names_of_a_broken_item(item: str, names: tuple[str, ...] | None) -> None:
    tree, diagnostics = parsed(f"{item}\n\nmodel other {{\n    output y\n}}\n")
    assert diagnostics
    assert tree.items[-1].name == "other"
    if names is not None:
        assert len(diagnostics) == 1
        assert tree.items[0].names == names
        assert len(tree.items) == 2


def test_broken_entries_of_train_blocks() -> None:
    tree, (error,) = parsed("train m {\n    loss = Mse() $\n    epochs = 2\n}\n")
    assert error.code.id == "E0102"
    (train,) = tree.items
    assert [entry.name for entry in train.entries] == ["epochs"]
    assert train.broken == ("loss",)


def test_a_broken_statement_spans_its_text() -> None:
    tree, _ = parsed("model m {\n    x = 1\n    y = f(1 ! 2) -> $\n    z = 3\n}\n")
    assert [s.span.text for s in tree.items[0].body] == ["x = 1", "y = f(1 ! 2) -> $", "z = 3"]


def test_errors_inside_bodies_leave_the_body() -> None:
    text = "model m {\n    for i in x {\n        a = = 1\n        b = 2\n    }\n    c = 3\n}\n"
    tree, (error,) = parsed(text)
    assert error.span.line == 3
    loop, after = tree.items[0].body
    assert [type(s) for s in loop.body] == [nodes.Broken, nodes.Assign]
    assert after.span.text == "c = 3"


def test_independent_errors_are_all_reported() -> None:
    text = "".join(f"model m{i} {{\n    x = 1 +\n    y = f(2 3)\n}}\n" for i in range(10))
    _, diagnostics = parsed(text)
    assert len(diagnostics) == 20


def test_at_most_fifty_errors() -> None:
    for text in ("x = = 1\n", "x = 1;\n", "x = f(1\n", "x = $\n"):
        _, diagnostics = parsed("model m {\n" + text * 200 + "}\n")
        assert len(diagnostics) == 50


# Texts that nobody writes


HOSTILE = {
    **{
        sign: sign * 20_000
        for sign in ["(", ")", "{", "}", "[", ",", "=", "->", "-", '"', "'", "\0"]
    },
    "names": "x " * 20_000,
    "brackets": "([{" * 7_000,
    "mixed": "(]" * 10_000,
    "models": "model a {\n" * 2_000,
    "unclosed calls": "model m {\n" + "    x = f(\n" * 5_000,
    "unclosed strings": 'x = """\\"\n' * 5_000,
    "headless": "model m {\n" + "for i in x\n" * 5_000,
    "arrows": "model m {\n  x " + "-> " * 10_000,
    "semicolons": "x;" * 10_000,
    "lines": "\n" * 100_000,
    "comments": "#" * 100_000,
    "f-strings": 'f"{' * 10_000,
    "else": "model m {\n" + "else { x }\n" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_no_long(name: str) -> None:
    start = time.process_time()
    check(HOSTILE[name])
    assert time.process_time() - start < 10
