"""Applying the fixes that diagnostics carry."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterable, Sequence

from graphc.diagnostics.diagnostic import Edit, Fix
from graphc.record import Record


class Fixed(Record):
    """A text after a round of fixes: those that are in it, and those left for the next round."""

    text: str
    applied: tuple[Fix, ...]
    left: tuple[Fix, ...]


def apply_fixes(text: str, fixes: Iterable[Fix]) -> Fixed:
    """Apply the fixes of one file to its text, each as a whole or not at all.

    Of fixes that touch the same text the first wins; the others are left, to be found again
    in the new text if they still hold. So is a fix that reaches into another file, as half
    of it would be wrong.
    """
    taken: list[tuple[int, int, str]] = []
    applied: list[Fix] = []
    left: list[Fix] = []
    for fix in fixes:
        is_ours = all(edit.span.file.text == text for edit in fix.edits)
        joined = _join(taken, fix.edits) if is_ours else None
        if joined is None:
            left.append(fix)
        else:
            taken = joined
            applied.append(fix)
    return Fixed(_splice(text, taken), tuple(applied), tuple(left))


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Make edits that do not touch each other."""
    return _splice(text, sorted(map(_row, edits)))


def _join(
    taken: list[tuple[int, int, str]], edits: Sequence[Edit]
) -> list[tuple[int, int, str]] | None:
    """Add edits to those taken so far, or return None where two would touch the same text."""
    joined = taken.copy()
    for edit in map(_row, edits):
        index = bisect(joined, edit)
        if index and joined[index - 1] == edit:
            continue  # Two faults may have the same remedy: once is enough for both.
        if any(_touches(other, edit) for other in joined[max(0, index - 1) : index + 1]):
            return None
        insort(joined, edit)
    return joined


def _row(edit: Edit) -> tuple[int, int, str]:
    return edit.span.start, edit.span.end, edit.replacement


def _touches(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    """Whether the order of two edits matters; next to each other they may stand."""
    return a[:2] == b[:2] or (a[0] < b[1] and b[0] < a[1])


def _splice(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, replacement in edits:
        pieces += (text[position:start], replacement)
        position = end
    return "".join(pieces) + text[position:]
