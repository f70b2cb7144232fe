"""Slips in declarations, in the heads of bodies, and in the entries of train blocks."""

from __future__ import annotations

from collections.abc import Callable

from graphc.syntax.place import PANIC, Place
from graphc.syntax.tokens import (
    END,
    HEADS,
    NEWLINE,
    OPERAND_STARTS,
)


def starred_parameter(place: Place) -> int | None:
    """`block stack(*widths) {`."""
    if place.symbol != "item" or place.text not in ("*", "**") or place.kind_at(1) != "NAME":
        return None
    if place.before not in ("LPAR", "COMMA"):
        return None
    place.say(
        f"parameters are written out one by one, got `{place.text}` before {place.shown(1)}",
        help=f"a parameter may be a list or a dict: write `{place.text_at(1)}`",
        edits=[place.deleting()],
    )
    return PANIC


def input_slip(place: Place) -> int | None:
    """`input image [784]`, `input: [784]`, `input image: 784`."""
    if place.head != "INPUT" or place.symbol != "statement":
        return None
    subject = f"`{place.statement_text()}`"
    if place.index == place.begin + 1:
        if place.kind == "LPAR":
            place.say(
                "`input` needs a name or a shape in brackets after it, got `(`",
                help="as in `input image: [28, 28, 1]`, or `input [784]` in a sequential",
            )
            return PANIC
        if place.kind in OPERAND_STARTS:
            return None
        place.say(
            f"`input` needs a name and a shape, got {place.shown()}",
            help="as in `input image: [28, 28, 1]`",
        )
        return PANIC
    if place.index == place.begin + 2 and place.kind == "NAME":
        is_shape = place.kind_at(1) == "LSQB"
        place.say(
            f"{subject} needs `:` and a shape, got {place.shown()}",
            help="put `:` before the shape" if is_shape else "as in `input image: [28, 28, 1]`",
            edits=[place.inserting(":")] if is_shape else [],
        )
        return place.insert("COLON") if is_shape else PANIC
    if place.before == "EQUAL":
        return _behind_equal_sign(place)
    if place.before == "RSQB" and place.bracket() is None:
        return _behind_shape(place)
    return shape_slip(place)


def _behind_equal_sign(place: Place) -> int | None:
    """`input image = [784]`, `input scale: [] = 1.0`."""
    is_first = place.index == place.begin + 3
    if is_first and "LSQB" in (place.kind, place.kind_at(1)):
        place.say(
            f"`{place.between(place.begin, place.begin + 1)}` needs `:` and a shape, got `=`",
            first=-1,
            help="put `:` before the shape",
            edits=[place.replacing(":", -1)],
        )
        place.tokens.kinds[place.index - 1] = "COLON"
        return place.restart(place.head)
    place.say(
        f"an input has no value of its own, got {place.shown()}",
        help="`= None` says that it may be left out; what stays the same is a `const` or a `weight`",
    )
    return PANIC


def _behind_shape(place: Place) -> int | None:
    """`input x: [784] float32`, and `input [784]` with an arrow behind it."""
    if place.kind == "ARROW":
        place.say(
            "`input` is a statement of its own, got `->` after it",
            help="a line of a sequential is a layer without `->`; in a model, begin with a name: "
            "`y = x -> Dense(10)`",
        )
        return PANIC
    if place.kind != "NAME" or place.kind_at(1) not in (NEWLINE, END, "AS", "RBRACE"):
        return None
    opening = place.index - 1
    while place.tokens.kinds[opening] != "LSQB":
        opening -= 1
    if place.tokens.kinds[opening - 1] == "NAME":
        return None
    whole = place.text + place.between(opening, place.index - 1)
    place.say(
        f"a dtype stands before its shape, got {place.shown()} after it",
        help=f"write `{whole}`",
        edits=[place.replacing(whole, opening - place.index, 0)],
    )
    return PANIC


def weight_slip(place: Place) -> int | None:
    """`weight w = 0.0`, `weight w [3]`, `frozen table: [3]`."""
    if place.head not in ("WEIGHT", "FROZEN") or place.symbol != "statement":
        return None
    if place.before == "FROZEN":
        place.say(
            f"`frozen` needs `weight` after it, got {place.shown()}",
            help="put `weight` behind it",
            edits=[place.inserting(" weight")] if place.kind == "NAME" else [],
        )
        return place.insert("WEIGHT") if place.kind == "NAME" else PANIC
    if place.before == "WEIGHT":
        place.say(
            f"`weight` needs a name and a shape, got {place.shown()}",
            help="as in `weight scale: [64] = ones`",
        )
        return PANIC
    if not place.accepts("COLON") or place.bracket() is not None:
        return shape_slip(place)
    is_shape = place.kind == "LSQB" or (place.kind == "NAME" and place.kind_at(1) == "LSQB")
    place.say(
        f"`{place.statement_text()}` needs `:` and a shape, got {place.shown()}",
        help="put `:` before the shape" if is_shape else "as in `weight scale: [64] = ones`",
        edits=[place.inserting(":")] if is_shape else [],
    )
    return place.insert("COLON") if is_shape else PANIC


