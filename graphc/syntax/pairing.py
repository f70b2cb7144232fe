"""Brackets without partners: what the indentation says belongs together.

A statement that stands no deeper than the line of an open brace should not be inside it, and a
line that begins like a statement should not be inside parentheses. What is missing is put
in and reported at the bracket that wants it, so that one mistake is one error.
"""

from __future__ import annotations

from graphc.syntax.bracket_errors import CLOSERS, BracketErrors
from graphc.syntax.lex import collect_comments, opens_body
from graphc.syntax.raw import COMMENT, CONTINUATION, LOST_LINE, RawToken, RawTokens
from graphc.syntax.tokens import (
    BROKEN,
    DEEP,
    END,
    HEADS,
    ITEM_WORDS,
    MAX_BRACKETS,
    NEWLINE,
    OPERAND_ENDS,
    Tokens,
    follows_item_word,
)

_BODY = "body"
_HOLE = "hole"


class _Open:
    """A bracket that waits for its partner."""

    def __init__(self, closer: str, token: RawToken, indent: int, *, is_virtual: bool) -> None:
        self.closer = closer
        self.token = token
        self.indent = indent  # of the line that the bracket's statement begins on
        self.content = -1  # the column of a body's first statement
        self.is_virtual = is_virtual  # never written, and reported already


