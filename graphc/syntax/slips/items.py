"""Slips at the top level of a file."""

from __future__ import annotations

from collections.abc import Callable

from graphc.diagnostics.suggest import nearest
from graphc.syntax.place import PANIC, Place
from graphc.syntax.tokens import (
    DEFINITION_WORDS,
    END,
    HARD_WORDS,
    ITEM_WORDS,
    NEWLINE,
    STATEMENT_WORDS,
    follows_item_word,
)

_WORDS = {word.lower(): word for word in ITEM_WORDS}
_KINDS = ("MODEL", "SEQUENTIAL", "BLOCK")
_BEFORE_KIND = {
    "INLINE": ("`block`", "only blocks are inline, as in `inline block unit(filters) {`"),
    "FROZEN": (
        "`model` or `sequential`", "only models and weights are frozen, as in `frozen model encoder {`",
    ),
}  # fmt: skip
"""The words that stand before the word of a kind: what they need, and why."""
_IMPORT = 'as in `from "blocks.net" import residual, encoder`'
_PYTHON = {
    "def": "a part to use again is a `block name(parameters) { … }`",
    "class": "a network is a `model name { … }`",
    "import": 'other files are read with `from "file.net" import name`',
    "function": "a part to use again is a `block name(parameters) { … }`",
    "module": "a network is a `model name { … }`",
    "network": "a network is a `model name { … }`",
}


def misspelt_word(place: Place) -> int | None:
    """`modle mnist {`."""
    if place.symbol != "item" or place.index != place.begin or place.kind != "NAME":
        return None
    if place.kind_at(1) not in ("NAME", "STRING", *_KINDS, *STATEMENT_WORDS):
        return None
    if place.text in _PYTHON:
        return None
    word = nearest(place.text, _WORDS)
    if word is None or (word == "from") != (place.kind_at(1) == "STRING"):
        return None
    is_before_kind = _WORDS[word] in _BEFORE_KIND
    if is_before_kind != (place.kind_at(1) in _KINDS):
        return None
    if is_before_kind and not follows_item_word(_WORDS[word], place.kind_at(1)):
        return None
    place.say(
        f"`{place.text}` is no word that begins an item",
        help=f"did you mean `{word}`?",
        edits=[place.replacing(word)],
    )
    return place.restart(_WORDS[word])


def other_language(place: Place) -> int | None:
    """`def f(x):`, `class Net(Model):`, `import keras`."""
    if place.symbol != "item" or place.index != place.begin or place.text not in _PYTHON:
        return None
    place.say(f"`{place.text}` does not begin an item here", help=_PYTHON[place.text])
    return PANIC


def unquoted_path(place: Place) -> int | None:
    """`from blocks import residual`."""
    if place.head != "FROM" or place.index != place.begin + 1 or place.symbol != "item":
        return None
    place.say(
        f"`from` needs a path in quotes, got {place.shown()}",
        help='the path is relative to this file: `from "blocks.net" import residual`',
    )
    return PANIC


def import_list(place: Place) -> int | None:
    """`from "a.net"` and `from "a.net" import *`."""
    if place.head != "FROM" or place.symbol != "item":
        return None
    if place.kind == "OPERATOR" and place.text == "*":
        place.say("an import needs the names that it is for, got `*`", help=_IMPORT)
        return PANIC
    if place.before == "STRING":
        place.say(
            f"{place.shown(-1)} needs `import` and names after it, got {place.shown()}",
            help=_IMPORT,
        )
        return PANIC
    return None


def nameless_definition(place: Place) -> int | None:
    """`model {` and `model "mnist" {`."""
    if place.symbol != "item" or place.head not in DEFINITION_WORDS:
        return None
    if place.index != place.begin + (2 if place.head in _BEFORE_KIND else 1):
        return None
    word = place.text_at(-1)
    if place.head == "TRAIN":
        subject, example = "`train` needs the name of the model that it trains", "train mnist {"
    else:
        subject, example = f"`{word}` needs a name", f"{word} mnist {{"
    why = " (a keyword)" if place.kind in HARD_WORDS else ""
    place.say(f"{subject}, got {place.shown()}{why}", help=f"as in `{example}`")
    return PANIC


def headless_definition(place: Place) -> int | None:
    """`model mnist` without its brace; where a body follows, layout.py has put one in."""
    if place.symbol != "item" or place.head not in DEFINITION_WORDS or not place.accepts("LBRACE"):
        return None
    if place.kind == "EQUAL" or place.kind in ("NAME", "NUMBER"):
        return None
    place.say(
        f"`{place.statement_text()}` needs `{{` and a body, got {place.shown()}",
        help="a body stands between `{` and `}`",
    )
    return PANIC


def valueless_const(place: Place) -> int | None:
    """`const width`, `const width 3`."""
    if place.symbol != "item" or place.head != "CONST" or not place.accepts("EQUAL"):
        return None
    message = f"`{place.statement_text()}` needs `=` and a value, got {place.shown()}"
    if place.accepts("EQUAL", place.kind) and place.kind != NEWLINE:
        place.say(message, help="put `=` between them", edits=[place.inserting(" =")])
        return place.insert("EQUAL")
    place.say(message, help="as in `const width = 32`")
    return PANIC


def statement_outside(place: Place) -> int | None:
    """`x = image -> Dense(3)` outside any model."""
    if place.symbol != "item" or place.index != place.begin:
        return None
    if place.kind in (NEWLINE, END):
        return None
    is_word = place.kind in STATEMENT_WORDS or place.kind in HARD_WORDS
    subject = f"`{place.text}`" if is_word else "a statement"
    return _say_outside(place, subject)


def _say_outside(place: Place, subject: str, first: int = 0) -> int:
    place.say(
        f"{subject} needs to stand inside a model, sequential or block",
        first=first,
        help="a file holds `model name { … }` and the like; statements stand inside the braces",
    )
    return PANIC


def same_line(place: Place) -> int | None:
    """`} model b {`."""
    if place.symbol != "item" or place.before != "RBRACE" or not place.accepts(NEWLINE):
        return None
    place.say(f"an item needs a line of its own, got {place.shown()} after `}}`")
    return place.insert(NEWLINE) if place.accepts(NEWLINE, place.kind) else PANIC


def without_kind(place: Place) -> int | None:
    """`inline unit(filters) {`, `inline model net {`, `frozen net {`, `frozen weight w: [3]`."""
    if place.symbol != "item" or place.index != place.begin + 1 or place.head not in _BEFORE_KIND:
        return None
    if place.head == "FROZEN" and place.kind == "WEIGHT":
        return _say_outside(place, "`frozen weight`", first=-1)
    needed, why = _BEFORE_KIND[place.head]
    place.say(f"`{place.text_at(-1)}` needs {needed} after it, got {place.shown()}", help=why)
    return PANIC


SLIPS: tuple[Callable[[Place], int | None], ...] = (
    misspelt_word,
    other_language,
    unquoted_path,
    import_list,
    without_kind,
    nameless_definition,
    headless_definition,
    valueless_const,
    statement_outside,
    same_line,
)
