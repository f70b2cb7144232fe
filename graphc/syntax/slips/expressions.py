"""Slips inside expressions, and what to say when no slip is known."""

from __future__ import annotations

import re
from collections.abc import Callable

from graphc.syntax.place import PANIC, Place
from graphc.syntax.tokens import END, HARD_WORDS, NEWLINE, OPERAND_ENDS, OPERAND_STARTS

_CLOSERS = ("RPAR", "RSQB", "RBRACE", NEWLINE, END)
_BRACED = re.compile(r"(\w|\{\w+\})+")
_OPERATORS = ("OPERATOR", "MINUS", "AND", "OR", "NOT", "IN")


def second_arrow(place: Place) -> int | None:
    """`x -> -> Dense(3)`, and an arrow with nothing before it."""
    if place.kind != "ARROW":
        return None
    if place.before == "ARROW":
        place.say(
            "one `->` is enough here, got two",
            help="delete the second `->`",
            edits=[place.deleting()],
        )
        return place.drop()
    if place.before in OPERAND_ENDS:
        return None
    behind = f", got {place.shown(-1)}" if place.before else ""
    place.say(f"`->` needs a tensor before it{behind}")
    return PANIC


def split_arrow(place: Place) -> int | None:
    """`x - > Dense(3)`."""
    if place.text != ">" or place.before != "MINUS":
        return None
    place.say(
        "an arrow is written `->`, got `- >`",
        first=-1,
        last=0,
        help="replace it with `->`",
        edits=[place.replacing("->", -1, 0)],
    )
    return PANIC


def needless_comma(place: Place) -> int | None:
    """`Dense(64),` on a line of its own."""
    if place.kind != "COMMA" or place.bracket() is not None or place.symbol != "statement":
        return None
    if place.kind_at(1) not in (NEWLINE, END, "RBRACE"):
        return None
    place.say(
        "a statement ends with its line, and needs no `,`",
        help="delete the `,`",
        edits=[place.replacing("")],
    )
    return place.drop()


def missing_stage(place: Place) -> int | None:
    """`x ->` and no more."""
    if place.before != "ARROW" or place.kind in OPERAND_STARTS:
        return None
    place.say(
        f"`->` needs a layer after it, got {place.shown()}",
        first=-1,
        help="delete the `->`, or name the layer that the tensor goes to",
    )
    return PANIC


def missing_value(place: Place) -> int | None:
    """`x = `, `a + `, `f(a, , b)`."""
    if not place.accepts("NUMBER") or place.kind in OPERAND_STARTS or not place.before:
        return None
    if place.kind == "COMMA" and place.before in ("COMMA", "LPAR", "LSQB", "LBRACE"):
        place.say(
            f"`,` needs a value before it, got {place.shown(-1)}",
            help="delete the `,`",
            edits=[place.deleting()],
        )
        return place.drop()
    if place.kind == "OPERATOR" and place.text in ("*", "**") and place.bracket_kind() == "call":
        place.say(
            f"arguments are written out one by one, got `{place.text}` before {place.shown(1)}"
        )
        return PANIC
    if place.kind in _OPERATORS and place.before not in _OPERATORS:
        place.say(f"`{place.text}` needs a value before it, got {place.shown(-1)}")
        return PANIC
    if place.kind in HARD_WORDS or place.kind in _CLOSERS or place.before in _OPERATORS:
        place.say(f"{place.shown(-1)} needs a value after it, got {place.shown()}")
        return PANIC
    return None


def missing_comma(place: Place) -> int | None:
    """`Dense(64 relu)`, `{"a" 1}`."""
    if place.bracket() is None or place.before not in OPERAND_ENDS:
        return None
    if place.kind == "FOR":
        place.say(
            "`for` needs to begin a statement of its own, got it inside brackets",
            help="write the items out, or build what you need in a `for` loop",
        )
        return PANIC
    if place.text in ("is", "if", "else"):
        return None
    kind = place.bracket_kind()
    if kind == "dict" and place.accepts("COLON"):
        sign, token = ":", "COLON"
        message = f"{place.shown(-1)} needs `:` and a value, got {place.shown()}"
    else:
        sign, token = ",", "COMMA"
        noun = "an argument" if kind == "call" else "an item"
        message = f"{noun} needs `,` before the next, got {place.shown()} after {place.shown(-1)}"
    if place.kind not in OPERAND_STARTS or not place.accepts(token, place.kind):
        return None
    place.say(
        message,
        help=f"put `{sign}` between them",
        edits=[place.inserting(sign)],
    )
    return place.insert(token)


