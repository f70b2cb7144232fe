"""Raw tokens: everything that stands in a text, newlines and comments and brackets included."""

from __future__ import annotations

from graphc.record import Record
from graphc.syntax.tokens import END, ITEM_WORDS, NEWLINE, follows_item_word

CONTINUATION = "CONTINUATION"
COMMENT = "COMMENT"
LOST_LINE = "LOST_LINE"
"""The kind of a string that swallowed the rest of its line, and the brackets in it."""

_LINE_WORDS = ("INPUT", "OUTPUT", "WEIGHT", "FROZEN", "REQUIRE", "FOR")


class RawToken(Record):
    """A token as it stands in the text; `spelling` is what it should have read, if it was mended."""

    kind: str
    start: int
    end: int
    spelling: str = ""


class RawTokens:
    """The raw tokens of a text, and what can be asked of them without knowing the grammar."""

    def __init__(self, text: str, tokens: list[RawToken]) -> None:
        self.text = text
        self.tokens = tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: int) -> RawToken:
        return self.tokens[index]

    def kind(self, index: int) -> str:
        """The kind of a token; behind the last is the end."""
        return self.tokens[index].kind if index < len(self.tokens) else END

    def column(self, index: int) -> int:
        """How far from its line's start a token stands."""
        start = self.tokens[index].start
        line = self.text.rfind("\n", 0, start) + 1
        return start - max(line, self.text.rfind("\r", line, start) + 1)

    def is_first_on_line(self, index: int) -> bool:
        """Whether a token is the first of its line."""
        return index == 0 or self.tokens[index - 1].kind in (NEWLINE, CONTINUATION)

    def ends_line(self, position: int) -> bool:
        """Whether nothing but a comment follows in the line."""
        return self.text[position:].lstrip(" \t\f")[:1] in ("", "\r", "\n", "#")

    def next(self, index: int) -> int:
        """The first token from an index on that is no newline or comment."""
        while self.kind(index) in (NEWLINE, CONTINUATION, COMMENT):
            index += 1
        return index

    def begins_item(self, index: int) -> bool:
        """Whether an item begins at a token."""
        kind, following = self.kind(index), self.kind(index + 1)
        if kind == "FROM":
            return following == "STRING"
        if kind == "CONST":
            return following == "NAME" and self.kind(index + 2) == "EQUAL"
        return kind in ITEM_WORDS and follows_item_word(kind, following)

    def begins_statement(self, index: int) -> bool:
        """Whether a statement begins with its word at a token."""
        kind, following = self.kind(index), self.kind(index + 1)
        if kind == "INPUT" and following in ("LSQB", "LBRACE"):
            return True
        return kind in _LINE_WORDS and following == "NAME"

    def binds(self, index: int) -> bool:
        """Whether an assignment begins at a token."""
        while self.kind(index) == "NAME" and self.kind(index + 1) == "COMMA":
            index += 2
        following = self.kind(index + 1)
        is_annotated = following == "COLON" and self.kind(index + 2) in ("LSQB", "NAME")
        return self.kind(index) == "NAME" and (following == "EQUAL" or is_annotated)
