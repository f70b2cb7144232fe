import re
import unicodedata
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.codes import CODES, MASK_DROPPED, RANK_MISMATCH, UNKNOWN_NAME
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Sink
from graphc.diagnostics.text import counts, render_all, render_text
from graphc.source import SourceFile
from tests.diagnostics.places import end_of, span_of
from tests.diagnostics.strategies import diagnostics

MNIST = SourceFile(
    "mnist.net",
    "model mnist {\n    input image: [784]\n    x = image -> Conv2D(32, 3)\n    output x\n}\n",
)
CONV = span_of(MNIST, "Conv2D(32, 3)")
RANK = Diagnostic(
    RANK_MISMATCH,
    "Conv2D needs a rank-4 input (batch, height, width, channels), got [B, 784]",
    CONV,
    "needs rank 4, got rank 2",
    (Label(span_of(MNIST, "[784]"), "image has shape [B, 784]"),),
    "reshape it first: image -> Reshape([28, 28, 1]) -> Conv2D(32, 3)",
)


def text(golden: str) -> str:
    return dedent(golden).strip("\n")


def layer(*, help: str | None = None, fix: Fix | None = None, label: str = "") -> Diagnostic:
    return Diagnostic(UNKNOWN_NAME, "no such layer", span_of(MNIST, "Conv2D"), label, (), help, fix)


def test_example_of_the_language_document() -> None:
    assert render_text(RANK) == text(
        """
        error[E0301]: Conv2D needs a rank-4 input (batch, height, width, channels), got [B, 784]
          --> mnist.net:3:18
           |
         2 |     input image: [784]
           |                  ----- image has shape [B, 784]
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^^^^^^^^ needs rank 4, got rank 2
           |
           = help: reshape it first: image -> Reshape([28, 28, 1]) -> Conv2D(32, 3)
        """
    )


def test_warning_without_label_or_help() -> None:
    found = Diagnostic(MASK_DROPPED, "the mask ends here", CONV)
    assert render_text(found) == text(
        """
        warning[W0103]: the mask ends here
          --> mnist.net:3:18
           |
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^^^^^^^^
        """
    )


def test_labels_in_another_file() -> None:
    blocks = SourceFile("blocks.net", "\n" * 9 + "block pair() {\n    output x -> Add()\n}\n")
    found = Diagnostic(
        RANK_MISMATCH,
        "Add needs two inputs or more, got 1",
        span_of(blocks, "Add()"),
        "gets x alone",
        (
            Label(span_of(MNIST, "image ->"), "used here"),
            Label(span_of(blocks, "pair"), "in this block"),
        ),
    )
    assert render_text(found) == text(
        """
        error[E0301]: Add needs two inputs or more, got 1
           --> blocks.net:11:17
            |
         10 | block pair() {
            |       ---- in this block
         11 |     output x -> Add()
            |                 ^^^^^ gets x alone
            |
           ::: mnist.net:3:9
            |
          3 |     x = image -> Conv2D(32, 3)
            |         -------- used here
        """
    )


def test_lines_of_message_and_help_are_aligned() -> None:
    found = Diagnostic(UNKNOWN_NAME, "first\nsecond", CONV, help="do this\nor that")
    assert render_text(found) == text(
        """
        error[E0201]: first
                      second
          --> mnist.net:3:18
           |
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^^^^^^^^
           |
           = help: do this
                   or that
        """
    )


def test_file_that_could_not_be_read_has_no_source_to_show() -> None:
    blob = SourceFile("blob.net", "")
    assert render_text(Diagnostic(UNKNOWN_NAME, "blob.net is not text", end_of(blob))) == text(
        """
        error[E0201]: blob.net is not text
          --> blob.net:1:1
        """
    )


def test_fix_without_help_is_shown_as_lines() -> None:
    fix = Fix("use the layer for sequences", (Edit(span_of(MNIST, "Conv2D"), "Conv1D"),))
    assert render_text(layer(fix=fix)) == text(
        """
        error[E0201]: no such layer
          --> mnist.net:3:18
           |
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^
           |
           = help: use the layer for sequences
           |
         3 -     x = image -> Conv2D(32, 3)
         3 +     x = image -> Conv1D(32, 3)
        """
    )


def test_fix_in_several_places() -> None:
    fix = Fix(
        "leave it out",
        (
            Edit(span_of(MNIST, "    x = image -> Conv2D(32, 3)\n"), ""),
            Edit(span_of(MNIST, "x\n"), "image\n"),
            Edit(span_of(MNIST, "[784]"), "[28, 28, 1]"),
        ),
    )
    assert render_text(layer(fix=fix)) == text(
        """
        error[E0201]: no such layer
          --> mnist.net:3:18
           |
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^
           |
           = help: leave it out
           |
         2 -     input image: [784]
         2 +     input image: [28, 28, 1]
           |
         3 -     x = image -> Conv2D(32, 3)
         4 -     output x
         3 +     output image
        """
    )


