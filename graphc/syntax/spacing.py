"""The tokens of one statement as a document: where blanks stand, and where lines may break.

Outside brackets a line breaks before arrows only, since a newline ends the statement anywhere
else: where the author broke it, and before each arrow of a line that is too long. Inside
brackets it breaks behind commas, and before arrows and operators. As with ruff, a trailing
comma in the source keeps its brackets broken.
"""

from __future__ import annotations

from graphc.record import Record
from graphc.syntax.document import (
    Break,
    Document,
    HardBreak,
    IfBroken,
    Nest,
    Suffix,
    group,
)
from graphc.syntax.tokens import OPERAND_ENDS, SOFT_WORDS

COMMENT = "COMMENT"
_CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_ENDS = OPERAND_ENDS - SOFT_WORDS
_BREAKABLE = frozenset({"ARROW", "OPERATOR", "MINUS", "AND", "OR", "IF", "ELSE"})


class Element(Record):
    """A token or comment; `breaks` counts the newlines between it and what stands before it.

    Words that are keywords in some places only have the kind NAME where they are names.
    """

    kind: str
    text: str
    breaks: int

    @property
    def last(self) -> str:
        """The kind that the next part sees."""
        return self.kind


class Bracket(Record):
    """An opening bracket and all up to its partner; `before` is the kind in front of it."""

    kind: str
    before: str
    parts: tuple[Part, ...]

    @property
    def last(self) -> str:
        """The kind that the next part sees."""
        return _CLOSERS[self.kind]

    @property
    def is_index(self) -> bool:
        """Whether the bracket follows what it indexes."""
        return self.kind == "LSQB" and self.before in _ENDS

    @property
    def is_group(self) -> bool:
        """Whether these are parentheses of their own, which a comma makes a tuple."""
        return self.kind == "LPAR" and self.before not in _ENDS and self.before != "IMPORT"


class Entry(Record):
    """What stands between two commas, with the comments around it."""

    above: tuple[Element, ...]
    parts: tuple[Part, ...]
    behind: tuple[Element, ...]

    @property
    def is_named(self) -> bool:
        """Whether it is an argument given by name."""
        return len(self.parts) > 1 and self.parts[1].kind == "EQUAL"


Part = Element | Bracket

_SIGNS = {"LPAR": ("(", ")"), "LSQB": ("[", "]"), "LBRACE": ("{", "}")}


def statement_document(elements: list[Element]) -> Document:
    """The document of a statement or of the head of a body."""
    rows: list[list[list[Part]]] = [[[]]]  # what arrows stand before, by lines
    comments: list[list[Element]] = [[]]
    for part in _nested(elements):
        if part.kind == "ARROW" and isinstance(part, Element):
            if part.breaks or comments[-1]:
                rows.append([[part]])
                comments.append([])
            else:
                rows[-1].append([part])
        elif isinstance(part, Element) and part.kind == COMMENT:
            comments[-1].append(part)
        else:
            rows[-1][-1].append(part)
    lines: list[Document] = []
    for index, row in enumerate(rows):
        stages = [_sequence(stage, "", can_break=False) for stage in row]
        further = tuple((Break(" "), stage) for stage in stages[1:])
        if index == 0:
            lines.append(group((stages[0], Nest(further))))
        else:
            lines.append(Nest((HardBreak(), group((stages[0], further)))))
        lines += [
            Suffix(comment.text) if not comment.breaks else Nest((HardBreak(), comment.text))
            for comment in comments[index]
        ]
    return tuple(lines)


def _nested(elements: list[Element]) -> list[Part]:
    """Pair the brackets of a statement."""
    stack: list[tuple[str, str, list[Part]]] = []
    parts: list[Part] = []
    before = ""
    for element in elements:
        if element.kind in _CLOSERS:
            stack.append((element.kind, before, parts))
            parts = []
        elif element.kind in _CLOSERS.values() and stack:
            kind, before_kind, outer = stack.pop()
            outer.append(Bracket(kind, before_kind, tuple(parts)))
            parts = outer
        else:
            parts.append(element)
        if element.kind != COMMENT:
            before = element.kind
    return parts


def _sequence(parts: list[Part] | tuple[Part, ...], context: str, *, can_break: bool) -> Document:
    """Parts one behind the other; operators between them may begin new lines."""
    content: list[Document] = []
    before = ""
    is_prefix = False  # whether the part before is a minus sign in front of its operand
    needs_break = False
    for part in parts:
        if isinstance(part, Element) and part.kind == COMMENT:
            content += [HardBreak() if part.breaks else "", _comment(part)]
            needs_break = True
            continue
        blank = "" if is_prefix else _blank(before, part.kind, context)
        is_binary = part.kind in _BREAKABLE and before in _ENDS
        if needs_break:
            content.append(HardBreak())
        elif blank:
            content.append(Break(" ") if can_break and is_binary else " ")
        content.append(_bracket(part) if isinstance(part, Bracket) else part.text)
        is_prefix = part.kind == "MINUS" and before not in _ENDS
        before = part.last
        needs_break = False
    if not can_break:
        return tuple(content)
    is_named = len(parts) > 1 and parts[1].kind == "EQUAL"
    # Operands on further lines stand under the name; brackets indent what is in them themselves.
    is_nested = is_named and any(isinstance(each, (Break, HardBreak)) for each in content)
    return group((content[0], Nest(tuple(content[1:]))) if is_nested else tuple(content))


