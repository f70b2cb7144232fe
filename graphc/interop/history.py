"""Histories of training as files: JSON as Keras' `History.history`, CSV as its CSVLogger."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from graphc.analysis.history import ALL, Measured, curve

HISTORY_ENDINGS = (".json", ".csv")


def history_text(history: Mapping[str, Sequence[Any]], path: str, measured: Measured = ALL) -> str:
    """The text of the file, in the format that the name ends in, one of `HISTORY_ENDINGS`."""
    return history_csv(history, measured) if path.endswith(".csv") else history_json(history)


def history_json(history: Mapping[str, Sequence[Any]]) -> str:
    """A list for each quantity; null stands for NaN and infinities, which JSON lacks."""
    rows = [f"  {json.dumps(name)}: {json.dumps(_finite(list(history[name])))}" for name in history]
    return "{\n" + ",\n".join(rows) + "\n}\n" if rows else "{}\n"


def _finite(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def history_csv(history: Mapping[str, Sequence[Any]], measured: Measured = ALL) -> str:
    """A row for each epoch, counted from 0; a field is empty where its quantity was not measured."""
    found = [curve(history, name, measured) for name in history]
    values = [dict(zip(each.epochs, each.values, strict=True)) for each in found]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *(each.name for each in found)])
    count = max((len(each.values) for each in found), default=0)
    for epoch in range(measured.first, measured.first + count):
        writer.writerow([epoch, *(column.get(epoch, "") for column in values)])
    return text.getvalue()