def colon_for_equal(place: Place) -> int | None:
    """`Dense(units: 3)`, `{"a" = 1}`."""
    kind = place.bracket_kind()
    if place.kind == "COLON" and kind == "call" and place.before == "NAME":
        place.say(
            f"an argument is given with `=`, got `:` after {place.shown(-1)}",
            help="replace `:` with `=`",
            edits=[place.deleting(replacement="=")],
        )
        return PANIC
    if place.kind == "EQUAL" and kind == "dict" and place.accepts("COLON"):
        place.say(
            f"{place.shown(-1)} needs `:` and a value, got `=`",
            help="replace `=` with `:`",
            edits=[place.replacing(":")],
        )
        return place.replace("COLON")
    if place.kind == "EQUAL" and kind in ("call", "group") and place.before in OPERAND_ENDS:
        place.say(
            "an argument needs a single name before `=`",
            help="a comparison is written `==`",
        )
        return PANIC
    if place.kind == "EQUAL" and kind in ("list", "index") and place.accepts("OPERATOR"):
        place.say(
            "a comparison is written `==`, got `=`",
            help="replace `=` with `==`",
            edits=[place.replacing("==")],
        )
        return place.replace("OPERATOR", "==")
    return None


def identity(place: Place) -> int | None:
    """`x is None`."""
    if place.text != "is" or place.before not in OPERAND_ENDS or not place.accepts("OPERATOR"):
        return None
    is_negated = place.kind_at(1) == "NOT"
    sign = "!=" if is_negated else "=="
    place.say(
        f"a comparison is written `{sign}`, got `{'is not' if is_negated else 'is'}`",
        last=1 if is_negated else 0,
        help=f"replace it with `{sign}`",
        edits=[place.replacing(sign, 0, 1 if is_negated else 0)],
    )
    if not is_negated:
        return place.replace("OPERATOR", sign)
    return PANIC


def ternary(place: Place) -> int | None:
    """`c ? a : b`."""
    if place.kind != "QMARK" or place.before not in OPERAND_ENDS:
        return None
    place.say(
        "`?` needs to stand alone, as a dim that is not known",
        help="a choice is written `a if condition else b`",
    )
    return PANIC


def half_choice(place: Place) -> int | None:
    """`a if b` without its `else`."""
    if not place.accepts("ELSE") or place.before not in OPERAND_ENDS:
        return None
    if place.before == "RBRACE" or place.kind not in (*_CLOSERS, "COMMA", "ARROW", "AS"):
        return None
    place.say(
        f"`if` needs an `else` after it inside an expression, got {place.shown()}",
        help="write `a if condition else b`",
    )
    return PANIC


def missing_parentheses(place: Place) -> int | None:
    """`Dense 64`."""
    if place.bracket() is not None or place.before not in ("NAME", "RPAR"):
        return None
    starts = ("NAME", "NUMBER", "STRING", "TRUE", "FALSE", "NONE", "FSTRING")
    if place.kind not in starts or not place.accepts("ARROW") or place.before == "RPAR":
        return None
    rest = place.rest_of_line()
    name = place.text_at(-1)
    is_stage = place.kind_at(-2) == "ARROW" or (
        place.index - 1 == place.begin and name[0].isupper()
    )
    if not (is_stage or place.kind != "NAME") or place.kind_at(-2) == "AS":
        return None
    values = place.between(rest[0], rest[-1])
    is_simple = all(place.tokens.kinds[i] in (*starts, "COMMA", "EQUAL") for i in rest)
    whole = f"{name}({values})"
    place.say(
        f"`{name}` needs parentheses round its arguments, got {place.shown()} after it",
        help=f"write `{whole}`" if is_simple else f"write `{name}(…)`",
        edits=[place.replacing(whole, -1, len(rest) - 1)] if is_simple else [],
    )
    return PANIC