class Pairing:
    """Lays out a file in which brackets or braces are missing."""

    def __init__(self, raw: RawTokens, errors: BracketErrors) -> None:
        self.raw = raw
        self.errors = errors
        self.tokens = Tokens(raw.text)
        self.stack: list[_Open] = []
        self.base = 0  # how much of the stack are bodies; brackets stand above them
        self.begin = 0  # the first raw token of the statement
        self.head: int | None = None  # the same, if the statement still needs a body
        self.body_end = -1
        self.line_is_lost = False
        self.is_too_deep = False

    def run(self) -> Tokens:
        """The tokens of the file."""
        self.begin_statement(0)
        for index, token in enumerate(self.raw.tokens):
            self.take(index, token)
        self.finish()
        return self.tokens

    def take(self, index: int, token: RawToken) -> None:
        """Take one raw token."""
        kind = token.kind
        if kind == COMMENT:
            self.tokens.comments.append((token.start, token.end))
        elif kind in (NEWLINE, CONTINUATION):
            collect_comments(self.tokens, token.start, token.end)
            self.line_end(index, token)
        elif kind in CLOSERS:
            self.open(token)
        elif kind == "RBRACE":
            self.close_brace(index, token)
        elif kind in ("RPAR", "RSQB"):
            self.close(index, token)
        elif kind in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END"):
            self.piece(token)
        else:
            self.line_is_lost |= kind == LOST_LINE
            self.add(token)

    def add(self, token: RawToken) -> None:
        """Pass a token on as it is."""
        self.tokens.add_raw(token.kind, token.start, token.end, token.spelling)

    def begin_statement(self, index: int) -> None:
        """Note where a statement begins, and whether it needs a body."""
        self.begin = index
        kind = self.raw.kind(index)
        is_head = kind in HEADS and (
            kind not in ITEM_WORDS or follows_item_word(kind, self.raw.kind(index + 1))
        )
        self.head = index if is_head else None

    def brackets(self) -> list[_Open]:
        """The open brackets of the statement, the outermost first."""
        return self.stack[self.base :]

    def pop_body(self) -> _Open:
        """Take the innermost body off the stack, which has no brackets above it."""
        self.body_end = len(self.tokens.kinds)
        self.base -= 1
        return self.stack.pop()

    # Brackets

    def open(self, token: RawToken) -> None:
        """Take an opening bracket."""
        is_body = token.kind == "LBRACE" and opens_body(self.tokens.kinds, self.body_end)
        is_inside = len(self.stack) > self.base
        if is_body and is_inside:
            # `if f(x {`: the brackets can only have ended before.
            self.tokens.note_mend()
            self.errors.unclosed(self.stack[self.base].token, token.start)
            for bracket in reversed(self.brackets()):
                self.tokens.add(bracket.closer, token.start, token.start)
                self.stack.pop()
        elif token.kind == "LBRACE" and self.head is not None and not is_inside:
            # `if x == {` at the end of a line: a dict is not what was begun there.
            is_body = is_body or self.raw.ends_line(token.end)
        self.push(_BODY if is_body else CLOSERS[token.kind], token)
        self.add(token)

    def push(self, closer: str, token: RawToken, *, is_virtual: bool = False) -> None:
        """Remember a bracket that was opened."""
        if len(self.stack) >= MAX_BRACKETS and not self.is_too_deep:
            self.is_too_deep = True
            self.errors.too_deep(token)
            self.tokens.add(BROKEN, token.start, token.start)
        self.tokens.is_deep |= len(self.stack) >= DEEP
        indent = self.raw.column(self.begin) if self.begin < len(self.raw) else 0
        self.stack.append(_Open(closer, token, indent, is_virtual=is_virtual))
        if closer == _BODY:
            self.base = len(self.stack)
            self.head = None
            self.begin = len(self.raw)

    def close(self, index: int, token: RawToken) -> None:
        """Take a closing parenthesis or square bracket."""
        top = self.stack[-1] if len(self.stack) > self.base else None
        if top is None or top.closer == _HOLE:
            self.drop(token)
        elif top.closer == token.kind:
            self.stack.pop()
            self.add(token)
        elif any(bracket.closer == token.kind for bracket in self.brackets()):
            self.errors.unclosed(top.token, token.start)
            self.tokens.add(BROKEN, token.start, token.end)
            while self.give_up(token.end).closer != token.kind:
                pass
        elif self.raw.kind(index + 1) == top.closer:
            # `[1, 2])` or `{"a": 1)}`: what should close it comes at once.
            self.drop(token)
        else:
            self.errors.mismatched(top.token, token)
            self.tokens.add(BROKEN, token.start, token.end)
            self.give_up(token.end)

    def drop(self, token: RawToken) -> None:
        """Report a closing bracket for which there is none to close, and leave it out."""
        self.errors.unopened(token)
        self.tokens.note_mend()

    def give_up(self, position: int) -> _Open:
        """Forget the innermost bracket; the braces that reach the parser are in pairs, though."""
        bracket = self.stack.pop()
        if bracket.closer == "RBRACE":
            self.tokens.add("RBRACE", position, position)
        return bracket

    def piece(self, token: RawToken) -> None:
        """Take a piece of an f-string, which closes what is open in the expression before it."""
        if token.kind != "FSTRING_START":
            while self.stack and self.stack[-1].closer != _HOLE:
                self.errors.unclosed(self.stack[-1].token, token.start)
                self.tokens.add(BROKEN, token.start, token.start)
                self.give_up(token.start)
            if self.stack:
                self.stack.pop()
        if token.kind != "FSTRING_END":
            self.push(_HOLE, token)
        self.add(token)

    def close_brace(self, index: int, token: RawToken) -> None:
        """Take a closing brace: of a dict, or of a body."""
        unclosed = None
        while len(self.stack) > self.base and self.stack[-1].closer != "RBRACE":
            unclosed = self.stack.pop()
        if unclosed is not None:
            self.errors.unclosed(unclosed.token, token.start)
            self.tokens.add(BROKEN, token.start, token.start)
        if len(self.stack) > self.base:
            self.stack.pop()
            self.add(token)
        elif not self.stack or self.is_extra(index):
            self.drop(token)
        else:
            self.pop_body()
            self.add(token)
            self.begin_statement(self.raw.next(index + 1))

    def is_extra(self, index: int) -> bool:
        """Whether a brace closes nothing; one further out closes what is further in."""
        top = self.stack[-1]
        raw = self.raw
        if not raw.is_first_on_line(index):
            after = raw.next(index + 1)
            if raw.kind(after) in ("ELSE", "ELIF"):
                return raw.kind(index - 1) == "RBRACE"
            # What follows is inside the body that the brace would close.
            is_inside = after < len(raw) and raw.column(after) > top.indent
            return is_inside and raw.is_first_on_line(after) and not raw.begins_item(after)
        column = raw.column(index)
        if top.content > top.indent and column >= top.content:
            return True
        if any(body.closer == _BODY and body.indent == column for body in self.stack):
            while column < self.stack[-1].indent:
                self.close_missing(self.raw[index].start)
        return False

    # Lines

    def line_end(self, index: int, token: RawToken) -> None:
        """Take a newline, and look at how the next line begins."""
        after = self.raw.next(index)
        if len(self.stack) > self.base:
            if not self.line_is_lost and not self.ends_brackets(after, self.stack[self.base]):
                return
            self.break_off(token.start)
        self.line_is_lost = False
        kinds = self.tokens.kinds
        is_end = token.kind == NEWLINE
        if is_end and self.head is not None and kinds[-1] != NEWLINE and self.put_brace(after):
            return
        if self.raw.kind(after) not in ("RBRACE", "ARROW", END):
            self.dedent(after, token.start)
        if is_end and kinds and kinds[-1] not in (NEWLINE, "LBRACE"):
            self.add(token)
        if is_end or self.raw.kind(after) in ("ELSE", "ELIF"):
            self.begin_statement(after)

    def ends_brackets(self, index: int, bracket: _Open) -> bool:
        """Whether the token that begins a line cannot stand inside the bracket."""
        raw = self.raw
        kind = raw.kind(index)
        if kind == END or raw.begins_item(index) or raw.begins_statement(index):
            return True
        if raw.column(index) > bracket.indent:
            return False
        if kind in ("FOR", "IF"):
            return True
        is_second_operand = self.tokens.kinds[-1] in OPERAND_ENDS
        return kind in ("NAME", "NUMBER", "STRING") and (raw.binds(index) or is_second_operand)

    def break_off(self, position: int) -> None:
        """End the statement with its brackets still open."""
        if not self.line_is_lost:
            self.errors.unclosed(self.stack[self.base].token, position)
            self.tokens.add(BROKEN, position, position)
        while len(self.stack) > self.base:
            self.give_up(position)

    def dedent(self, index: int, end: int) -> None:
        """Close the bodies that a statement's indentation says it is not in."""
        column = self.raw.column(index)
        is_item = self.raw.begins_item(index)
        is_branch = self.raw.kind(index) in ("ELSE", "ELIF")
        while self.stack and self.stack[-1].closer == _BODY:
            top = self.stack[-1]
            if top.content < 0 and not is_item:
                top.content = column
            if is_branch and top.indent < column < top.content:
                # `else` where `} else` should be: a little further in than the `if`.
                self.close_missing(end)
                break
            if column > top.indent or not (is_item or top.content > top.indent):
                break
            self.close_missing(end)

    def close_missing(self, position: int) -> None:
        """Put in the brace that a body lacks."""
        top = self.pop_body()
        if not top.is_virtual:
            self.errors.unclosed(top.token, position)
        self.tokens.add("RBRACE", position, position)

    def put_brace(self, after: int) -> bool:
        """Put in the brace that a head lacks, if its body follows; whether it does."""
        assert self.head is not None
        tokens, raw, head = self.tokens, self.raw, self.head
        is_below = raw.kind(after) == "LBRACE"
        is_indented = after < len(raw) and raw.column(after) > raw.column(head)
        if not is_below and not is_indented:
            return False
        colon = None
        if tokens.kinds[-1] == "COLON":
            colon = tokens.starts[-1], tokens.ends[-1]
            tokens.remove_last()
        end = tokens.ends[-1]
        if is_below:
            self.errors.brace_below(head, end, raw[after])
            return True
        self.errors.no_brace(head, end, after, colon)
        tokens.add("LBRACE", end, end)
        self.begin = head
        self.push(_BODY, raw[head], is_virtual=True)
        self.stack[-1].content = raw.column(after)
        self.begin_statement(after)
        return True

    def finish(self) -> None:
        """Close what is open at the end of the file."""
        end = len(self.raw.text)
        if len(self.stack) > self.base:
            self.break_off(end)
        while self.stack:
            self.close_missing(end)
        self.tokens.add(END, end, end)
