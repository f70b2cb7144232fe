"""Numbers and strings, with Python's own reader as the oracle."""

from __future__ import annotations

import ast
import io
import time
import tokenize
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphc.syntax.literals import Fault, decode_string, read_number
from tests.syntax.parsing import expression_of, parsed

NUMBERS = st.text("0123456789_.eExXoObBjafAF+-", min_size=1, max_size=8).filter(
    lambda text: text[0] in "0123456789."
)


@given(NUMBERS)
def test_numbers_are_pythons(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of `1if`
        try:
            expected = ast.parse(text, mode="eval").body
        except SyntaxError:
            return
    if not isinstance(expected, ast.Constant) or not isinstance(expected.value, int | float):
        return
    value = expression_of(text).value
    assert value == expected.value
    assert type(value) is type(expected.value)


@given(NUMBERS)
def test_bad_numbers_are_not_read(text: str) -> None:
    value = read_number(text)
    if isinstance(value, Fault):
        return
    assert value == ast.literal_eval(text.lstrip("0") or "0" if text.isdecimal() else text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("00", 0), ("1_000", 1000), ("0x_1F", 31), ("0O17", 15), ("0b1_0", 2)),
        *((".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("1E-3", 0.001), ("1_0.5e1_0", 10.5e10)),
        *(("007.5", 7.5), ("1e999", float("inf"))),
    ],
)
def test_numbers(text: str, value: float) -> None:
    found = expression_of(text).value
    assert found == value
    assert type(found) is type(value)


BAD_NUMBERS = [
    *("1__0", "08", "0x", "0b2", "1_", "3abc", "1.2.3", "1j", "1e", "0xg", "1..", "1._0"),
    *("0_x1", "12px", "1e5.5"),
]


@pytest.mark.parametrize("text", BAD_NUMBERS)
def test_bad_numbers_are_one_error(text: str) -> None:
    _, diagnostics = parsed(f"model m {{\n    x = {text}\n    output y\n}}\n")
    assert [d.code.id for d in diagnostics] == ["E0107"]
    assert diagnostics[0].span.text == text
    assert diagnostics[0].message.startswith(f"`{text}` is not a number: ")


def test_huge_numbers_are_an_error_and_take_no_time() -> None:
    start = time.process_time()
    for digits in ("9" * 1_000_000, "0x" + "f" * 1_000_000, "1." + "0" * 1_000_000):
        _, diagnostics = parsed(f"const a = {digits}")
        assert [d.code.id for d in diagnostics] == ["E0107"]
        assert "at most 1000 digits" in diagnostics[0].message
    assert expression_of("9" * 1000).value == 10**1000 - 1
    assert time.process_time() - start < 5


PIECES = st.one_of(
    st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]),
    st.sampled_from(
        ["\\n", "\\\\", "\\'", '\\"', "\\x41", "\\u00e9", "\\U0001F600", "\\7", "\\101"]
    ),
    st.sampled_from(["\\N{BULLET}", "\\\n", "\\d", "\\{", "\\ ", "''", '""', "\\x4", "\\u12"]),
)
STRINGS = st.builds(
    lambda prefix, quotes, pieces: f"{prefix}{quotes}{''.join(pieces)}{quotes}",
    st.sampled_from(["", "r", "R", "u"]),
    st.sampled_from(["'", '"', "'''", '"""']),
    st.lists(PIECES, max_size=6),
)


def is_one_token(text: str) -> bool:
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.string.strip()]
    return [t.string for t in tokens] == [text]


@given(STRINGS)
def test_strings_are_pythons(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of escapes that are none
        try:
            expected = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            expected = None
    if isinstance(expected, str) and is_one_token(text):
        value = decode_string(text)
        found = expression_of(text)
        assert found.value == value == expected


@given(STRINGS)
def test_bad_escapes_are_one_error(text: str) -> None:
    value = decode_string(text) if text[-1] in "'\"" else ""
    if not isinstance(value, Fault):
        return
    _, diagnostics = parsed(f"const a = {text}")
    assert {d.code.id for d in diagnostics} <= {
        "E0107",
        "E0105",
        "E0101",
        "E0102",
        "E0103",
        "E0104",
    }
    assert diagnostics


@pytest.mark.parametrize(
    ("text", "covered", "words"),
    [
        (r'"a\x4"', r"\x4", "2 hexadecimal digits, got 1"),
        (r'"\u12"', r"\u12", "4 hexadecimal digits, got 2"),
        (r'"\ud800"', r"\ud800", "needs to be a character"),
        (r'"\U00110000"', r"\U00110000", "needs to be a character"),
        (r'"\N{NOTHING}"', r"\N{NOTHING}", "name of a character"),
        (r'"\N"', r"\N", "name of a character"),
        ('b"a"', "b", "bytes"),
        ('bR"a"', "bR", "bytes"),
        ('ur"a"', "ur", "`ur` strings"),
        ('f"{}"', "{}", "need an expression"),
        ('f"{a"', "{", "needs a `}`"),
        ('f"a}"', "}", "needs a `{`"),
        ('f"{i:02d}"', ":02d", "got the format `:02d`"),
        ('f"{i!r}"', "!r", "got the format `!r`"),
        ('f"{i=}"', "=", "got the format `=`"),
        (r'f"\x4{i}"', r"\x4", "2 hexadecimal digits"),
    ],
)
def test_bad_strings(text: str, covered: str, words: str) -> None:
    _, diagnostics = parsed(f"model m {{\n    x = f({text}, 1)\n    output y\n}}\n")
    assert [d.code.id for d in diagnostics] == ["E0107"]
    assert diagnostics[0].span.text == covered
    assert words in diagnostics[0].message


def test_errors_in_fstrings_stand_where_they_are() -> None:
    _, (error,) = parsed('model m {\n    x = f"a{i +}b"\n}\n')
    assert (error.code.id, error.span.text) == ("E0101", "}")
    assert error.message == "`+` needs a value after it, got `}`"