def test_fix_in_another_file_names_it() -> None:
    blocks = SourceFile("blocks.net", "block pair() {\n}\n")
    fix = Fix("add an output", (Edit(span_of(blocks, "}"), "    output x\n}"),))
    assert render_text(layer(fix=fix)) == text(
        """
        error[E0201]: no such layer
          --> mnist.net:3:18
           |
         3 |     x = image -> Conv2D(32, 3)
           |                  ^^^^^^
           |
           = help: add an output
           |
          ::: blocks.net:2
           |
         2 +     output x
        """
    )


@pytest.mark.parametrize(
    ("help", "title", "shows_help", "shows_title", "shows_lines"),
    [
        ("did you mean `Conv1D`?", "use `Conv1D`", True, False, False),
        ("use another layer", "use another layer", True, True, True),
        ("see Conv1DTranspose", "use `Conv1D`", True, True, True),
        (None, "use `Conv1D`", False, True, True),
    ],
)
def test_fix_is_shown_unless_the_help_says_the_same(
    help: str | None, title: str, shows_help: bool, shows_title: bool, shows_lines: bool
) -> None:
    fix = Fix(title, (Edit(span_of(MNIST, "Conv2D"), "Conv1D"),))
    shown = render_text(layer(help=help, fix=fix))
    assert (help is not None and f"= help: {help}" in shown) == shows_help
    assert (f"= help: {title}" in shown) == shows_title
    assert (" 3 + " in shown) == shows_lines
    assert shown.count("= help") == len({help, title} - {None} if shows_lines else {help})


def test_colour() -> None:
    fix = Fix("use the layer for sequences", (Edit(span_of(MNIST, "Conv2D"), "Conv1D"),))
    lines = render_text(layer(fix=fix, label="here"), color=True).split("\n")
    assert lines[0] == "\x1b[1;91merror[E0201]\x1b[0m\x1b[1m: no such layer\x1b[0m"
    assert lines[1] == "\x1b[1;94m  -->\x1b[0m mnist.net:3:18"
    assert lines[3] == "\x1b[1;94m 3 |\x1b[0m     x = image -> Conv2D(32, 3)"
    assert lines[4].endswith("\x1b[1;91m^^^^^^\x1b[0m \x1b[1;91mhere\x1b[0m")
    assert lines[6].endswith(
        "\x1b[1;94m=\x1b[0m \x1b[1;96mhelp\x1b[0m: use the layer for sequences"
    )
    assert "\x1b[91m-     x" in lines[8]
    assert "\x1b[32m+     x" in lines[9]


def test_warnings_are_yellow() -> None:
    assert render_text(Diagnostic(MASK_DROPPED, "m", CONV), color=True).startswith("\x1b[1;93m")


def test_render_all_of_one_file() -> None:
    shown = render_all([RANK, layer(), Diagnostic(MASK_DROPPED, "the mask ends here", CONV)])
    assert shown.startswith("error[E0301]")
    assert "\n\nerror[E0201]: no such layer\n  -->" in shown
    assert shown.endswith(
        "\n\nmnist.net: 2 errors, 1 warning\nfor more: graphc explain E0301 (or E0201, W0103)"
    )


def test_render_all_takes_a_sink_in_source_order() -> None:
    sink = Sink()
    for diagnostic in (RANK, Diagnostic(UNKNOWN_NAME, "no such", span_of(MNIST, "784"))):
        sink.add(diagnostic)
    assert render_all(sink).index("E0201") < render_all(sink).index("E0301")


def test_render_all_of_nothing_is_empty() -> None:
    assert render_all([]) == ""
    assert render_all(Sink()) == ""


def test_render_all_names_few_codes() -> None:
    found = [Diagnostic(code, "m", CONV) for code in CODES.values()]
    last = render_all(found).split("\n")[-1]
    assert last == "for more: graphc explain E0101 (or E0102, E0103, E0104, E0105, E0106, …)"


def test_counts() -> None:
    other = Diagnostic(UNKNOWN_NAME, "m", end_of(SourceFile("b\x1b.net", "x")))
    warning = Diagnostic(MASK_DROPPED, "m", CONV)
    assert counts([RANK]) == "mnist.net: 1 error"
    assert counts([warning]) == "mnist.net: 1 warning"
    assert counts([RANK, RANK, other]) == "3 errors in 2 files"
    assert counts([RANK, warning, other]) == "2 errors, 1 warning in 2 files"
    assert counts([other]) == "b␛.net: 1 error"
    assert counts([]) == "no errors"


@settings(deadline=None)
@given(diagnostics(), st.integers(1, 60))
def test_nothing_in_a_file_can_act_on_the_terminal(diagnostic: Diagnostic, width: int) -> None:
    shown = render_text(diagnostic, width=width)
    acting = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert acting <= {"\n"}


@settings(deadline=None)
@given(diagnostics(), st.integers(1, 60))
def test_colour_changes_no_character(diagnostic: Diagnostic, width: int) -> None:
    colored = render_text(diagnostic, color=True, width=width)
    assert re.sub(r"\x1b\[[\d;]+m", "", colored) == render_text(diagnostic, width=width)


@settings(deadline=None)
@given(diagnostics())
def test_no_line_ends_in_blanks(diagnostic: Diagnostic) -> None:
    lines = render_text(diagnostic).split("\n")[diagnostic.message.count("\n") + 1 :]
    assert [line for line in lines if line != line.rstrip(" ")] == []
