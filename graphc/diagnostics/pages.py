"""The pages that explain the codes."""

from __future__ import annotations

from pathlib import Path

from graphc.diagnostics.codes import CODES

_HERE = Path(__file__).resolve()
# Beside this module in an installed package, in the documentation of a checkout.
_FOLDERS = (_HERE.with_name("pages"), _HERE.parents[2] / "docs" / "errors")


def page(code_id: str) -> str | None:
    """Read the Markdown text that explains a code; None for what is not a code."""
    if code_id not in CODES:
        return None
    paths = (folder / f"{code_id}.md" for folder in _FOLDERS)
    return next((path.read_text(encoding="utf-8") for path in paths if path.is_file()), None)
