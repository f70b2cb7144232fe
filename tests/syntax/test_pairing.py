"""Brackets and braces without partners: one error each, and as much of the tree as can be."""

from __future__ import annotations

import pytest

from graphc.syntax import nodes
from tests.syntax.parsing import parsed

WHOLE = """\
model first(a=[1, 2]) {
    input x: [3]
    for i in range(3) {
        if i {
            x = x -> Dense(3)
        } else {
            x = [x, x] -> Add()
        }
        y = {"a": (1, 2)}
    }
    output x
}

block second(b) {
    input x: [3]
    output x -> Dense(
        b,
        relu,
    )
}
"""


def closers() -> list[int]:
    return [i for i, sign in enumerate(WHOLE) if sign in ")]}"]


def openers() -> list[int]:
    return [i for i, sign in enumerate(WHOLE) if sign in "([{"]


def partner(index: int) -> int:
    """The bracket that is closed by one, or closes one."""
    stack, pairs = [], {}
    for i, sign in enumerate(WHOLE):
        if sign in "([{":
            stack.append(i)
        elif sign in ")]}":
            pairs[i] = stack.pop()
            pairs[pairs[i]] = i
    return pairs[index]


@pytest.mark.parametrize("index", closers())
def test_a_missing_closer_is_one_error_at_its_opener(index: int) -> None:
    tree, diagnostics = parsed(WHOLE[:index] + WHOLE[index + 1 :])
    assert len(diagnostics) == 1
    error = diagnostics[0]
    assert error.code.id in ("E0103", "E0104")
    if error.code.id == "E0103":
        opener = partner(index)
        assert error.span.text == WHOLE[opener]
        # Braces are told by the indentation; of brackets in one line, any may be the one.
        if WHOLE[opener] == "{" and WHOLE[opener : opener + 3] != '{"a':
            assert error.span.start == opener
    assert {getattr(item, "name", None) for item in tree.items} >= {"second"} or index > 250


@pytest.mark.parametrize("index", closers())
def test_a_closer_too_many_is_one_error(index: int) -> None:
    _, diagnostics = parsed(WHOLE[:index] + WHOLE[index] + WHOLE[index:])
    assert [d.code.id for d in diagnostics] == ["E0104"]


@pytest.mark.parametrize("index", [i for i in openers() if WHOLE[i] != "{"])
def test_a_missing_opener_is_an_error_in_its_statement(index: int) -> None:
    tree, diagnostics = parsed(WHOLE[:index] + WHOLE[index + 1 :])
    assert diagnostics
    lines = {d.span.line for d in diagnostics}
    first = WHOLE.count("\n", 0, index) + 1
    last = WHOLE.count("\n", 0, partner(index)) + 1
    assert all(first <= line <= last for line in lines)
    assert len(tree.items) == 2


@pytest.mark.parametrize("line", [i for i, t in enumerate(WHOLE.split("\n")) if t.strip() == "}"])
def test_a_brace_too_many_on_a_line_of_its_own(line: int) -> None:
    lines = WHOLE.split("\n")
    text = "\n".join([*lines[: line + 1], lines[line], *lines[line + 1 :]])
    tree, diagnostics = parsed(text)
    assert [d.code.id for d in diagnostics] == ["E0104"]
    assert [item.name for item in tree.items] == ["first", "second"]
    assert len(tree.items[0].body) == 3


def test_an_unclosed_bracket_does_not_swallow_the_file() -> None:
    lines = [f"    y{i} = x -> Dense({i})" for i in range(100)]
    lines[3] = "    y3 = x -> Dense(3"
    body = "\n".join(lines)
    tree, (error,) = parsed(f"model m {{\n    input x: [3]\n{body}\n    output x\n}}\n")
    assert (error.code.id, error.span.line) == ("E0103", 6)
    broken = [s for s in tree.items[0].body if isinstance(s, nodes.Broken)]
    assert [s.names for s in broken] == [("y3",)]
    assert len(tree.items[0].body) == 102


def test_several_mistakes_are_several_errors() -> None:
    text = WHOLE.replace("range(3)", "range(3").replace("(1, 2)", "(1, 2").replace("b,\n", "b b,\n")
    _, diagnostics = parsed(text)
    assert [d.code.id for d in diagnostics] == ["E0103", "E0103", "E0101"]


def test_helps_say_where() -> None:
    _, (error,) = parsed("model m {\n    x = 1\n\nmodel n {\n    x = 2\n}\n")
    assert error.help == "put `}` where it ends, before line 3"
    _, (error,) = parsed("model m {\n    x = 1\n")
    assert error.help == "put `}` where it ends, at the end of the file"
    _, (error,) = parsed("model m {\n    x = f(1,\n        2\n    output x\n}\n")
    assert error.help == "put `)` where it ends, before line 4"


def test_odd_indentation_is_no_error() -> None:
    text = "model m {\n        input x: [3]\n  for i in y {\nz = f(\n1,\n)\n        }\noutput x\n    }\n"
    tree, diagnostics = parsed(text)
    assert diagnostics == []
    assert len(tree.items[0].body) == 3


def test_a_body_without_indentation() -> None:
    text = "model a {\ninput x: [3]\noutput x\n\nmodel b {\ninput x: [3]\noutput x\n}\n"
    tree, (error,) = parsed(text)
    assert (error.code.id, error.span.line) == ("E0103", 1)
    assert [item.name for item in tree.items] == ["a", "b"]
    assert len(tree.items[1].body) == 2
