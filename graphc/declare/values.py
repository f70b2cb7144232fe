"""Static values as people write them, for messages and for emitted text."""

from __future__ import annotations

from typing import Any

from graphc.ir.dims import UNKNOWN, SymbolicDim

LONGEST_TEXT = 60


def value_text(value: Any) -> str:
    """A static value spelled as in the language, cut where it is long; others described."""
    text = getattr(value, "described", None) or _spell(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _spell(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, (tuple, list)):
        shown = ", ".join(_spell(item) for item in value[:LONGEST_TEXT])
        return f"[{shown}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spell(k)}: {_spell(v)}" for k, v in value.items()) + "}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return f"a number of about {int(value.bit_length() * 0.30103)} digits"
    return str(value)


def kind_text(value: Any) -> str:
    """What sort of thing a static value is, in the user's terms, with an article."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, SymbolicDim) or value is UNKNOWN:
        return f"the symbolic size {value}"
    for kind, text in _KINDS:
        if isinstance(value, kind):
            return text
    described: str = getattr(value, "kind_text", type(value).__name__.lower())
    return described


_KINDS: tuple[tuple[type, str], ...] = (
    (int, "a whole number"),
    (float, "a number"),
    (str, "a string"),
    (tuple, "a list"),
    (list, "a list"),
    (dict, "a dict"),
    (range, "a range"),
)
