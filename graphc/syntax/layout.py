"""Raw tokens to the tokens of the grammar: which newlines count, and which brackets are pairs.

Where all brackets find their partners, nothing but newlines inside them is left out. Where
some do not, pairing.py asks the indentation.
"""

from __future__ import annotations

from graphc.syntax.bracket_errors import CLOSERS, BracketErrors
from graphc.syntax.lex import collect_comments, needs_body, opens_body
from graphc.syntax.pairing import Pairing
from graphc.syntax.raw import COMMENT, CONTINUATION, LOST_LINE, RawTokens
from graphc.syntax.report import Report
from graphc.syntax.tokens import DEEP, END, HEADS, MAX_BRACKETS, NEWLINE, Tokens

_BODY = "body"
_HOLE = "hole"


def lay_out(raw: RawTokens, report: Report) -> Tokens:
    """The tokens of a file."""
    return _Balanced(raw).run() or Pairing(raw, BracketErrors(raw, report)).run()


class _Balanced:
    """Lays out a file whose brackets are in order, as `lex_quickly` would."""

    def __init__(self, raw: RawTokens) -> None:
        self.raw = raw
        self.tokens = Tokens(raw.text)
        self.stack: list[str] = []
        self.first = 0  # the first token of the statement
        self.body_end = -1  # the last brace that closed a body
        self.line_is_lost = False

    def run(self) -> Tokens | None:
        """The tokens, or nothing if a bracket or brace is missing."""
        for token in self.raw.tokens:
            kind = token.kind
            if kind in (COMMENT, CONTINUATION, NEWLINE):
                collect_comments(self.tokens, token.start, token.end)
                if kind == NEWLINE and not self.line_end(token.start, token.end):
                    return None
            elif not self.bracket(kind):
                return None
            else:
                self.line_is_lost |= kind == LOST_LINE
                self.tokens.add_raw(kind, token.start, token.end, token.spelling)
        if self.stack:
            return None
        self.tokens.add(END, len(self.raw.text), len(self.raw.text))
        return self.tokens

    def line_end(self, start: int, end: int) -> bool:
        """Take a newline; whether all is in order."""
        kinds = self.tokens.kinds
        if self.line_is_lost:
            while self.stack and self.stack[-1] != _BODY:
                self.stack.pop()
            self.line_is_lost = False
        if self.stack and self.stack[-1] != _BODY:
            return True
        first = self.first
        if first < len(kinds) and kinds[first] in HEADS and needs_body(kinds, first):
            return False
        if kinds and kinds[-1] not in (NEWLINE, "LBRACE"):
            self.tokens.add(NEWLINE, start, end)
        self.first = len(kinds)
        return True

    def bracket(self, kind: str) -> bool:
        """Take what may be a bracket; whether all is in order."""
        kinds = self.tokens.kinds
        if kind in CLOSERS:
            is_body = kind == "LBRACE" and opens_body(kinds, self.body_end)
            self.stack.append(_BODY if is_body else CLOSERS[kind])
            self.first = len(kinds) + 1 if is_body else self.first
            self.tokens.is_deep |= len(self.stack) > DEEP
            return len(self.stack) <= MAX_BRACKETS
        if kind in ("RPAR", "RSQB", "RBRACE"):
            closer = self.stack.pop() if self.stack else ""
            if closer == _BODY:
                closer = "RBRACE"
                self.body_end = len(kinds)
                self.first = len(kinds) + 1
            return closer == kind
        if kind in ("FSTRING_MIDDLE", "FSTRING_END") and (
            not self.stack or self.stack.pop() != _HOLE
        ):
            return False
        if kind in ("FSTRING_START", "FSTRING_MIDDLE"):
            self.stack.append(_HOLE)
        return True
