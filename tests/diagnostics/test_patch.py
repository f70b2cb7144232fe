import pytest

from graphc.diagnostics.canvas import Canvas
from graphc.diagnostics.diagnostic import Edit
from graphc.diagnostics.patch import Change, changes, draw_change
from graphc.source import SourceFile, Span
from tests.diagnostics.places import end_of, span_of

FILE = SourceFile("a.net", "one\ntwo\nthree\nfour\n")


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(4, 7, "2")], [(2, ["two"], ["2"])]),
        ([(4, 8, "")], [(2, ["two"], [])]),
        ([(4, 4, "new\n")], [(2, [], ["new"])]),
        ([(7, 7, "\nnew")], [(3, [], ["new"])]),
        ([(19, 19, "five\n")], [(5, [], ["five"])]),
        ([(0, 1, "O"), (2, 3, "E")], [(1, ["one"], ["OnE"])]),
        ([(8, 9, "T"), (0, 1, "O")], [(1, ["one"], ["One"]), (3, ["three"], ["Three"])]),
        ([(5, 11, "")], [(2, ["two", "three"], ["tee"])]),
        ([(4, 7, "two")], [(2, [], [])]),
        ([], []),
    ],
)
def test_changes(
    edits: list[tuple[int, int, str]], expected: list[tuple[int, list[str], list[str]]]
) -> None:
    found = changes(Edit(Span(FILE, start, end), text) for start, end, text in edits)
    assert [(c.line, list(c.removed), list(c.added)) for c in found] == expected


def test_changes_in_two_files_come_in_the_order_of_the_edits() -> None:
    other = SourceFile("b.net", "x\n")
    edits = [Edit(span_of(other, "x"), "y"), Edit(span_of(FILE, "one"), "1")]
    assert [change.file for change in changes(edits)] == [other, FILE]


def test_windows_line_ends_do_not_show() -> None:
    file = SourceFile("a.net", "one\r\ntwo\r\n")
    (change,) = changes([Edit(span_of(file, "two"), "2\n3")])
    assert change == Change(file, 2, ("two",), ("2", "3"))


def test_end_of_a_file_without_a_newline() -> None:
    file = SourceFile("a.net", "x = (1")
    (change,) = changes([Edit(end_of(file), ")")])
    assert change == Change(file, 1, ("x = (1",), ("x = (1)",))


def drawn(change: Change, width: int = 80) -> list[str]:
    canvas = Canvas()
    draw_change(canvas, change, gutter=2, width=width)
    return canvas.lines(color=False)


def test_drawing() -> None:
    assert drawn(Change(FILE, 9, ("a\x1b", "b"), ("c",))) == ["  9 - a␛", " 10 - b", "  9 + c"]


def test_long_lines_are_cut_around_the_difference() -> None:
    line = "word " * 99
    old, new = drawn(Change(FILE, 9, (f"{line}old {line}",), (f"{line}new {line}",)), width=40)
    assert old == "  9 - …rd word old word word word word …"
    assert new == old.replace("old", "new").replace("-", "+")


def test_many_lines_are_not_all_shown() -> None:
    change = Change(FILE, 1, tuple("abcdefghijkl"), ())
    assert drawn(change)[-2:] == ["  8 - h", " ..."]
    assert change.last_line == 8
