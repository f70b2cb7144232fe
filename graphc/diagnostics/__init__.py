"""What the stages have to say, and how it reaches people and programs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from graphc.diagnostics.codes import CODES, Code
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Sink

if TYPE_CHECKING:
    from graphc.diagnostics.fix import Fixed, apply_fixes
    from graphc.diagnostics.json import to_json
    from graphc.diagnostics.pages import page
    from graphc.diagnostics.sarif import to_sarif
    from graphc.diagnostics.suggest import did_you_mean, nearest
    from graphc.diagnostics.text import counts, render_all, render_text

# A file without faults needs none of these, and they cost milliseconds to import.
_LAZY = {
    "Fixed": "fix",
    "apply_fixes": "fix",
    "counts": "text",
    "did_you_mean": "suggest",
    "nearest": "suggest",
    "page": "pages",
    "render_all": "text",
    "render_text": "text",
    "to_json": "json",
    "to_sarif": "sarif",
}

__all__ = [
    "CODES",
    "Code",
    "Diagnostic",
    "Edit",
    "Fix",
    "Fixed",
    "Label",
    "Sink",
    "apply_fixes",
    "counts",
    "did_you_mean",
    "nearest",
    "page",
    "render_all",
    "render_text",
    "to_json",
    "to_sarif",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
