"""Diagnostics as a SARIF 2.1.0 log, the form that GitHub code scanning and editors take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from graphc.diagnostics.codes import Code
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label
from graphc.diagnostics.pages import page
from graphc.diagnostics.uri import file_uri
from graphc.source import SourceFile, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(diagnostics: Iterable[Diagnostic], *, version: str) -> str:
    """Write the log of one run of graphc, whose version is `version`.

    Files are named as the diagnostics name them, so GitHub finds them where graphc was run in
    the root of the repository.
    """
    found = list(diagnostics)
    codes = sorted({d.code for d in found}, key=lambda code: code.id)
    indices = {code.id: index for index, code in enumerate(codes)}
    driver = {"name": "graphc", "version": version, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, indices) for diagnostic in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: Code) -> dict[str, Any]:
    title = f"{code.title[0].upper()}{code.title[1:]}."
    text = page(code.id)
    return {
        "id": code.id,
        "name": "".join(word.capitalize() for word in code.slug.split("-")),
        "shortDescription": {"text": title},
        "help": {"text": title} if text is None else {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _level(code)},
    }


def _level(code: Code) -> str:
    return "error" if code.id.startswith("E") else "warning"


def _result(diagnostic: Diagnostic, indices: dict[str, int]) -> dict[str, Any]:
    # Viewers show the message and seldom more, so the help is part of it.
    text = "\n".join(filter(None, (diagnostic.message, diagnostic.help)))
    result: dict[str, Any] = {
        "ruleId": diagnostic.code.id,
        "ruleIndex": indices[diagnostic.code.id],
        "level": _level(diagnostic.code),
        "message": _message(text),
        "locations": [_location(diagnostic.span, diagnostic.label)],
    }
    if diagnostic.others:
        result["relatedLocations"] = [
            {"id": number, **_location(label.span, _text_of(label))}
            for number, label in enumerate(diagnostic.others, start=1)
        ]
    if diagnostic.fix and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _text_of(label: Label) -> str:
    # GitHub leaves a related place without a message out.
    return label.text or "related to this"


def _message(text: str) -> dict[str, str]:
    """Escape a plain text message: braces would enclose arguments, and `](` begin a link."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _location(span: Span, text: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(span.file),
            "region": _region(span),
        }
    }
    if text:
        location["message"] = _message(text)
    return location


def _artifact(file: SourceFile) -> dict[str, str]:
    return {"uri": file_uri(file.name)}


def _region(span: Span) -> dict[str, int]:
    line, column = span.file.line_and_column(span.start)
    end_line, end_column = span.file.line_and_column(span.end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    files: dict[SourceFile, list[Edit]] = {}
    for edit in fix.edits:
        files.setdefault(edit.span.file, []).append(edit)
    changes = [
        {"artifactLocation": _artifact(file), "replacements": _replacements(edits)}
        for file, edits in files.items()
    ]
    return {"description": _message(fix.title), "artifactChanges": changes}


def _replacements(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    return [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
        for edit in edits
    ]
