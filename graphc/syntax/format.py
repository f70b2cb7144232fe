"""The one layout of a file: `graphc fmt`.

Four spaces for each body, 100 columns, double quotes, and two blanks before a comment behind
code. Single blank lines are kept, none stands at the edge of a body, and one parts definitions.
The entries of a train block are aligned. Where the author broke a pipe before an arrow, it
stays broken; a line of it that is too long is broken before each of its arrows.
Brackets that do not fit are broken as ruff breaks them, trailing comma included.
Only long lists of numbers fill their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.document import INDENT, render
from graphc.syntax.lex import opens_body
from graphc.syntax.literals import decode_string, prefix_of, quotes_of
from graphc.syntax.parse import lex, parse
from graphc.syntax.rename import names_to_as
from graphc.syntax.report import Report
from graphc.syntax.spacing import COMMENT, Element, statement_document
from graphc.syntax.tokens import (
    DEFINITION_WORDS,
    END,
    ITEM_WORDS,
    NEWLINE,
    SOFT_WORDS,
    STATEMENT_WORDS,
    Tokens,
    follows_item_word,
)

WIDTH = 100


def format_source(file: SourceFile, tree: nodes.File) -> str:
    """The text of a file in the one layout; `tree` is what the file parses to.

    The text means the same, which `same_tree` can tell. A file with syntax errors has no
    layout: that is a ValueError, and the errors are the caller's to report.
    """
    sink = Sink()
    parse(file, sink)
    if sink.diagnostics:
        raise ValueError(f"{file.name} needs to be free of syntax errors to be formatted")
    text = names_to_as(file.text, tree)
    formatted = _Formatter(lex(text, Report(file, sink))).run()
    first = text.find("\n")
    return formatted.replace("\n", "\r\n") if text[first - 1 : first] == "\r" else formatted


class _Line:
    """A line of the result, or a few if it is broken; `kind` tells what it is at the top level."""

    def __init__(self, text: str, level: int, kind: str, *, is_after_blank: bool) -> None:
        self.text = text
        self.level = level
        self.kind = kind
        self.is_after_blank = is_after_blank


class _Formatter:
    """Collects the elements of a statement until it ends, and then writes it."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.paddings = _entry_widths(tokens)
        self.lines: list[_Line] = []
        self.statement: list[Element] = []
        self.level = 0  # of the statement
        self.bodies: list[str] = []  # the words that began the bodies around
        self.brackets = 0
        self.is_head = False  # whether the statement ends with the brace of a body

    def run(self) -> str:
        """The whole text."""
        kinds: list[str] = []
        body_end = -1
        for kind, element in self.elements():
            if kind == COMMENT:
                self.comment(element)
                continue
            if self.brackets:
                self.append(element)
            elif kind == "LBRACE" and opens_body(kinds, body_end):
                self.open_body(element)
            elif kind == "RBRACE":
                body_end = len(kinds)
                self.close_body(element)
            elif kind == NEWLINE:
                self.end_statement()
            else:
                self.append(element)
            if not (kind == "LBRACE" and self.is_head):
                self.brackets += (kind in _OPENERS) - (kind in _CLOSERS and self.brackets > 0)
            kinds.append(kind)
        self.end_statement()
        return _joined(self.lines)

    # Reading

    def elements(self) -> Iterator[tuple[str, Element]]:
        """Yield tokens and comments in order of place, f-strings whole."""
        tokens = self.tokens
        comments = [*tokens.comments, (len(tokens.text) + 1, 0)]
        number = 0
        end = 0
        depth = begin = 0
        for piece, first, stop in zip(tokens.kinds, tokens.starts, tokens.ends, strict=True):
            kind, start = piece, first
            if piece == "FSTRING_START":
                begin = begin if depth else start
                depth += 1
            if depth:
                depth -= piece == "FSTRING_END"
                if depth:
                    continue
                kind, start = "FSTRING", begin
            while comments[number][0] < start or (kind == END and comments[number][1]):
                yield COMMENT, self.element(COMMENT, *comments[number], end)
                end = comments[number][1]
                number += 1
            if kind != END:
                yield kind, self.element(kind, start, stop, end)
            # What counts is the newlines between other things than newlines.
            end = end if kind == NEWLINE else stop

    def element(self, kind: str, start: int, stop: int, end: int) -> Element:
        """A token or comment with its normal text."""
        text = self.tokens.text[start:stop]
        gap = self.tokens.text[end:start]
        breaks = gap.count("\n") + gap.count("\r") - gap.count("\r\n")
        if kind == "STRING":
            text = normal_string(text)
        elif kind == COMMENT:
            text = text.rstrip()
        elif kind == "FSTRING":
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return Element(kind, text.ljust(self.paddings.get(start, 0)), breaks)

    # Collecting

    def append(self, element: Element) -> None:
        """Take a token that is no brace of a body."""
        if self.is_head:
            self.end_statement()
        if element.kind in SOFT_WORDS and not self.is_keyword(element.kind):
            element = Element("NAME", element.text, element.breaks)
        self.begin(element)

    def begin(self, element: Element) -> None:
        """Take any element, which may be the statement's first."""
        if not self.statement:
            self.level = len(self.bodies)
        self.statement.append(element)

    def is_keyword(self, kind: str) -> bool:
        """Whether a word that may be a name is none here."""
        if self.statement:
            first = self.statement[0].kind
            if len(self.statement) == 1 and first in ("INLINE", "FROZEN"):
                return kind == "WEIGHT" or follows_item_word(first, kind)
            return kind == "IMPORT" and first == "FROM"
        if not self.bodies:
            return kind in ITEM_WORDS
        return self.bodies[-1] != "TRAIN" and kind in STATEMENT_WORDS

    def open_body(self, brace: Element) -> None:
        """End the head of a body, and go in."""
        self.begin(Element("BODY", "{", brace.breaks))
        self.bodies.append(self.statement[0].kind)
        self.is_head = True

    def close_body(self, brace: Element) -> None:
        """End the last statement of a body, and go out."""
        self.bodies.pop()
        if self.is_head:
            self.is_head = False
            self.statement[-1] = Element("BODY", "{}", 0)
            return
        self.end_statement()
        self.begin(Element("BODY", "}", 0))

    def comment(self, comment: Element) -> None:
        """Take a comment: one of the statement, one behind it, or one on a line of its own."""
        is_behind_body = not self.brackets and self.statement and self.statement[-1].kind == "BODY"
        if self.statement and (not is_behind_body or not comment.breaks):
            self.statement.append(comment)
            if is_behind_body:
                self.end_statement()
            return
        self.end_statement()
        level = len(self.bodies)
        text = " " * (INDENT * level) + comment.text
        self.lines.append(_Line(text, level, COMMENT, is_after_blank=comment.breaks > 1))

    def end_statement(self) -> None:
        """Write the statement."""
        if not self.statement:
            return
        indent = INDENT * self.level
        text = " " * indent + render(statement_document(self.statement), indent, WIDTH)
        first = self.statement[0]
        kind = "simple"
        if first.kind == "BODY":
            kind = "end"
        elif first.kind in DEFINITION_WORDS:
            kind = "definition"
        self.lines.append(_Line(text, self.level, kind, is_after_blank=first.breaks > 1))
        self.statement = []
        self.is_head = False


