"""Slips in the words of a statement."""

from __future__ import annotations

from collections.abc import Callable

from graphc.diagnostics.suggest import nearest
from graphc.syntax.place import PANIC, Place
from graphc.syntax.slips import expressions
from graphc.syntax.tokens import (
    HARD_WORDS,
    ITEM_WORDS,
    STATEMENT_WORDS,
    follows_item_word,
)

_WORDS = {word.lower(): word for word in (*STATEMENT_WORDS, "FOR", "IF", "ELIF", "ELSE")}
_BRANCHES = {"elif": "ELIF", "else": "ELSE"}
_MEANT = {"return": "output", "assert": "require", "parameter": "weight", "variable": "weight"}
_BINDERS = ("let", "var", "val", "auto")
_FOREIGN = {
    "def": "a part to use again is a `block` at the top level of the file",
    "class": "a network is a `model` at the top level of the file",
    "while": "loops run over what is known while checking: `for i in range(n) { … }`",
    "import": 'other files are read at the top level: `from "file.net" import name`',
    "from": "imports stand at the top level of the file",
    "with": "a name for a layer is given with `as`, after it",
    "del": "names may be bound again, and need not be deleted",
}
_BOUND = ("COLON", "EQUAL")


def needless_word(place: Place) -> int | None:
    """`let x = 3`."""
    if place.symbol != "statement" or place.index != place.begin + 1 or place.kind != "NAME":
        return None
    text = place.text_at(-1)
    if text not in _BINDERS or place.kind_at(1) not in (*_BOUND, "COMMA"):
        return None
    place.say(
        f"a name is bound without `{text}`",
        first=-1,
        help=f"delete `{text}`",
        edits=[place.deleting(-1)],
    )
    return place.restart("NAME", skip=1)


def misspelt_word(place: Place) -> int | None:
    """`outptu x`, `return x`."""
    if place.symbol != "statement" or place.index != place.begin + 1 or place.head != "NAME":
        return None
    if place.kind not in ("NAME", "WEIGHT", "STRING", "NUMBER"):
        return None
    text = place.text_at(-1)
    if text in _FOREIGN:
        return None
    word = _MEANT.get(text) or nearest(text, _WORDS)
    if word is None or word == "else":
        return None
    place.say(
        f"`{text}` is no word that begins a statement",
        first=-1,
        help=f"did you mean `{word}`?",
        edits=[place.replacing(word, -1)],
    )
    return place.restart(_WORDS[word])


def foreign_word(place: Place) -> int | None:
    """`while x {` and other statements that there are elsewhere."""
    if place.symbol != "statement" or place.index != place.begin + 1:
        return None
    text = place.text_at(-1)
    if text not in _FOREIGN or place.kind in (*_BOUND, "ARROW"):
        return None
    place.say(f"`{text}` does not begin a statement here", first=-1, help=_FOREIGN[text])
    return PANIC


def misplaced_item(place: Place) -> int | None:
    """`const x = 3` inside a model."""
    if place.symbol != "statement" or place.index != place.begin + 1:
        return None
    if place.head not in ITEM_WORDS:
        return None
    if place.kind != "STRING" and not follows_item_word(place.head, place.kind):
        return None
    word = place.text_at(-1) if place.head != "FROZEN" else f"frozen {place.text}"
    place.say(
        f"`{word}` needs to stand at the top level of the file, outside all braces",
        first=-1,
        help="move it out of the braces",
    )
    return PANIC


def else_if(place: Place) -> int | None:
    """`else if x {`."""
    if place.before != "ELSE" or place.kind != "IF" or not place.accepts("LBRACE"):
        return None
    place.say(
        "a second condition is written `elif`, got `else if`",
        first=-1,
        last=0,
        help="replace `else if` with `elif`",
        edits=[place.replacing("elif", -1, 0)],
    )
    place.driver.cut(len(place.driver.states) - 1)
    return place.replace("ELIF")


def misspelt_branch(place: Place) -> int | None:
    """`} esle {`, `} elseif x {`."""
    if place.kind != "NAME" or place.before != "RBRACE" or not place.accepts("ELSE"):
        return None
    word = nearest(place.text, _BRANCHES)
    if word is None:
        return None
    if word == "else" and place.kind_at(1) != "LBRACE":
        word = "elif"
    place.say(
        f"`{place.text}` cannot follow `}}`",
        help=f"did you mean `{word}`?",
        edits=[place.replacing(word)],
    )
    return place.replace(_BRANCHES[word])


def stray_branch(place: Place) -> int | None:
    """`else {` behind no `if`."""
    if place.kind not in ("ELSE", "ELIF") or place.bracket() is not None:
        return None
    if place.head in ("IF", "ELIF") and place.before != "RBRACE":
        return None
    if place.kind == "ELSE" and place.kind_at(1) != "LBRACE":
        return None
    place.say(
        f"`{place.text}` needs the `}}` of an `if` before it",
        help="as in `if a { … } else { … }`",
    )
    return PANIC


def keyword_as_name(place: Place) -> int | None:
    """`input for: [3]`, `f(if=3)`, `None = 3`."""
    offset = 0
    if place.kind == "EQUAL" and place.before in HARD_WORDS:
        offset = -1
    elif place.kind not in HARD_WORDS:
        return None
    else:
        needs_name = place.accepts("NAME") and not place.accepts("NUMBER")
        if not needs_name and place.kind_at(1) != "EQUAL":
            return None
    word = place.text_at(offset)
    place.say(
        f"`{word}` is a keyword, and cannot be a name",
        first=offset,
        help=f"choose another name, such as `{word.lower()}_`",
    )
    return PANIC


def foreign_comment(place: Place) -> int | None:
    """`// text`."""
    if place.kind != "OPERATOR" or place.before or place.text != "//":
        return None
    place.say(
        "a comment begins with `#`, got `//`",
        help="replace `//` with `#`",
        edits=[place.replacing("#")],
    )
    return PANIC


SLIPS: tuple[Callable[[Place], int | None], ...] = (
    needless_word,
    misspelt_word,
    foreign_word,
    misplaced_item,
    else_if,
    misspelt_branch,
    stray_branch,
    expressions.anonymous_function,
    keyword_as_name,
    foreign_comment,
)
