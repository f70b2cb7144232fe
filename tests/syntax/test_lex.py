"""The two ways to tokens: the quick one, and the careful one that must agree with it."""

from __future__ import annotations

import pytest
from hypothesis import given

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax.bracket_errors import BracketErrors
from graphc.syntax.grammar import load_table
from graphc.syntax.layout import lay_out
from graphc.syntax.lex import lex_quickly, token_pattern
from graphc.syntax.mend import CarefulLexer
from graphc.syntax.pairing import Pairing
from graphc.syntax.report import Report
from graphc.syntax.tokens import Tokens
from graphc.syntax.write import write
from tests.syntax.parsing import parsed, tree_of
from tests.syntax.strategies import EXAMPLES, FILES, for_files

TABLE = load_table()
PATTERN = token_pattern(TABLE)


def quick(text: str) -> Tokens | None:
    return lex_quickly(text, TABLE, PATTERN)


def careful(text: str) -> Tokens:
    report = Report(SourceFile("test.net", text), Sink())
    tokens = lay_out(CarefulLexer(text, TABLE.words, PATTERN, report).run(), report)
    assert report.count == 0
    return tokens


def paired(text: str) -> Tokens:
    """The tokens as they are paired where brackets are missing."""
    report = Report(SourceFile("test.net", text), Sink())
    raw = CarefulLexer(text, TABLE.words, PATTERN, report).run()
    tokens = Pairing(raw, BracketErrors(raw, report)).run()
    assert report.count == 0
    return tokens


def columns(tokens: Tokens) -> tuple[object, ...]:
    return tokens.kinds, tokens.starts, tokens.ends, tokens.comments, tokens.spellings


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_ways_agree_on_examples(path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = quick(text)
    assert tokens is not None
    assert columns(careful(text)) == columns(tokens)
    assert columns(paired(text)) == columns(tokens)


@for_files
@given(FILES)
def test_the_ways_agree_on_whatever_parses(tree) -> None:
    text = write(tree)
    tokens = quick(text)
    assert tokens is not None
    assert columns(careful(text)) == columns(tokens)
    assert columns(paired(text)) == columns(tokens)


@pytest.mark.parametrize(
    "text",
    [
        *("(", ")", "{", "}", "(]", "model a {", '"a', "'", '"""a', "a ; b", "$", "a => b", "08"),
        *('"\\x1"', 'f"{"', 'b"a"', "a²", "\0", "model a\n", "f(" * 101 + ")" * 101, "a \\\n b"),
        *("if a:\n  b", "\u00a0a"),
    ],
)
def test_the_quick_way_gives_up(text: str) -> None:
    assert quick(text) is None


def test_words_are_terminals_of_the_grammar() -> None:
    assert TABLE.words["model"] == "MODEL"
    assert TABLE.words["->"] == "ARROW"
    assert quick("Conv2D modelx elsewhere").kinds == ["NAME", "NAME", "NAME", "$END"]


def test_braces_are_bodies_or_dicts_by_what_stands_before_them() -> None:
    newlines = quick("if x {\na\n}\ny = {\n1: 2\n}\nz = a if b else {\n}").kinds.count("_NEWLINE")
    assert newlines == 3  # before and behind the body's `}` and between the rest, none in dicts
    tree = tree_of(
        "model m {\n  if a { x = {} } else { y = b if c else {\n} }\n  f({\n}, [{\n}])\n}"
    )
    assert [type(s).__name__ for s in tree.items[0].body] == ["If", "Evaluate"]


def test_form_feeds_and_tabs_are_blanks() -> None:
    assert len(tree_of("model\tm\t{\f\n\tx\f=\t1\n\f}\n").items[0].body) == 1


def test_a_byte_order_mark_at_the_start_is_no_character() -> None:
    assert len(tree_of("\ufeffconst a = 1\n").items) == 1
    _, (error,) = parsed("const a = 1\n\ufeffconst b = 2\n")
    assert (error.code.id, error.span.text) == ("E0102", "\ufeff")


def test_nul_bytes_are_one_error() -> None:
    tree, (error,) = parsed("model m {\n    x = \0\0\0\n    output y\n}\n")
    assert error.message == "the control character U+0000 has no meaning in a .net file"
    assert error.span.text == "\0\0\0"
    assert [s.span.text for s in tree.items[0].body][1] == "output y"


def test_characters_that_look_alike_are_mended() -> None:
    tree, errors = parsed("model m {\n    x = a → f（b，c） − ‘d’\n}\n")
    assert {e.code.id for e in errors} == {"E0102"}
    assert len(errors) == 6
    (statement,) = tree.items[0].body
    assert type(statement.value).__name__ == "Pipe"
    assert statement.span.text == "x = a → f（b，c） − ‘d’"


def test_an_unclosed_string_loses_its_line_only() -> None:
    for quotes in ('"', "'", '"""', "'''"):
        text = f"model m {{\n    x = f([{quotes}a, 1])\n    y = 2\n}}\n"
        tree, (error,) = parsed(text)
        assert (error.code.id, error.span.text) == ("E0105", quotes)
        assert [s.span.text for s in tree.items[0].body][1:] == ["y = 2"]