_OPENERS = ("LPAR", "LSQB", "LBRACE")
_CLOSERS = ("RPAR", "RSQB", "RBRACE")


def _joined(lines: list[_Line]) -> str:
    """The lines with the blank lines between them that there should be."""
    before: _Line | None = None
    for index, line in enumerate(lines):
        is_first = before is None or before.level < line.level
        if is_first or line.kind == "end":
            line.is_after_blank = False
        elif not line.level and before is not None:
            if before.kind in ("definition", "end"):
                line.is_after_blank = True
            elif line.kind == "definition":
                _part_from_others(lines, index)
        before = line
    return "".join("\n" * line.is_after_blank + line.text + "\n" for line in lines)


def _part_from_others(lines: list[_Line], index: int) -> None:
    """Put a blank line before a definition, or before the comment that belongs to it."""
    first = index
    while lines[first - 1].kind == COMMENT and not lines[first].is_after_blank:
        first -= 1
        if first == 0:
            return
    lines[first].is_after_blank = True


def _entry_widths(tokens: Tokens) -> dict[int, int]:
    """How wide the keys of train blocks are to be written, by offset."""
    widths: dict[int, int] = {}
    kinds = tokens.kinds
    for index, kind in enumerate(kinds):
        if kind != "TRAIN" or kinds[index + 2 : index + 3] != ["LBRACE"]:
            continue
        keys: list[int] = []
        position, depth = index + 3, 1
        while depth and kinds[position] != END:
            depth += (kinds[position] == "LBRACE") - (kinds[position] == "RBRACE")
            is_first = kinds[position - 1] in (NEWLINE, "LBRACE")
            if depth == 1 and is_first and kinds[position + 1] == "EQUAL":
                keys.append(position)
            position += 1
        width = max((tokens.ends[k] - tokens.starts[k] for k in keys), default=0)
        widths.update({tokens.starts[k]: width for k in keys})
    return widths


def normal_string(text: str) -> str:
    """A string with double quotes, if that needs no more escapes than it has."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    prefix = prefix_of(text)
    quotes = quotes_of(text, len(prefix))
    body = text[len(prefix) + len(quotes) : -len(quotes)]
    letters = prefix.replace("u", "")
    if quotes[0] == "'" and '"' not in body:
        if letters != "r":
            body = re.sub(r"(?<!\\)((?:\\\\)*)\\'", r"\1'", body)
        quotes = '"' * len(quotes)
    normal = f"{letters}{quotes}{body}{quotes}"
    return normal if decode_string(normal) == decode_string(text) else text
