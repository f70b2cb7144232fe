"""Text that may be broken into lines: Wadler's pretty printer, in Oppen's linear form.

A document is a string, a tuple of documents, or one of the classes here. A group is
written on one line if it fits, and otherwise broken at each of its own line breaks.
"""

from __future__ import annotations

from graphc.record import Record

INDENT = 4


class Break(Record):
    """A place to break a line: a newline in a broken group, else the text `flat`."""

    flat: str


class HardBreak(Record):
    """A newline in any case; the groups around it are broken."""


class IfBroken(Record):
    """A text that stands only in a broken group."""

    text: str


class Suffix(Record):
    """A comment at the end of a line, which does not count for its width."""

    text: str


class Nest(Record):
    """A document whose further lines are indented."""

    content: Document


class Group(Record):
    """A document that is on one line, or broken at each of its breaks."""

    content: Document
    is_broken: bool


Document = str | tuple["Document", ...] | Break | HardBreak | IfBroken | Suffix | Nest | Group


def group(content: Document, *, is_broken: bool = False) -> Group:
    """Make a group, broken if anything in it breaks in any case."""
    return Group(content, is_broken or must_break(content))


def must_break(document: Document) -> bool:
    """Whether a document cannot be on one line."""
    if isinstance(document, tuple):
        return any(map(must_break, document))
    if isinstance(document, Nest):
        return must_break(document.content)
    if isinstance(document, Group):
        return document.is_broken
    return isinstance(document, HardBreak | Suffix)


def render(document: Document, indent: int, width: int) -> str:
    """The document as text that begins at a column and keeps to a width if it can."""
    out: list[str] = []
    column = indent
    waiting: list[tuple[int, bool, Document]] = [(indent, True, document)]
    while waiting:
        level, is_broken, item = waiting.pop()
        if isinstance(item, str):
            out.append(item)
            column = len(item) - item.rfind("\n") - 1 if "\n" in item else column + len(item)
        elif isinstance(item, tuple):
            waiting += [(level, is_broken, part) for part in reversed(item)]
        elif isinstance(item, HardBreak) or (isinstance(item, Break) and is_broken):
            out.append("\n" + " " * level)
            column = level
        elif isinstance(item, Break):
            out.append(item.flat)
            column += len(item.flat)
        elif isinstance(item, IfBroken):
            out.append(item.text if is_broken else "")
            column += len(item.text) if is_broken else 0
        elif isinstance(item, Suffix):
            out.append("  " + item.text)
        elif isinstance(item, Nest):
            waiting.append((level + INDENT, is_broken, item.content))
        else:
            # What is around it was asked whether all of it fits, if that is on one line.
            fits = not is_broken or _fits(item.content, waiting, width - column)
            breaks = item.is_broken or not fits
            waiting.append((level, breaks, item.content))
    return "".join(out)


def _fits(content: Document, rest: list[tuple[int, bool, Document]], room: int) -> bool:
    """Whether a document and what follows up to the next newline fit into a room.

    What follows may be broken at its first chance: of two groups in a line, the last breaks.
    """
    waiting: list[tuple[bool, Document]] = [(False, content)]
    following = len(rest)
    while room >= 0:
        if not waiting:
            if not following:
                return True
            following -= 1
            _, is_broken, item = rest[following]
            waiting.append((is_broken, item))
            continue
        is_broken, item = waiting.pop()
        if isinstance(item, str):
            if "\n" in item:
                return len(item.partition("\n")[0]) <= room
            room -= len(item)
        elif isinstance(item, tuple):
            waiting += [(is_broken, part) for part in reversed(item)]
        elif isinstance(item, HardBreak) or (isinstance(item, Break) and is_broken):
            return True
        elif isinstance(item, Break):
            room -= len(item.flat)
        elif isinstance(item, IfBroken):
            room -= len(item.text) if is_broken else 0
        elif isinstance(item, Nest):
            waiting.append((is_broken, item.content))
        elif isinstance(item, Group):
            is_behind = following < len(rest)
            waiting.append((item.is_broken or is_behind, item.content))
    return False
