from graphc.diagnostics.canvas import BOLD_RED, GREEN, Canvas, paint


def test_later_text_stands_on_top() -> None:
    canvas = Canvas()
    canvas.put(1, 2, "______", GREEN)
    canvas.put(1, 4, "^^", BOLD_RED)
    assert canvas.lines(color=False) == ["", "  __^^__"]
    assert canvas.lines(color=True) == [
        "",
        "  \x1b[32m__\x1b[0m\x1b[1;91m^^\x1b[0m\x1b[32m__\x1b[0m",
    ]
    assert canvas.height == 2


def test_wide_and_combining_characters_keep_their_columns() -> None:
    canvas = Canvas()
    canvas.put(0, 0, "画e\u0301.")
    canvas.put(0, 4, "|")
    assert canvas.lines(color=False) == ["画e\u0301.|"]


def test_blanks_at_the_end_are_not_printed() -> None:
    canvas = Canvas()
    canvas.put(0, 0, " |   ", BOLD_RED)
    assert canvas.lines(color=False) == [" |"]


def test_paint() -> None:
    assert paint("x", GREEN, color=True) == "\x1b[32mx\x1b[0m"
    assert paint("x", GREEN, color=False) == "x"
    assert paint("x", "", color=True) == "x"
    assert paint("", GREEN, color=True) == ""
