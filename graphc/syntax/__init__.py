"""The text of .net files: parsed, formatted, compared and written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.syntax.compare import same_tree
    from graphc.syntax.format import format_source
    from graphc.syntax.parse import parse, parse_annotation, parse_expression
    from graphc.syntax.write import write, write_expression

# A check neither formats nor writes, and much of the compiler wants the node classes alone.
_LAZY = {
    "format_source": "format",
    "parse": "parse",
    "parse_annotation": "parse",
    "parse_expression": "parse",
    "same_tree": "compare",
    "write": "write",
    "write_expression": "write",
}

__all__ = [
    "format_source",
    "parse",
    "parse_annotation",
    "parse_expression",
    "same_tree",
    "write",
    "write_expression",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
