"""A Keras model, imported: the same layers with the same types, shapes, weights and sources."""

from __future__ import annotations

import json
from typing import Any

from graphc.interop.keras_json.importing import import_document
from graphc.interop.keras_json.source import parse_document
from graphc.model import Model, check_source
from graphc.source import SourceFile
from tests.differential.graphs.rows import Facts, difference, facts, keras_facts


def imported(model: Any, **options: Any) -> tuple[str, Model]:
    """The text for a Keras model, and what the checker makes of it."""
    text = import_document(parse_document(model.to_json(), "model.json"), **options)
    report = check_source(SourceFile("model.net", text))
    assert report.is_clean, text
    assert report.main is not None
    return text, report.main


def check_import(model: Any, *, ordered: bool = True, **options: Any) -> str:
    """Import a model and compare it with the original; the text."""
    text, ours = imported(model, **options)
    compare(text, facts(ours, ordered=ordered), keras_facts(model, ordered=ordered))
    return text


def compare(text: str, ours: Facts, theirs: Facts) -> None:
    """Fail with the lines that differ."""
    assert ours == theirs, f"{text}\n{difference(ours, theirs)}"


def configuration(model: Any) -> dict[str, Any]:
    """What `get_config` gives, as JSON."""
    return json.loads(model.to_json())["config"]  # type: ignore[no-any-return]
