import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.diagnostic import Edit, Fix
from graphc.diagnostics.fix import apply_edits, apply_fixes
from graphc.source import SourceFile, Span
from tests.diagnostics.places import span_of

TEXT = "x = image -> Dnse(64)\n"
FILE = SourceFile("a.net", TEXT)


def fix(start: int, end: int, replacement: str, file: SourceFile = FILE) -> Fix:
    return Fix("mend", (Edit(Span(file, start, end), replacement),))


def test_one_fix() -> None:
    mend = Fix("use `Dense`", (Edit(span_of(FILE, "Dnse"), "Dense"),))
    fixed = apply_fixes(TEXT, [mend])
    assert fixed.text == "x = image -> Dense(64)\n"
    assert fixed.applied == (mend,)
    assert fixed.left == ()


def test_no_fixes() -> None:
    assert apply_fixes(TEXT, []).text == TEXT


def test_fixes_in_any_order() -> None:
    late, early = fix(13, 17, "Dense"), fix(0, 1, "y")
    for fixes in ([late, early], [early, late]):
        fixed = apply_fixes(TEXT, fixes)
        assert fixed.text == "y = image -> Dense(64)\n"
        assert fixed.applied == tuple(fixes)


@pytest.mark.parametrize(
    "second",
    [(13, 17), (12, 14), (16, 20), (14, 15), (0, 22), (15, 15)],
    ids=["same", "over the start", "over the end", "inside", "around", "insertion inside"],
)
def test_the_first_of_two_overlapping_fixes_wins(second: tuple[int, int]) -> None:
    one, other = fix(13, 17, "Dense"), fix(*second, "Conv1D")
    fixed = apply_fixes(TEXT, [one, other])
    assert fixed.text == "x = image -> Dense(64)\n"
    assert (fixed.applied, fixed.left) == ((one,), (other,))


def test_fixes_may_touch() -> None:
    fixes = [fix(13, 17, "Dense"), fix(17, 17, "r"), fix(13, 13, "My"), fix(18, 20, "1")]
    fixed = apply_fixes(TEXT, fixes)
    assert fixed.text == "x = image -> MyDenser(1)\n"
    assert fixed.left == ()


def test_two_insertions_at_one_place_have_no_order() -> None:
    one, other = fix(22, 22, "a"), fix(22, 22, "b")
    fixed = apply_fixes(TEXT, [one, other])
    assert fixed.text == TEXT + "a"
    assert fixed.left == (other,)


def test_the_same_fix_twice_is_applied_once() -> None:
    fixes = [fix(22, 22, "}\n"), fix(22, 22, "}\n")]
    fixed = apply_fixes(TEXT, fixes)
    assert fixed.text == TEXT + "}\n"
    assert fixed.applied == tuple(fixes)


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    first = fix(18, 20, "32")
    both = Fix("both", (Edit(Span(FILE, 0, 1), "y"), Edit(Span(FILE, 17, 21), "()")))
    after = fix(0, 1, "z")
    fixed = apply_fixes(TEXT, [first, both, after])
    assert fixed.text == "z = image -> Dnse(32)\n"
    assert (fixed.applied, fixed.left) == ((first, after), (both,))


def test_edits_of_one_fix_that_overlap_are_left() -> None:
    broken = Fix("both", (Edit(Span(FILE, 0, 5), "y"), Edit(Span(FILE, 3, 7), "z")))
    fixed = apply_fixes(TEXT, [broken])
    assert (fixed.text, fixed.left) == (TEXT, (broken,))


def test_fix_that_reaches_into_another_file_is_left() -> None:
    other = SourceFile("b.net", "block b() {\n}\n")
    both = Fix("both", (Edit(Span(FILE, 0, 1), "y"), Edit(Span(other, 0, 5), "model")))
    fixed = apply_fixes(TEXT, [both])
    assert (fixed.text, fixed.left) == (TEXT, (both,))


def test_edits_in_any_order() -> None:
    edits = [Edit(Span(FILE, 13, 17), "Dense"), Edit(Span(FILE, 0, 4), "")]
    assert apply_edits(TEXT, edits) == "image -> Dense(64)\n"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 22), st.integers(0, 22), st.sampled_from(["", "a", "bc"])),
        max_size=8,
    )
)
def test_rounds_of_fixes_lose_no_text_and_end(edits: list[tuple[int, int, str]]) -> None:
    fixes = [fix(min(a, b), max(a, b), text) for a, b, text in edits]
    fixed = apply_fixes(TEXT, fixes)
    assert sorted(map(id, (*fixed.applied, *fixed.left))) == sorted(map(id, fixes))
    # What is left met something that was applied.
    assert bool(fixed.applied) == bool(fixes)
    distinct = {f.edits for f in fixed.applied}
    grown = sum(
        len(e.replacement) - (e.span.end - e.span.start) for edits_of in distinct for e in edits_of
    )
    assert len(fixed.text) == len(TEXT) + grown
