"""Numbers and strings as Python reads them."""

from __future__ import annotations

import re

from graphc.record import Record

MAX_DIGITS = 1000
"""Longer integers are refused: reading them takes time that grows with their square."""


class Fault(Record):
    """What is wrong with a literal, and where, counted from the literal's start."""

    message: str
    start: int
    end: int
    help: str | None = None


# Numbers


def is_number(text: str) -> bool:
    """Whether a run of digits and letters is a number that Python reads."""
    if text.isdecimal() and text[0] != "0" and len(text) <= MAX_DIGITS:
        return True
    return not isinstance(read_number(text), Fault)


def read_number(text: str) -> int | float | Fault:
    """The value of a number."""
    if len(text) > MAX_DIGITS:
        return Fault(f"a number needs at most {MAX_DIGITS} digits, got {len(text)}", 0, len(text))
    try:
        if text.isdecimal() and text[0] != "0":
            return int(text)
        if text[:2].lower() in ("0x", "0o", "0b") or text.replace("_", "").isdecimal():
            return int(text, 0)
        return float(text)
    except ValueError:
        return _explain_number(text)


def _explain_number(text: str) -> Fault:
    def fault(message: str, help: str | None = None) -> Fault:
        return Fault(f"`{text}` is not a number: {message}", 0, len(text), help)

    if "__" in text or text.endswith("_"):
        return fault("an underscore needs a digit on either side")
    if text.isdecimal() and (rest := text.lstrip("0")):
        return fault("an integer does not begin with 0", f"write {rest}")
    if text[-1] in "jJ" and is_number(text[:-1]):
        return fault("complex numbers are not used here")
    if text.count(".") > 1:
        return fault("it has more than one point")
    base = {"x": "hexadecimal", "o": "octal", "b": "binary"}.get(text[1:2].lower())
    if text[0] == "0" and base:
        return fault(f"0{text[1]} begins a {base} number")
    return fault("it runs into letters that no number holds", "a name does not begin with a digit")


# Strings


def prefix_of(text: str, start: int = 0) -> str:
    """The letters before a string's quote, in lower case."""
    end = start
    while text[end] not in "\"'":
        end += 1
    return text[start:end].lower()


def quotes_of(text: str, start: int) -> str:
    """The quotes that a string begins with, its prefix aside."""
    quote = text[start]
    return quote * 3 if text.startswith(quote * 3, start) else quote


def decode_string(text: str) -> str | Fault:
    """The value of a string that is not an f-string."""
    if text[0] in "\"'" and "\\" not in text and text[1] != text[0]:
        return text[1:-1]
    prefix = prefix_of(text)
    if prefix not in ("", "r", "u"):
        kind = "bytes" if "b" in prefix else f"`{prefix}` strings"
        return Fault(
            f"a string needs no prefix, or r or f, got `{text[: len(prefix)]}`: {kind} are not used",
            0,
            len(prefix),
        )
    quotes = len(quotes_of(text, len(prefix)))
    start = len(prefix) + quotes
    return decode_piece(text[start:-quotes], start, is_raw=prefix == "r")


def decode_piece(piece: str, offset: int, *, is_raw: bool) -> str | Fault:
    """The value of what stands between quotes; `offset` is where it stands in the literal."""
    if "\r" in piece:
        piece = piece.replace("\r\n", "\n").replace("\r", "\n")
    if is_raw or "\\" not in piece:
        return piece
    for escape in _ESCAPE.finditer(piece):
        if (message := _escape_fault(escape)) is not None:
            return Fault(message, offset + escape.start(), offset + escape.end())
    return _ESCAPE.sub(_unescape, piece)


_ESCAPE = re.compile(
    r"\\(?:(\n)|([0-7]{1,3})|x([0-9a-fA-F]{0,2})|u([0-9a-fA-F]{0,4})|U([0-9a-fA-F]{0,8})"
    r"|N(?:\{([^}]*)\})?|(.))",
    re.DOTALL,
)
_WIDTHS = {"x": 2, "u": 4, "U": 8}
_LETTERS = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


