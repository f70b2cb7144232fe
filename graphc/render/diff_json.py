"""A comparison of two models as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphc.analysis.diagram import Group, Part, layer_count
from graphc.analysis.diff import Difference
from graphc.analysis.diff_delta import Delta
from graphc.analysis.diff_findings import Change, Finding
from graphc.ir.dims import Dim


def diff_json(difference: Difference, before: str, after: str) -> str:
    """Everything that the text says, change by change."""
    document = {
        "before": {"file": before, "model": difference.before.name},
        "after": {"file": after, "model": difference.after.name},
        "is_equal": difference.is_empty,
        "findings": [_finding(finding) for finding in difference.findings],
        "follows": [_change(change) for change in difference.follows],
        "interface": _deltas(difference.interface),
        "training": _deltas(difference.training),
        "totals": {
            total.what.replace(" ", "_").lower(): {
                "before": _plain(total.before),
                "after": _plain(total.after),
                "percent": None if total.percent is None else round(total.percent, 4),
            }
            for total in difference.totals
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "type": finding.changes[0].part.type,
        "count": len(finding.changes),
        "causes": _deltas(finding.causes),
        "effects": _deltas(finding.effects),
        "changes": [_change(change) for change in finding.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "before": _part(change.before),
        "after": _part(change.after),
        "blocks": [group.name for group in change.place],
        "takes": list(change.takes),
        "causes": _deltas(change.causes),
        "effects": _deltas(change.effects),
    }


def _part(part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    line, column = part.span.file.line_and_column(part.span.start)
    return {
        "name": part.name,
        "type": part.type,
        "layers": layer_count(part),
        "config": {} if isinstance(part, Group) else dict(part.config),
        "output_shapes": [] if isinstance(part, Group) else [str(type) for type in part.outputs],
        "params": part.totals.parameters.total,
        "macs": _plain(part.totals.macs),
        "flops": _plain(part.totals.flops),
        "source": {"file": part.span.file.name, "line": line, "column": column},
    }


def _deltas(deltas: Iterable[Delta]) -> list[dict[str, str]]:
    return [{"what": d.what, "before": d.before, "after": d.after} for d in deltas]


def _plain(count: Dim) -> int | str:
    """A count, or its formula where it depends on the size of an input."""
    return count if isinstance(count, int) else str(count)
