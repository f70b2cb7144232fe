"""How much a matching leaves to be told: of two, the better one tells less."""

from __future__ import annotations

from graphc.analysis.diff_interface import retargeted
from graphc.analysis.diff_match import Matching
from graphc.analysis.diff_wiring import moved, rewired


def wiring_cost(matching: Matching) -> int:
    """How many parts hang on something else than before, outputs of the model included."""
    away = moved(matching)
    outputs = sum(1 for _ in retargeted(matching, away))
    return len(away) + len(rewired(matching, away)) + outputs


def cost(matching: Matching) -> int:
    """The wiring's, and one for each layer that is new, gone or not the same."""
    before, after = matching.before, matching.after
    gone = sum(1 for node in before.order if node not in matching.forward)
    new = sum(1 for node in after.order if node not in matching.backward)
    changed = sum(
        1
        for a, b in matching.forward.items()
        if a in before.nodes and before.content[a] != after.content[b]
    )
    return gone + new + changed + wiring_cost(matching)
