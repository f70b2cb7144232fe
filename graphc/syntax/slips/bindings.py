"""Slips that show at an equal sign, and statements that share a line."""

from __future__ import annotations

from collections.abc import Callable

from graphc.syntax.place import PANIC, Place
from graphc.syntax.tokens import (
    END,
    NEWLINE,
    OPERAND_ENDS,
    STATEMENT_WORDS,
)

_BOUND = ("COLON", "EQUAL")
_LINE_ENDS = (NEWLINE, "RBRACE", END)


def augmented_assignment(place: Place) -> int | None:
    """`x += y`, `x := y`, `x === y`."""
    if place.kind != "EQUAL" or not place.is_adjacent():
        return None
    sign = place.text_at(-1)
    if place.before == "COLON":
        place.say(
            "a name is bound with `=`, got `:=`",
            first=-1,
            last=0,
            help="delete the `:`",
            edits=[place.deleting(-1)],
        )
        return PANIC
    if place.before not in ("OPERATOR", "MINUS"):
        return None
    if sign in ("==", "!="):
        place.say(
            f"a comparison is written `{sign}`, got `{sign}=`",
            first=-1,
            last=0,
            help="delete the last `=`",
            edits=[place.replacing(sign, -1, 0)],
        )
        return place.drop()
    name = place.between(place.begin, place.index - 2)
    rest = place.rest_of_line()
    value = place.between(rest[1], rest[-1]) if len(rest) > 1 else "…"
    if len(rest) > 2:
        value = f"({value})"
    place.say(
        f"a name is bound with `=`, got `{sign}=`",
        first=-1,
        last=0,
        help=f"write `{name} = {name} {sign} {value}`",
    )
    return PANIC


def condition_equal(place: Place) -> int | None:
    """`if a = b {`, `require params = 3`."""
    if place.kind != "EQUAL" or place.before not in OPERAND_ENDS:
        return None
    is_condition = place.head in ("IF", "REQUIRE") or _after_elif(place)
    if not is_condition or place.bracket() is not None or not place.accepts("OPERATOR"):
        return None
    place.say(
        "a comparison is written `==`, got `=`",
        help="replace `=` with `==`",
        edits=[place.replacing("==")],
    )
    return place.replace("OPERATOR", "==")


def _after_elif(place: Place) -> bool:
    for position in range(place.index - 1, place.begin, -1):
        kind = place.tokens.kinds[position]
        if kind in ("LBRACE", "RBRACE", NEWLINE):
            return False
        if kind == "ELIF":
            return True
    return False


def second_equal(place: Place) -> int | None:
    """`x[0] = 3`, `a = b = 3`, `x.y = 3`."""
    if place.kind != "EQUAL" or place.bracket() is not None or place.before not in OPERAND_ENDS:
        return None
    if any(place.tokens.kinds[i] == "EQUAL" for i in range(place.begin, place.index)):
        place.say(
            "a statement binds one value with one `=`, got a second `=`",
            help="bind each name in a line of its own",
        )
        return PANIC
    if place.symbol == "statement":
        place.say(
            f"`=` needs a name before it, got `{place.statement_text()}`",
            help=_binding_help(place),
        )
        return PANIC
    return None


def item_among_names(place: Place) -> int | None:
    """`a, x[0] = 3`, `a, f(x) = 3`, `a, x.b = 3`."""
    if place.kind not in ("LSQB", "LPAR", "DOT") or place.before != "NAME":
        return None
    kinds = place.tokens.kinds
    names = {kinds[position] for position in range(place.begin, place.index)}
    if place.symbol != "statement" or place.head != "NAME" or names != {"NAME", "COMMA"}:
        return None
    if "EQUAL" not in (kinds[position] for position in place.rest_of_line()):
        return None
    place.say(
        f"`=` needs names before it, got {place.shown()} after {place.shown(-1)}",
        first=-1,
        last=0,
        help="only names are bound; tensors and layers do not change",
    )
    return PANIC


def _binding_help(place: Place) -> str:
    """What binds instead of a list of names, a text, or a number on the wrong side."""
    kinds = place.tokens.kinds
    before = [kinds[position] for position in range(place.begin, place.index)]
    text = place.statement_text()
    if set(before[1:-1]) <= {"NAME", "COMMA"} and (before[0], before[-1]) == ("LSQB", "RSQB"):
        return f"write `{text[1:-1].strip()} = …`"
    if before == ["STRING"] and text[1:-1].isidentifier():
        return f"write `{text[1:-1]} = …`"
    if len(before) == 1 and place.kind_at(1) == "NAME" and place.kind_at(2) in _LINE_ENDS:
        return f"write `{place.text_at(1)} = {text}`"
    return "only names are bound; tensors and layers do not change"


def second_statement(place: Place) -> int | None:
    """`x = 1 y = 2`."""
    if place.bracket() is not None or not place.accepts(NEWLINE, place.kind):
        return None
    if place.kind in ("NAME", *STATEMENT_WORDS):
        index = 1
        while place.kind_at(index) == "COMMA" and place.kind_at(index + 1) == "NAME":
            index += 2
        is_statement = place.kind_at(index) in _BOUND or (
            place.kind in STATEMENT_WORDS and place.kind_at(1) == "NAME"
        )
    else:
        is_statement = place.kind in ("FOR", "IF") and place.before == "RBRACE"
    if not (is_statement or place.before == "RBRACE"):
        return None
    place.say(f"a statement needs a line of its own, got {place.shown()} after {place.shown(-1)}")
    return place.insert(NEWLINE)


SLIPS: tuple[Callable[[Place], int | None], ...] = (
    augmented_assignment,
    condition_equal,
    second_equal,
    item_among_names,
    second_statement,
)