def output_slip(place: Place) -> int | None:
    """`output = x`, `output` alone."""
    if place.head != "OUTPUT" or place.symbol != "statement" or place.before != "OUTPUT":
        return None
    if place.kind == "EQUAL":
        place.say(
            "`output` takes its value without `=`",
            help="delete the `=`",
            edits=[place.deleting()],
        )
        return place.drop()
    if place.kind in OPERAND_STARTS:
        return None
    place.say(f"`output` needs a value, got {place.shown()}", help="as in `output x -> Dense(10)`")
    return PANIC


def loop_slip(place: Place) -> int | None:
    """`for i range(3)`, `for i of items`."""
    if place.head != "FOR" or place.symbol != "statement":
        return None
    if not place.accepts("IN") or place.accepts("OPERATOR"):
        return None
    message = f"`{place.statement_text()}` needs `in` and something to run over"
    if place.kind == "EQUAL" or place.text == "of":
        place.say(
            f"{message}, got {place.shown()}",
            help=f"replace `{place.text}` with `in`",
            edits=[place.replacing("in")],
        )
        return place.replace("IN")
    if place.kind in OPERAND_STARTS and place.kind != "LBRACE":
        place.say(
            f"{message}, got {place.shown()}",
            help="put `in` between them",
            edits=[place.inserting(" in")],
        )
        return place.insert("IN")
    place.say(f"{message}, got {place.shown()}")
    return PANIC


def headless_body(place: Place) -> int | None:
    """`if x` without a brace; where a body follows below, layout.py has put one in."""
    if place.head not in HEADS or place.symbol != "statement" or not place.accepts("LBRACE"):
        return None
    is_body = place.kind == "NAME" and place.kind_at(1) == "EQUAL"
    if not is_body and place.kind not in ("COLON", NEWLINE, END, "RBRACE"):
        return None
    place.say(
        f"`{place.statement_text()}` needs `{{` and a body, got {place.shown()}",
        help="a body stands between `{` and `}`",
    )
    return PANIC


def headless_value(place: Place) -> int | None:
    """`for i in {`, `if x == {`: what looks like a dict is the body."""
    brace = place.bracket()
    if place.head not in ("FOR", "IF") or place.kind != "EQUAL" or brace is None:
        return None
    before = place.tokens.kinds[brace - 1]
    if place.bracket_kind() != "dict" or before not in ("IN", "IF", "OPERATOR", "MINUS", "NOT"):
        return None
    offset = brace - place.index
    place.say(f"{place.shown(offset - 1)} needs a value after it, got `{{`", first=offset)
    return PANIC


def entry_slip(place: Place) -> int | None:
    """`epochs: 2` and `epochs = 2,` in a train block."""
    if place.symbol != "entry":
        return None
    if place.kind in (NEWLINE, "RBRACE") and place.before == "COMMA":
        place.say(
            "the entries of a train block stand on lines of their own, and need no `,`",
            first=-1,
            help="delete the `,`",
            edits=[place.deleting(-1)],
        )
        return PANIC
    if place.index != place.begin + 1:
        return None
    message = f"`{place.statement_text()}` needs `=` and a value, got {place.shown()}"
    if place.kind == "COLON":
        place.say(message, help="replace `:` with `=`", edits=[place.replacing(" =")])
        return place.replace("EQUAL")
    place.say(message)
    return PANIC


def shape_slip(place: Place) -> int | None:
    """`input image: 784`, `weight w: 3 = 0.0`, `x: float32 = y`."""
    tokens = place.tokens
    if place.kind == "EQUAL" and place.is_adjacent():
        return None
    if place.before == "COLON" and place.bracket() is None and place.accepts("LSQB"):
        edits = []
        if place.kind == "NUMBER" and place.kind_at(1) in (NEWLINE, END, "EQUAL", "AS", "RBRACE"):
            edits = [place.replacing(f"[{place.text}]")]
        place.say(
            f"`{place.statement_text()}` needs a shape in brackets, got {place.shown()}",
            help="as in `[28, 28, 1]`, or `float16[784]` with its dtype",
            edits=edits,
        )
        return PANIC
    is_dtype = place.before == "NAME" and tokens.kinds[place.index - 2] == "COLON"
    if is_dtype and place.bracket() is None and place.accepts("LSQB") and not place.accepts("DOT"):
        dtype = place.text_at(-1)
        place.say(
            f"`{dtype}` needs a shape in brackets after it, got {place.shown()}",
            help=f"a tensor with one number per example is `{dtype}[]`",
        )
        return PANIC
    return None


SLIPS: tuple[Callable[[Place], int | None], ...] = (
    starred_parameter,
    input_slip,
    weight_slip,
    output_slip,
    loop_slip,
    headless_body,
    headless_value,
    entry_slip,
    shape_slip,
)
