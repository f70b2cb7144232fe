"""What is drawn for marked source lines; read the pictures."""

from textwrap import dedent

from graphc.diagnostics.canvas import Canvas
from graphc.diagnostics.snippet import Mark, Snippet
from graphc.source import SourceFile, Span
from tests.diagnostics.places import end_of, span_of


def draw(text: str, *marks: tuple[str, str] | tuple[Span, str], width: int = 80) -> str:
    """Draw a source with its marks, the first the primary one, without the left margin."""
    file = SourceFile("a.net", text)
    spans = [
        (Span(file, m.start, m.end) if isinstance(m, Span) else span_of(file, m), label)
        for m, label in marks
    ]
    canvas = Canvas()
    Snippet(
        canvas,
        file,
        [Mark(span, label, index == 0, "") for index, (span, label) in enumerate(spans)],
        gutter=len(str(max(span.file.line_and_column(span.end)[0] for span, _ in spans))),
        width=width,
    ).draw()
    return dedent("\n".join(canvas.lines(color=False)))


def picture(golden: str) -> str:
    return dedent(golden).strip("\n")


def span(text: str, start: int, end: int) -> Span:
    return Span(SourceFile("a.net", text), start, end)


LINE = "x = image -> Conv2D(32, 3)\n"


def test_one_mark() -> None:
    assert draw(LINE, ("image", "of shape [B, 784]")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          |     ^^^^^ of shape [B, 784]
        """
    )


def test_two_texts_that_fit_on_one_line() -> None:
    assert draw(LINE, ("32", "too many"), ("x", "for this")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          | - for this          ^^ too many
        """
    )


def test_a_text_without_room_goes_below() -> None:
    assert draw(LINE, ("Conv2D", "needs rank 4"), ("image", "has shape [B, 784]")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          |     -----    ^^^^^^ needs rank 4
          |     |
          |     has shape [B, 784]
        """
    )


def test_texts_stack_from_the_right() -> None:
    assert draw(
        LINE,
        ("Conv2D", "needs rank 4"),
        ("image", "rank 2"),
        ("32", "filters"),
        ("x", "the result"),
    ) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          | -   -----    ^^^^^^ -- filters
          | |   |        |
          | |   |        needs rank 4
          | |   rank 2
          | the result
        """
    )


def test_marks_inside_each_other() -> None:
    assert draw(LINE, ("Conv2D(32, 3)", "needs rank 4"), ("32", "filters")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          |              ^^^^^^^--^^^^
          |              |      |
          |              |      filters
          |              needs rank 4
        """
    )


def test_two_texts_for_the_same_place() -> None:
    assert draw(LINE, ("image", "given here"), ("image", "and again")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          |     ^^^^^
          |     |
          |     given here
          |     and again
        """
    )


def test_same_place_twice_with_one_text() -> None:
    assert draw(LINE, ("image", "given here"), ("image", "")) == picture(
        """
        1 | x = image -> Conv2D(32, 3)
          |     ^^^^^ given here
        """
    )


def test_one_line_between_is_shown_and_more_are_not() -> None:
    assert draw("a = 1\nb\nc = 3\nd\ne\nf = 6\n", ("f", "six"), ("a", "one"), ("c", "")) == picture(
        """
        1 | a = 1
          | - one
        2 | b
        3 | c = 3
          | -
        ...
        6 | f = 6
          | ^ six
        """
    )


def test_line_numbers_are_aligned() -> None:
    text = "\n" * 8 + "a = 1\nb = 2\n"
    assert draw(text, ("b", "two"), ("a", "one")) == picture(
        """
         9 | a = 1
           | - one
        10 | b = 2
           | ^ two
        """
    )


BLOCK = """\
model m {
    x = Dense(
        64,
        relu,
    )
    output x
}
"""
DENSE = BLOCK[18:56]


def test_several_lines_from_the_start_of_one() -> None:
    assert draw(BLOCK, (BLOCK.rstrip("\n"), "has no input")) == picture(
        """
        1 | / model m {
        ... |
        7 | | }
          | |_^ has no input
        """
    )


def test_several_lines_from_within_one() -> None:
    assert draw(BLOCK, (DENSE, "needs an input")) == picture(
        """
        2 |       x = Dense(
          |  _________^
        ... |
        5 | |     )
          | |_____^ needs an input
        """
    )


def test_three_lines_are_shown_whole() -> None:
    text = "x = [\n  1\n]\n"
    assert draw(text, ("[\n  1\n]", "a list")) == picture(
        """
        1 |   x = [
          |  _____^
        2 | |   1
        3 | | ]
          | |_^ a list
        """
    )


def test_mark_within_several_lines() -> None:
    assert draw(BLOCK, ("relu", "not static"), (DENSE, "in this layer")) == picture(
        """
        2 |       x = Dense(
          |  _________-
        3 | |         64,
        4 | |         relu,
          | |         ^^^^ not static
        5 | |     )
          | |_____- in this layer
        """
    )


