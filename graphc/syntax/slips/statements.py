"""Slips that show in the words and signs of a statement."""

from __future__ import annotations

from collections.abc import Callable

from graphc.diagnostics.suggest import nearest
from graphc.syntax.place import PANIC, Place
from graphc.syntax.slips import expressions
from graphc.syntax.tokens import (
    END,
    HARD_WORDS,
    HEADS,
    ITEM_WORDS,
    NEWLINE,
    OPERAND_ENDS,
    OPERAND_STARTS,
    STATEMENT_WORDS,
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
    if place.head not in ITEM_WORDS or place.kind not in ("NAME", "STRING"):
        return None
    place.say(
        f"`{place.text_at(-1)}` needs to stand at the top level of the file, outside all braces",
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


def input_slip(place: Place) -> int | None:
    """`input image [784]`, `input: [784]`, `input image: 784`."""
    if place.head != "INPUT" or place.symbol != "statement":
        return None
    subject = f"`{place.statement_text()}`"
    if place.index == place.begin + 1:
        if place.kind in OPERAND_STARTS:
            return None
        place.say(
            f"`input` needs a name and a shape, got {place.shown()}",
            help="as in `input image: [28, 28, 1]`",
        )
        return PANIC
    if place.index == place.begin + 2 and place.kind in ("EQUAL", "NAME"):
        is_sign = place.kind == "EQUAL"
        is_shape = place.kind_at(1) == "LSQB"
        edit = place.replacing(":") if is_sign else place.inserting(":")
        place.say(
            f"{subject} needs `:` and a shape, got {place.shown()}",
            help="put `:` before the shape" if is_shape else "as in `input image: [28, 28, 1]`",
            edits=[edit] if is_shape else [],
        )
        if not is_shape:
            return PANIC
        return place.replace("COLON") if is_sign else place.insert("COLON")
    return shape_slip(place)


def shape_slip(place: Place) -> int | None:
    """`input image: 784`, `weight w: 3 = 0.0`, `x: float32 = y`."""
    tokens = place.tokens
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
    """`for (i, x) in …`, `for i range(3)`, `for i of items`."""
    if place.head != "FOR" or place.symbol != "statement":
        return None
    if place.kind == "LPAR" and place.accepts("NAME") and not place.accepts("NUMBER"):
        place.say(
            "the names of a loop stand without parentheses",
            help="as in `for i, x in enumerate(items) { … }`",
        )
        return PANIC
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
            help="only names are bound; tensors and layers do not change",
        )
        return PANIC
    return None


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
    input_slip,
    weight_slip,
    output_slip,
    loop_slip,
    headless_body,
    headless_value,
    entry_slip,
    augmented_assignment,
    shape_slip,
    condition_equal,
    second_equal,
    second_statement,
)
