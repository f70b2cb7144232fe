"""Literals and f-strings."""

from __future__ import annotations

import ast
import math

from graphc.emit.keras.context import Context
from graphc.emit.keras.tree import Number, Untranslatable
from graphc.syntax import nodes


def literal(context: Context, node: nodes.Literal) -> ast.expr:
    """A literal, numbers as the source spells them."""
    value = node.value
    if isinstance(value, (int, float)) and type(value) is not bool and math.isfinite(value):
        return Number(value, _spelled(node.span.text, value))
    return ast.Constant(value)


def fstring(context: Context, node: nodes.FString) -> ast.expr:
    """An f-string."""
    parts: list[ast.expr] = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(ast.Constant(part))
            continue
        inner = context.expr(part)
        for each in ast.walk(inner):
            text = each.value if isinstance(each, ast.Constant) else ""
            if isinstance(each, ast.JoinedStr) or (isinstance(text, str) and not _is_plain(text)):
                raise Untranslatable("strings in an f-string")
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            parts.append(inner)
        else:
            parts.append(ast.FormattedValue(inner, -1))
    return ast.JoinedStr(parts)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not set(text) & set("\\\"'{}")


def _spelled(text: str, value: float) -> str:
    """A number as ruff would have it."""
    try:
        spelled = text.lower()
        if spelled.startswith("0x"):
            spelled = "0x" + spelled[2:].upper()
        same = ast.literal_eval(spelled)
    except (ValueError, SyntaxError):
        return repr(value)
    if type(same) is not type(value) or same != value:
        return repr(value)
    if isinstance(value, float):
        mantissa, e, exponent = spelled.partition("e")
        if mantissa.endswith("."):
            mantissa += "0"
        if mantissa.startswith("."):
            mantissa = "0" + mantissa
        return mantissa + e + exponent.removeprefix("+")
    return spelled