def layer_name(place: Place) -> int | None:
    """`as my layer`, `as 3`, `as` alone."""
    if place.before == "AS":
        place.say(
            f"`as` needs a name after it, got {place.shown()}",
            help='a name is a word, or any text in quotes: `as "conv 1"`',
        )
        return PANIC
    is_quoted = place.before in ("STRING", "FSTRING", "FSTRING_END")
    if place.kind == "IF" and (place.kind_at(-2) == "AS" or place.before == "FSTRING_END"):
        place.say(
            "`if` cannot follow a name after `as`",
            help="put what it chooses in parentheses: `(x -> f as name) if condition else y`",
        )
        return PANIC
    if place.kind == "LBRACE" and place.kind_at(-2) == "AS" and place.is_adjacent():
        match = _BRACED.match(place.tokens.text, place.tokens.starts[place.index - 1])
        name = match[0] if match else f"{place.text_at(-1)}{{i}}"
        place.say(
            "a name with braces in it is an f-string, and stands in quotes",
            first=-1,
            help=f'write `as f"{name}"`',
        )
        return PANIC
    if place.kind in ("MINUS", "OPERATOR") and place.kind_at(-2) == "AS" and is_quoted:
        place.say(
            f"the name after `as` is one string, got {place.shown()} after {place.shown(-1)}",
            help='put numbers into it in braces: `as f"conv_{i}"`',
        )
        return PANIC
    if place.kind_at(-2) == "AS" and place.kind in ("NAME", "NUMBER", "MINUS", "OPERATOR", "DOT"):
        place.say(
            f"the name after `as` needs to be one word or stand in quotes, got {place.shown()} "
            f"after {place.shown(-1)}",
            help='any text may be a name in quotes: `as "conv 1"`',
        )
        return PANIC
    return None


def attribute(place: Place) -> int | None:
    """`x.` and `x.3`."""
    if place.kind == "NUMBER" and place.text[0] == "." and place.before in OPERAND_ENDS:
        place.say(f"`.` needs a name after it, got `{place.text[1:]}`", help="items are `x[3]`")
        return PANIC
    if place.before != "DOT":
        return None
    place.say(f"`.` needs a name after it, got {place.shown()}")
    return PANIC


def missing_arrow(place: Place) -> int | None:
    """`image Dense(64)`."""
    if place.bracket() is not None or place.kind != "NAME" or not place.accepts("ARROW", "NAME"):
        return None
    if place.before not in OPERAND_ENDS or not (
        place.text[:1].isupper() or place.kind_at(1) == "LPAR"
    ):
        return None
    place.say(
        f"{place.shown(-1)} needs `->` before {place.shown()}, if it is to go there",
        help="put `->` between them",
        edits=[place.inserting(" ->")],
    )
    return PANIC


def half_operator(place: Place) -> int | None:
    """`a not b`."""
    if place.before != "NOT" or not place.accepts("IN") or place.accepts("NUMBER"):
        return None
    place.say(f"`not` between values needs `in` after it, got {place.shown()}")
    return PANIC


def anonymous_function(place: Place) -> int | None:
    """`lambda x: x`."""
    for position in (place.index - 1, place.index - 2):
        if position > place.begin and place.tokens.spelling(position) == "lambda":
            place.say(
                "`lambda` does not begin a value here",
                first=position - place.index,
                help="a part to use again is a `block name(parameters) { … }`",
            )
            return PANIC
    return None


def unexpected(place: Place) -> int:
    """What to say of any other token."""
    found = place.shown()
    if not place.before:
        place.say(f"{found} does not begin a statement")
    elif place.accepts("NUMBER") or place.accepts("NAME"):
        noun = "a value" if place.accepts("NUMBER") else "a name"
        place.say(f"{place.shown(-1)} needs {noun} after it, got {found}")
    elif place.kind in (NEWLINE, END, "RBRACE"):
        place.say(f"`{place.statement_text()}` is not complete, got {found}")
    elif place.before in OPERAND_ENDS and place.bracket() is None and place.symbol != "item":
        place.say(
            f"{found} cannot follow {place.shown(-1)}",
            help="the line goes on with `->` or an operator, or ends here",
        )
    else:
        place.say(f"{found} cannot follow {place.shown(-1)}")
    return PANIC


SLIPS: tuple[Callable[[Place], int | None], ...] = (
    half_operator,
    split_arrow,
    needless_comma,
    second_arrow,
    missing_stage,
    layer_name,
    attribute,
    colon_for_equal,
    identity,
    ternary,
    half_choice,
    missing_value,
    missing_comma,
    missing_parentheses,
    missing_arrow,
)
