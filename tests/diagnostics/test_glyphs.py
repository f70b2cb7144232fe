import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.glyphs import columns, glyph, printable


@pytest.mark.parametrize(
    ("character", "printed"),
    [
        ("a", "a"),
        ("é", "é"),
        ("漢", "漢"),
        ("\t", "    "),
        ("\0", "␀"),
        ("\x1b", "␛"),
        ("\n", "␊"),
        ("\x7f", "␡"),
        ("\x9b", "<U+009B>"),
        ("\u202e", "<U+202E>"),
        ("\u200b", "<U+200B>"),
        ("\ufeff", "<U+FEFF>"),
        ("\u2028", "<U+2028>"),
        ("\udc80", "<U+DC80>"),
        ("\U000e0041", "<U+E0041>"),
    ],
)
def test_glyphs(character: str, printed: str) -> None:
    assert glyph(character) == printed
    assert printable(f"a{character}b") == f"a{printed}b"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("", 0),
        ("漢字", 4),
        ("e\u0301", 1),
        ("ﬀＡ", 3),
        ("😀", 2),
        ("\u1100\u1161\u11a8", 2),
        ("né", 2),
    ],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


@settings(deadline=None)
@given(st.text())
def test_printable_text_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert not {unicodedata.category(c) for c in once} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
