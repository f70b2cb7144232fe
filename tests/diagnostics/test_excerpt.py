from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.excerpt import Excerpt
from graphc.diagnostics.glyphs import columns, printable

CHARACTERS = st.sampled_from("abc \t漢\u0301\x1b")


def test_line_that_fits_stays_whole() -> None:
    excerpt = Excerpt("x\t= 画", 20)
    assert excerpt.text == "x    = 画"
    assert excerpt.columns_between(1, 2) == (1, 5)
    assert excerpt.columns_between(4, 5) == (7, 9)


def test_past_the_end_stands_the_newline() -> None:
    assert Excerpt("ab", 20).columns_between(2, 3) == (2, 3)
    assert Excerpt("", 20).columns_between(0, 0) == (0, 1)


def test_cut_line() -> None:
    excerpt = Excerpt("0123456789" * 9, 20, first=45, last=47, anchor=45)
    assert excerpt.text == "…012345678901234567…"
    assert excerpt.columns_between(45, 47) == (6, 8)
    assert excerpt.columns_between(0, 3) == (0, 1)
    assert excerpt.columns_between(80, 90) == (19, 20)
    assert excerpt.columns_between(0, 90) == (0, 20)


@settings(deadline=None)
@given(st.text(CHARACTERS, max_size=300), st.integers(20, 60), st.data())
def test_no_line_is_too_long_and_the_anchor_is_seen(
    line: str, room: int, data: st.DataObject
) -> None:
    anchor = data.draw(st.integers(0, len(line)))
    first = data.draw(st.integers(0, anchor))
    last = data.draw(st.integers(anchor, len(line)))
    excerpt = Excerpt(line, room, first=first, last=last, anchor=anchor)
    assert columns(excerpt.text) <= room
    start, end = excerpt.columns_between(anchor, anchor + 1)
    assert 0 <= start < end <= room + 1
    if anchor < len(line) and columns(printable(line[anchor])):
        assert printable(line[anchor]) in excerpt.text
