"""Diagnostics as a JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphc.diagnostics.diagnostic import Diagnostic, Fix, Label
from graphc.source import Span


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Write a document with all diagnostics in the order given, and their counts.

    Lines and columns count from 1, offsets from 0, all three in characters (not bytes); ends
    are exclusive. Fields are added over time, but never renamed or removed within a `version`.
    """
    # ASCII only, so that names of files and source text cannot act on a terminal.
    return json.dumps(document(diagnostics), indent=2)


def document(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """The same before it is text, for documents that hold more."""
    found = list(diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in found)
    return {
        "version": 1,
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in found],
        "counts": {"errors": errors, "warnings": len(found) - errors},
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code.id,
        "slug": diagnostic.code.slug,
        "severity": "error" if diagnostic.is_error else "warning",
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "label": diagnostic.label,
        "related": [_related(label) for label in diagnostic.others],
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _related(label: Label) -> dict[str, Any]:
    return {**_place(label.span), "text": label.text}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.span), "replacement": edit.replacement} for edit in fix.edits]
    return {"title": fix.title, "edits": edits}


def _place(span: Span) -> dict[str, Any]:
    ends = {"start": _position(span, span.start), "end": _position(span, span.end)}
    return {"file": span.file.name, "span": ends}


def _position(span: Span, offset: int) -> dict[str, int]:
    line, column = span.file.line_and_column(offset)
    return {"line": line, "column": column, "offset": offset}
