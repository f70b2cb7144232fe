"""How text from a file is spelled in Python: strings, identifiers, comments, docstrings.

Whatever a file says goes through here, so that nothing in it can become code.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

RESERVED = frozenset(
    (
        *keyword.kwlist,
        *keyword.softkwlist,
        *dir(builtins),
        "keras",
        "layers",
        "ops",
        "sys",
        "np",
        "math",
        "pathlib",
        "self",
    )
)
"""What no name of an emitted program may be."""

_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}


def string(value: str) -> str:
    """A Python string literal, in the quotes that ruff would choose."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + escaped(value, quote) + quote


def escaped(value: str, quote: str) -> str:
    """Text as it stands between quotes."""
    return "".join(_escape(letter, quote) for letter in value)


def _escape(letter: str, quote: str) -> str:
    if letter == quote:
        return "\\" + letter
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def identifier(name: str, taken: Iterable[str] = ()) -> str:
    """A Python identifier as near to a name as can be, and none of those that are taken."""
    made = unicodedata.normalize("NFKC", name)
    made = re.sub(r"\W", "_", made)
    if not made or not made.isidentifier():
        made = f"_{made}"
    if not made.isidentifier():
        made = "_" + "".join(c for c in made if c.isascii())
    if made.startswith("__"):
        made = "_" + made.lstrip("_")  # Python mangles them in classes
    found, number = made, 1
    while found in RESERVED or found in taken:
        found = f"{made}_" if number == 1 else f"{made}_{number}"
        number += 1
    return found


def constant_name(name: str, taken: Iterable[str] = ()) -> str:
    """The name of a module's constant."""
    return identifier(name.upper(), taken)


def comment(text: str) -> str:
    """A comment on one line; `text` begins with `#`."""
    body = "".join(c if c.isprintable() else " " for c in text.lstrip("#").strip())
    return f"# {body}".rstrip()


def docstring_lines(text: str) -> list[str]:
    """Lines of text as they stand in a docstring."""
    plain = text.replace("\\", "\\\\").replace('"' * 3, "'" * 3)
    lines = [
        "".join(c if c.isprintable() else " " for c in line).rstrip() for line in plain.split("\n")
    ]
    lines = [line for line in lines if line] or ["…"]
    lines[0] = lines[0].lstrip()
    if lines[0].startswith('"'):
        lines[0] = " " + lines[0]
    return lines
