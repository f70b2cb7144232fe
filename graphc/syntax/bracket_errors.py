"""What to say of brackets without partners, and of bodies without braces."""

from __future__ import annotations

from graphc.diagnostics.codes import (
    NESTED_TOO_DEEP,
    UNCLOSED_BRACKET,
    UNEXPECTED_TEXT,
    UNMATCHED_BRACKET,
)
from graphc.diagnostics.diagnostic import Edit
from graphc.syntax.raw import CONTINUATION, RawToken, RawTokens
from graphc.syntax.report import Report
from graphc.syntax.tokens import MAX_BRACKETS, NEWLINE

SIGNS = {"LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "LBRACE": "{", "RBRACE": "}"}
CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_OPENERS = {closer: opener for opener, closer in CLOSERS.items()}


class BracketErrors:
    """Reports errors of brackets in one text."""

    def __init__(self, raw: RawTokens, report: Report) -> None:
        self.raw = raw
        self.report = report

    def unclosed(self, token: RawToken, noticed: int) -> None:
        """Report a bracket that nothing closes; `noticed` is where that is certain."""
        if self.report.is_full:
            return
        text = self.raw.text
        while noticed > token.end and text[noticed - 1].isspace():
            noticed -= 1
        closer = SIGNS[CLOSERS.get(token.kind, "RBRACE")]
        line = text[: token.end].rpartition("\n")[2].rpartition("\r")[2].strip()
        opener = SIGNS.get(token.kind, "{")
        subject = f"this `{opener}`" if line == opener else f"`{short(line)}`"
        line_number = text.count("\n", 0, noticed) + 2
        where = f"before line {line_number}" if text[noticed:].strip() else "at the end of the file"
        if closer != "}" and "\n" not in text[token.end : noticed]:
            where = "in this line"
        self.report.add(
            UNCLOSED_BRACKET,
            f"{subject} needs a closing `{closer}`",
            token.start,
            token.end,
            label="never closed",
            help=f"put `{closer}` where it ends, {where}",
        )

    def unopened(self, token: RawToken) -> None:
        """Report a closing bracket for which none is open."""
        sign, opener = SIGNS[token.kind], SIGNS[_OPENERS[token.kind]]
        self.report.add(
            UNMATCHED_BRACKET,
            f"`{sign}` needs a `{opener}` that it closes, got one `{sign}` too many",
            token.start,
            token.end,
            help=f"delete the `{sign}`",
            edits=(self.report.edit(token.start, token.end, ""),),
        )

    def mismatched(self, opening: RawToken, closing: RawToken) -> None:
        """Report a bracket that is closed by one of another kind."""
        wanted, got = SIGNS[CLOSERS[opening.kind]], SIGNS[closing.kind]
        self.report.add(
            UNMATCHED_BRACKET,
            f"`{SIGNS[opening.kind]}` needs a closing `{wanted}`, got `{got}`",
            closing.start,
            closing.end,
            others=(self.report.label(opening.start, opening.end, "opened here"),),
            help=f"replace `{got}` with `{wanted}`",
        )

    def too_deep(self, token: RawToken) -> None:
        """Report the bracket that exceeds the depth of brackets."""
        self.report.add(
            NESTED_TOO_DEEP,
            f"brackets need to stand at most {MAX_BRACKETS} deep in each other",
            token.start,
            token.end,
            label=f"this one is number {MAX_BRACKETS + 1}",
        )

    def brace_below(self, head: int, end: int, brace: RawToken) -> None:
        """Report a brace on the line below its head, which ends at an offset."""
        has_comment = "#" in self.raw.text[end : brace.start]
        self.report.add(
            UNEXPECTED_TEXT,
            f"`{self._head(head, end)}` needs its `{{` on the same line",
            brace.start,
            brace.end,
            help="move the `{` up to the line that it belongs to",
            edits=() if has_comment else (self.report.edit(end, brace.end, " {"),),
        )

    def no_brace(self, head: int, end: int, after: int, colon: tuple[int, int] | None) -> None:
        """Report a head without its brace; a colon may stand in its place, as in Python."""
        self.report.add(
            UNEXPECTED_TEXT,
            f"`{self._head(head, end)}` needs `{{` before its body, "
            f"got {'`:`' if colon else 'the end of the line'}",
            *(colon or (end - 1, end)),
            help="a body stands between `{` and `}`",
            edits=self._braces(head, colon or (end, end), after),
        )

    def _head(self, head: int, end: int) -> str:
        return short(self.raw.text[self.raw[head].start : end])

    def _braces(self, head: int, place: tuple[int, int], after: int) -> tuple[Edit, ...]:
        """The edits that put braces round a body: up to the line that is not deeper."""
        raw = self.raw
        indent = raw.column(head)
        index = after
        while index < len(raw):
            if raw.is_first_on_line(index) and raw.column(index) <= indent:
                break
            index += 1
        opening = self.report.edit(*place, " {")
        if raw.kind(index) == "RBRACE" and raw.column(index) == indent:
            return (opening,)
        while raw[index - 1].kind in (NEWLINE, CONTINUATION):
            index -= 1
        end = raw[index - 1].end
        start = raw[head].start
        blanks = raw.text[start - indent : start]
        return opening, self.report.edit(end, end, f"\n{blanks}}}")


def short(text: str) -> str:
    """A text on one line, its beginning left out if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else "…" + line[-39:]
