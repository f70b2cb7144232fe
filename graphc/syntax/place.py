"""The place of a syntax error: the token that fits nowhere, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterable

from graphc.diagnostics.codes import UNEXPECTED_TEXT
from graphc.diagnostics.diagnostic import Edit
from graphc.syntax.driver import Driver
from graphc.syntax.report import Report
from graphc.syntax.tokens import END, NEWLINE

PANIC = -1
"""Instead of the token to go on at: the statement is lost."""

_CLOSERS = {"RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE"}
_NAMED = {
    NEWLINE: "the end of the line",
    END: "the end of the file",
    "FSTRING_START": "an f-string",
    "FSTRING_MIDDLE": "`}`",
    "FSTRING_END": "`}`",
}


class Place:
    """What an explanation may ask, and how it reports and mends.

    `begin` is the first token of the statement (or item, or entry of a train block: `symbol`),
    `depth` how much of the driver's stacks stands before it.
    """

    def __init__(
        self, driver: Driver, index: int, begin: int, depth: int, symbol: str, report: Report
    ) -> None:
        self.driver = driver
        self.tokens = driver.tokens
        self.index = index
        self.begin = begin
        self.depth = depth
        self.symbol = symbol
        self.report = report
        self.kind = self.tokens.kinds[index]
        self.text = self.tokens.spelling(index)
        self.before = self.tokens.kinds[index - 1] if index > begin else ""
        self.head = self.tokens.kinds[begin]

    def kind_at(self, offset: int) -> str:
        """The kind of a token counted from the one that does not fit."""
        index = self.index + offset
        return self.tokens.kinds[index] if 0 <= index < len(self.tokens.kinds) else END

    def text_at(self, offset: int) -> str:
        """The text of a token counted from the one that does not fit."""
        return self.tokens.spelling(self.index + offset)

    def accepts(self, *kinds: str) -> bool:
        """Whether tokens of these kinds could stand here."""
        return self.driver.accepts(*kinds)

    def shown(self, offset: int = 0) -> str:
        """A token as messages name it."""
        kind = self.kind_at(offset)
        if kind == "FSTRING_END" and offset < 0:
            return "an f-string"
        if kind in _NAMED:
            return _NAMED[kind]
        text = self.text_at(offset)
        return f"`{text}`" if len(text) <= 40 and "\n" not in text else f"`{text[:20]}…`"

    def is_adjacent(self, offset: int = 0) -> bool:
        """Whether no blank stands between a token and the one before it."""
        index = self.index + offset
        return self.tokens.ends[index - 1] == self.tokens.starts[index]

    def bracket(self) -> int | None:
        """The innermost open bracket of the statement."""
        waiting: list[int] = []
        for position in range(self.begin, self.index):
            kind = self.tokens.kinds[position]
            if kind in _CLOSERS.values():
                waiting.append(position)
            elif kind in _CLOSERS and waiting:
                waiting.pop()
        return waiting[-1] if waiting else None

    def bracket_kind(self) -> str:
        """What the innermost open bracket is: a call, group, list, index, dict, or none."""
        position = self.bracket()
        if position is None:
            return ""
        kind = self.tokens.kinds[position]
        follows = position > self.begin and self.tokens.kinds[position - 1] in (
            *("NAME", "RPAR", "RSQB"),
        )
        return {
            "LPAR": "call" if follows else "group",
            "LSQB": "index" if follows else "list",
            "LBRACE": "dict",
        }[kind]

    def statement_text(self) -> str:
        """The statement up to the token, on one line."""
        return self.between(self.begin, self.index - 1)

    def between(self, first: int, last: int) -> str:
        """The text from one token to another, on one line."""
        text = self.tokens.text[self.tokens.starts[first] : self.tokens.ends[last]]
        return " ".join(text.split())

    def rest_of_line(self) -> range:
        """The tokens from this one to the end of the line or body."""
        end = self.index
        while self.tokens.kinds[end] not in (NEWLINE, END, "LBRACE", "RBRACE"):
            end += 1
        return range(self.index, end)

    # Reports

    def say(
        self,
        message: str,
        *,
        first: int = 0,
        last: int | None = None,
        help: str | None = None,
        label: str = "",
        edits: Iterable[Edit] = (),
    ) -> None:
        """Report an error at the token, or from one to another counted from it."""
        start, end = self.place(first, last)
        self.report.add(
            UNEXPECTED_TEXT, message, start, end, label=label, help=help, edits=tuple(edits)
        )

    def place(self, first: int = 0, last: int | None = None) -> tuple[int, int]:
        """Offsets of a range of tokens; of an end, the last character before it."""
        start = self.tokens.starts[self.index + first]
        end = self.tokens.ends[self.index + (first if last is None else last)]
        if self.kind_at(first) in ("FSTRING_MIDDLE", "FSTRING_END"):
            end = start + 1
        elif self.kind_at(first) in (NEWLINE, END) or start == end:
            end = self.tokens.ends[self.index + first - 1] if self.index + first else 0
            start = max(end - 1, 0)
        return start, end

    def replacing(self, text: str, first: int = 0, last: int | None = None) -> Edit:
        """The edit that writes a text in place of tokens."""
        end = self.index + (first if last is None else last)
        return self.report.edit(self.tokens.starts[self.index + first], self.tokens.ends[end], text)

    def deleting(self, offset: int = 0, *, replacement: str = "") -> Edit:
        """The edit that deletes a token and the blanks behind it."""
        end = self.tokens.ends[self.index + offset]
        while self.tokens.text[end : end + 1] in (" ", "\t"):
            end += 1
        return self.report.edit(self.tokens.starts[self.index + offset], end, replacement)

    def inserting(self, text: str) -> Edit:
        """The edit that puts a text behind the token before this one."""
        end = self.tokens.ends[self.index - 1]
        return self.report.edit(end, end, text)

    # Mending

    def insert(self, kind: str) -> int:
        """Read on as if a token stood before this one."""
        self.driver.insert(kind, self.index)
        return self.index

    def replace(self, kind: str, spelling: str = "") -> int:
        """Read on as if this token were another."""
        self.tokens.kinds[self.index] = kind
        if spelling:
            self.tokens.spellings[self.index] = spelling
        return self.index

    def drop(self) -> int:
        """Read on as if this token were not there."""
        return self.index + 1

    def restart(self, kind: str, skip: int = 0) -> int:
        """Read the statement again, with its first token (or the one after some) another."""
        self.driver.cut(self.depth + 1)
        self.tokens.kinds[self.begin + skip] = kind
        return self.begin + skip