def _escape_fault(escape: re.Match[str]) -> str | None:
    letter = escape[0][1]
    if letter in _WIDTHS:
        digits = escape[0][2:]
        if len(digits) < _WIDTHS[letter]:
            return f"`\\{letter}` needs {_WIDTHS[letter]} hexadecimal digits, got {len(digits)}"
        if int(digits, 16) > 0x10FFFF or 0xD800 <= int(digits, 16) <= 0xDFFF:
            return f"`{escape[0]}` needs to be a character, got {digits}, which is none"
    if letter == "N" and _named_character(escape[6]) is None:
        return f"`{escape[0]}` needs the name of a character in braces"
    return None


def _unescape(escape: re.Match[str]) -> str:
    letter = escape[0][1]
    if letter == "\n":
        return ""
    if escape[2] is not None:
        return chr(int(escape[2], 8))
    if letter in _WIDTHS:
        digits = escape[0][2:]
        return chr(int(digits, 16))
    if letter == "N":
        return _named_character(escape[6]) or ""
    # Like Python, keep the backslash of an escape that is none.
    return _LETTERS.get(letter, escape[0])


def _named_character(name: str | None) -> str | None:
    from unicodedata import lookup  # a millisecond that hardly any file needs

    try:
        return lookup(name) if name else None
    except KeyError:
        return None


# f-strings


def cut_fstring(text: str, start: int, end: int) -> list[tuple[int, int]] | Fault:
    """Where in the text the expressions of an f-string stand, without their braces."""
    prefix = prefix_of(text, start)
    if prefix not in ("f", "rf", "fr"):
        return Fault(f"an f-string needs the prefix f or rf, got `{prefix}`", 0, len(prefix))
    quotes = len(quotes_of(text, start + len(prefix)))
    position, stop = start + len(prefix) + quotes, end - quotes
    holes: list[tuple[int, int]] = []
    while position < stop:
        found = _BRACE.search(text, position, stop)
        if found is None:
            break
        position = found.end()
        if found[0].startswith("\\"):
            if "r" in prefix and found[0].endswith("}") and len(found[0]) > 2:
                position = found.start() + 2  # \N{…} means nothing in a raw string
            continue
        if found[0] in ("{{", "}}"):
            continue
        if found[0] == "}":
            at = found.start() - start
            return Fault(
                "a `}` in an f-string needs a `{` before it", at, at + 1, "write }} for the sign"
            )
        hole = _hole_end(text, start, position, stop)
        if isinstance(hole, Fault):
            return hole
        holes.append((position, hole))
        position = hole + 1
    return _check_pieces(text, start, end, holes) or holes


_BRACE = re.compile(r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\}\}|[{}]", re.DOTALL)


def _hole_end(text: str, origin: int, start: int, stop: int) -> int | Fault:
    depth = 0
    position = start
    while position < stop:
        sign = text[position]
        if sign in "\"'":
            string = _QUOTED[sign].match(text, position, stop)
            if string is None:
                break
            position = string.end() - 1
        elif sign == "#":
            at = position - origin
            return Fault("an f-string needs plain expressions in its braces, got `#`", at, at + 1)
        elif sign in "([{":
            depth += 1
        elif sign == "}" and not depth:
            if text[start:position].strip():
                return position
            at = start - 1 - origin
            return Fault("the braces in an f-string need an expression", at, at + 2)
        elif sign in ")]}":
            depth -= 1
        elif not depth and (format := _FORMAT.match(text, position, stop)):
            at = position - origin
            return Fault(
                f"an f-string needs plain expressions in its braces, got the format `{format[0]}`",
                at,
                at + len(format[0]),
                "formats such as :02d are not used here",
            )
        position += 1
    at = start - 1 - origin
    return Fault("a `{` in an f-string needs a `}`", at, at + 1, "write {{ for the sign")


_QUOTED = {q: re.compile(rf"{q}(?:[^\\{q}]|\\.)*{q}", re.DOTALL) for q in "\"'"}
_FORMAT = re.compile(r":[^}]*|![rsa](?=[:}])|=(?=[:}!])")


def _check_pieces(text: str, start: int, end: int, holes: list[tuple[int, int]]) -> Fault | None:
    is_raw = "r" in prefix_of(text, start)
    begin = start
    for stop, after in [*holes, (end, end)]:
        piece = decode_piece(text[begin:stop], begin - start, is_raw=is_raw)
        if isinstance(piece, Fault):
            return piece
        begin = after
    return None