def _comment(comment: Element) -> Document:
    return comment.text if comment.breaks else Suffix(comment.text)


def _blank(before: str, kind: str, context: str) -> bool:
    """Whether a blank stands between two kinds of parts."""
    if not before or kind in ("COMMA", "DOT", "COLON") or before == "DOT":
        return False
    if before == "COLON":
        return context != "index"
    if "EQUAL" in (before, kind):
        return context not in ("call", "group", "index", "list")
    return not (kind in ("LPAR", "LSQB") and before in _ENDS)


def _bracket(bracket: Bracket) -> Document:
    opening, closing = _SIGNS[bracket.kind]
    entries, dangling, has_comma = _entries(bracket)
    if not entries:
        comments = tuple((HardBreak(), comment.text) for comment in dangling)
        return (opening, Nest(comments), HardBreak(), closing) if comments else opening + closing
    is_alone = len(entries) == 1 and not entries[0].is_named
    makes_tuple = is_alone and (bracket.is_group or bracket.is_index)
    is_broken = bool(dangling) or (has_comma and not makes_tuple)
    if bracket.kind == "LPAR":
        context = "group" if bracket.is_group else "call"
    elif bracket.is_index:
        context = "index"
    else:
        context = "list" if bracket.kind == "LSQB" else ""
    if len(entries) >= MANY and not dangling and all(map(_is_number, entries)):
        inner = group(_filled(entries, context), is_broken=is_broken)
        return group((opening, Nest((Break(""), inner)), Break(""), closing))
    content: list[Document] = []
    for index, entry in enumerate(entries):
        if index:
            content.append(Break(" "))
        for comment in entry.above:
            content += [comment.text, HardBreak()]
        content.append(_sequence(entry.parts, context, can_break=True))
        if index < len(entries) - 1:
            content.append(",")
        elif makes_tuple:
            content.append("," if has_comma else "")
        else:
            content.append(IfBroken(","))
        for number, comment in enumerate(entry.behind):
            is_below = number > 0 or comment.breaks > 0
            content += [HardBreak(), comment.text] if is_below else [Suffix(comment.text)]
    for comment in dangling:
        content += [HardBreak(), comment.text]
    inner = group(tuple(content), is_broken=is_broken)
    return group((opening, Nest((Break(""), inner)), Break(""), closing))


MANY = 16
"""From so many on, numbers fill lines, rather than having one each."""


def _is_number(entry: Entry) -> bool:
    kinds = [part.kind for part in entry.parts if isinstance(part, Element)]
    is_plain = kinds[-1:] == ["NUMBER"] and kinds[:-1] in ([], ["MINUS"])
    return is_plain and len(kinds) == len(entry.parts) and not (entry.above or entry.behind)


def _filled(entries: list[Entry], context: str) -> Document:
    """Entries with a line broken where the next one does not fit."""
    first, *rest = [_sequence(entry.parts, context, can_break=False) for entry in entries]
    further = tuple((",", group((Break(" "), each))) for each in rest)
    return (first, *further, IfBroken(","))


def _entries(bracket: Bracket) -> tuple[list[Entry], list[Element], bool]:
    """What stands between commas, the comments behind the last, and if that has a comma."""
    entries: list[Entry] = []
    above: list[Element] = []
    parts: list[Part] = []
    for part in bracket.parts:
        if isinstance(part, Element) and part.kind == COMMENT and not parts:
            if entries and not part.breaks and not above:
                last = entries[-1]
                entries[-1] = Entry(last.above, last.parts, (*last.behind, part))
            else:
                above.append(part)
        elif part.kind == "COMMA":
            entries.append(_entry(above, parts))
            above, parts = [], []
        else:
            parts.append(part)
    if parts:
        entries.append(_entry(above, parts))
        return entries, [], False
    return entries, above, bool(entries)


def _entry(above: list[Element], parts: list[Part]) -> Entry:
    count = len(parts)
    while count and isinstance(parts[count - 1], Element) and parts[count - 1].kind == COMMENT:
        count -= 1
    behind = [part for part in parts[count:] if isinstance(part, Element)]
    return Entry(tuple(above), tuple(parts[:count]), tuple(behind))