def test_mark_on_the_first_of_several_lines() -> None:
    assert draw(BLOCK, (DENSE, "this layer"), ("x", "named here"), ("m {", "in here")) == picture(
        """
        1 |   model m {
          |         --- in here
        2 |       x = Dense(
          |  _____-___^
          | |     |
          | |     named here
        ... |
        5 | |     )
          | |_____^ this layer
        """
    )


def test_two_times_several_lines() -> None:
    text = "a = [\n1,\n2] + [\n3,\n4]\n"
    assert draw(text, ("[\n3,\n4]", "right"), ("[\n1,\n2]", "left")) == picture(
        """
        1 |    a = [
          |  ______-
        2 | |  1,
        3 | |  2] + [
          | | __-___^
          | ||__|
          |  |  left
        4 |  | 3,
        5 |  | 4]
          |  |__^ right
        """
    )


def test_end_of_file() -> None:
    text = "model m {\n    output x\n"
    assert draw(text, (end_of(SourceFile("", text)), "`}` is missing"), ("{", "opened here")) == (
        picture(
            """
            1 | model m {
              |         - opened here
            2 |     output x
            3 |
              | ^ `}` is missing
            """
        )
    )


def test_end_of_file_without_a_newline() -> None:
    assert draw("x = (1", (end_of(SourceFile("", "x = (1")), "`)` is missing")) == picture(
        """
        1 | x = (1
          |       ^ `)` is missing
        """
    )


def test_newline_belongs_to_the_line_that_it_ends() -> None:
    assert draw("a = 1\nb\n", (span("a = 1\nb\n", 4, 6), "one")) == picture(
        """
        1 | a = 1
          |     ^ one
        """
    )


def test_a_newline_alone() -> None:
    assert draw("a =\nb\n", (span("a =\nb\n", 3, 4), "a value is missing")) == picture(
        """
        1 | a =
          |    ^ a value is missing
        """
    )


def test_windows_line_ends() -> None:
    text = "a = 1\r\nb = 2\r\n"
    assert draw(text, ("b = 2\r\n", "two"), ("a", "one")) == picture(
        """
        1 | a = 1
          | - one
        2 | b = 2
          | ^^^^^ two
        """
    )


def test_tabs_take_four_columns() -> None:
    assert draw("\tx =\timage\n", ("image", "rank 2"), ("x", "this"), ("\t", "")) == picture(
        """
        1 |     x =    image
          | ----- this ^^^^^ rank 2
        """
    )


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert draw("画像 = e\u0301tat -> Add()\n", ("e\u0301tat", "state"), ("画像", "図")) == picture(
        """
        1 | 画像 = état -> Add()
          | ----   ^^^^ state
          | |
          | 図
        """.replace("état", "e\u0301tat")
    )


def test_wide_texts_keep_their_distance() -> None:
    assert draw("a = image -> b\n", ("b", "here"), ("a", "画像の形")) == picture(
        """
        1 | a = image -> b
          | - 画像の形   ^ here
        """
    )


def test_escape_sequences_are_shown_and_not_sent() -> None:
    text = 'x = "\x1b[2J\x9b\x7f\u202e" -> b\n'
    assert draw(text, ("b", "\x1b[31m"), ("\x1b", "")) == picture(
        """
        1 | x = "␛[2J<U+009B>␡<U+202E>" -> b
          |      -                         ^ ␛[31m
        """
    )


LONG = "x = [" + ", ".join(map(str, range(1000))) + "] -> Dense(3)  # " + "and so on " * 99


def test_long_line_is_cut_around_the_mark() -> None:
    assert draw(LONG, ("500", "here"), width=60) == picture(
        """
        1 | …7, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, …
          |               ^^^ here
        """
    )


def test_long_line_is_cut_on_the_right_only_near_its_start() -> None:
    assert draw(LONG, ("x", "here"), width=60) == picture(
        """
        1 | x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,…
          | ^ here
        """
    )


def test_long_line_is_cut_on_the_left_only_near_its_end() -> None:
    text = "x = [" + ", ".join(map(str, range(1000))) + "] -> Dense(3)"
    assert draw(text, ("Dense(3)", "here"), width=60) == picture(
        """
        1 | …1, 992, 993, 994, 995, 996, 997, 998, 999] -> Dense(3)
          |                                                ^^^^^^^^ here
        """
    )


def test_marks_that_are_cut_away_stand_at_the_ellipsis() -> None:
    assert draw(LONG, ("500", "here"), ("x", "this"), ("999", "that"), width=60) == picture(
        """
        1 | …7, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, …
          | - this        ^^^ here                                - that
        """
    )


def test_mark_longer_than_the_screen() -> None:
    assert draw(LONG, (LONG[4:4000], "a list"), width=40) == picture(
        """
        1 | x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9,…
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a list
        """
    )


def test_line_of_a_million_characters() -> None:
    shown = draw("\u0301" * 10**6 + "x" * 10**6, (span("", 1_500_000, 1_500_004), "here"))
    assert shown.endswith("^^^^ here")
    assert len(shown) < 400
