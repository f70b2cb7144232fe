"""What to say where a token fits nowhere.

Each slip is a function that knows one way of going wrong. It returns None if this is not it;
else it has reported the error, and returns where to go on reading after mending it, or PANIC.
The order matters: the particular comes before the general.
"""

from __future__ import annotations

from graphc.syntax.place import Place
from graphc.syntax.slips import bindings, declarations, expressions, items, words

SLIPS = (
    *items.SLIPS,
    *words.SLIPS,
    *declarations.SLIPS,
    *bindings.SLIPS,
    *expressions.SLIPS,
)


def explain(place: Place) -> int:
    """Report the token of a place; where to go on, or PANIC."""
    for slip in SLIPS:
        outcome = slip(place)
        if outcome is not None:
            return outcome
    return expressions.unexpected(place)
