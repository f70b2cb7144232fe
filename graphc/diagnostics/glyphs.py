"""How source text looks in a terminal: tabs, wide characters, and nothing that it would obey."""

from __future__ import annotations

from unicodedata import category, east_asian_width

_TAB = " " * 4
# Controls (escape sequences start with one), invisible formatting (which can reorder what is
# read), lone surrogates (which cannot be printed), and line separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def glyph(character: str) -> str:
    """Return what is printed for a character: itself, unless a terminal would act on it."""
    if " " <= character <= "~":
        return character
    if character == "\t":
        return _TAB
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "␡"
    if category(character) in _UNPRINTABLE:
        return f"<U+{ord(character):04X}>"
    return character


def printable(text: str) -> str:
    """Make every character of a text safe to print on one line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(glyph, text))


def columns(text: str) -> int:
    """How many terminal columns printable text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if character.isascii():
        return 1
    # Vowels and finals of decomposed Korean join the syllable before them.
    if category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1
