"""Source text to raw tokens, the careful way: every stray character is reported.

What was certainly meant is put in its place (``->`` for ``→`` or ``=>``), so that the rest of the
statement is still read; anything else becomes a token of the kind BROKEN. Newlines,
comments and brackets are all kept: layout.py makes sense of them.
"""

from __future__ import annotations

import re

from graphc.diagnostics.codes import BAD_LITERAL, UNCLOSED_STRING, UNKNOWN_CHARACTER
from graphc.syntax import lex
from graphc.syntax.literals import Fault, cut_fstring, decode_string, prefix_of, read_number
from graphc.syntax.raw import COMMENT, CONTINUATION, LOST_LINE, RawToken, RawTokens
from graphc.syntax.report import Report
from graphc.syntax.tokens import BROKEN, NEWLINE

_SPACES = "\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\x0b\x85" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_LOOKALIKES = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys("→⇒➔➜⟶⟹", "->"),
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys("×∗·⋅", "*"),
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "…": "...",
    "¬": "not",
    "∧": "and",
    "∨": "or",
    **dict(zip("（）［］｛｝，：；＝．＋－＊／＜＞？！＆｜", "()[]{},:;=.+-*/<>?!&|", strict=True)),
}
_QUOTES = {"“": "”", "”": "”", "„": "“", "«": "»", "‘": "’", "’": "’", "＂": "＂"}
_MISSPELT = {
    "=>": "->",
    "|>": "->",
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
    "!": "not",
    "~": "not",
    "^": "**",
}
_MISTAKE = re.compile(r"=>|\|>|&&?|\|\|?|[!~^]")
_JOIN = re.compile(r"\\[ \t\f]*(?:\r\n?|\n)[ \t\f]*")


class CarefulLexer:
    """Reads one file from its start to its end."""

    def __init__(
        self, text: str, words: dict[str, str], pattern: re.Pattern[str], report: Report
    ) -> None:
        self.text = text
        self.words = words
        self.pattern = pattern
        self.report = report
        self.raw: list[RawToken] = []

    def run(self) -> RawTokens:
        """All tokens of the text."""
        self.scan(1 if self.text.startswith("\ufeff") else 0, len(self.text))
        return RawTokens(self.text, self.raw)

    def add(self, kind: str, start: int, end: int, spelling: str = "") -> None:
        self.raw.append(RawToken(kind, start, end, spelling))

    def scan(self, position: int, end: int) -> None:
        """Read a part of the text."""
        while position < end:
            match = self.pattern.search(self.text, position, end)
            if match is None:
                return
            if self.report.is_full:
                # Each unclosed string looks for its end through the rest of the file.
                self.add(LOST_LINE, position, end)
                return
            position = self.token(match, end)

    def token(self, match: re.Match[str], limit: int) -> int:
        """Read one token; return where the next may begin."""
        group = match.lastindex
        assert group is not None
        start, end = match.span(group)
        text = match[group]
        if group == lex.WORD:
            self.word(text, start, end)
        elif group in (lex.SIGN, lex.BRACKET):
            self.add(self.words.get(text, "OPERATOR"), start, end)
        elif group == lex.NUMBER:
            self.number(text, start, end)
        elif group == lex.STRING:
            self.string(text, start, end)
        elif group == lex.LINE_END:
            self.add(NEWLINE, start, end)
        elif group == lex.CONTINUATION:
            self.add(CONTINUATION, start, end)
        elif group == lex.COMMENT:
            self.add(COMMENT, start, end)
        else:
            return self.stray(start, limit)
        return match.end()

    def word(self, text: str, start: int, end: int) -> None:
        if text.isidentifier():
            self.add(self.words.get(text, "NAME"), start, end)
            return
        at = next(i for i in range(len(text)) if not text[: i + 1].isidentifier())
        self.report.add(
            UNKNOWN_CHARACTER,
            f"a name needs letters, digits and underscores, got `{text[at]}` in `{text}`",
            start + at,
            start + at + 1,
        )
        self.add(BROKEN, start, end)

    def number(self, text: str, start: int, end: int) -> None:
        if isinstance(value := read_number(text), Fault):
            self.fault(value, start, end)
        else:
            self.add("NUMBER", start, end)

    def fault(self, fault: Fault, start: int, end: int) -> None:
        self.report.add(
            BAD_LITERAL, fault.message, start + fault.start, start + fault.end, help=fault.help
        )
        self.add(BROKEN, start, end)

    def string(self, text: str, start: int, end: int) -> None:
        if "f" not in prefix_of(text):
            value = decode_string(text)
            if isinstance(value, Fault):
                self.fault(value, start, end)
            else:
                self.add("STRING", start, end)
            return
        holes = cut_fstring(self.text, start, end)
        if isinstance(holes, Fault):
            self.fault(holes, start, end)
        elif not holes:
            self.add("FSTRING", start, end)
        else:
            kind = "FSTRING_START"
            for hole_start, hole_end in holes:
                self.add(kind, start, hole_start)
                self.scan(hole_start, hole_end)
                start, kind = hole_end, "FSTRING_MIDDLE"
            self.add("FSTRING_END", start, end)

    # What fits no terminal

    def stray(self, start: int, limit: int) -> int:
        """Report what stands where no token begins; return where to go on."""
        sign = self.text[start]
        if sign in "\"'":
            return self.unclosed_string(start)
        if sign == ";":
            return self.semicolon(start)
        if joint := _JOIN.match(self.text, start):
            self.report.add(
                UNKNOWN_CHARACTER,
                "a line goes on inside brackets or before `->`, and needs no `\\` for it",
                start,
                start + 1,
                help="delete the `\\`, and put parentheses round what goes over two lines",
            )
            return joint.end()
        if mistake := _MISTAKE.match(self.text, start):
            return self.misspelt(start, mistake.end(), _MISSPELT[mistake[0]])
        if sign in _QUOTES:
            return self.smart_string(start)
        if sign in _LOOKALIKES:
            return self.lookalike(start)
        return self.unknown(start, limit)

    def misspelt(self, start: int, end: int, meant: str) -> int:
        text = self.text[start:end]
        what = {"->": "an arrow", "**": "a power"}.get(meant, f"`{meant}`")
        blank = " " if meant == "not" and self.text[end : end + 1].strip() else ""
        written = f"is written `{meant}`" if what[0] == "a" else "is a word"
        self.report.add(
            UNKNOWN_CHARACTER,
            f"{what} {written}, got `{text}`",
            start,
            end,
            help=f"replace `{text}` with `{meant}`",
            edits=(self.report.edit(start, end, meant + blank),),
        )
        self.sign(meant, start, end)
        return end

    def sign(self, meant: str, start: int, end: int) -> None:
        """Add the token that was meant."""
        if meant == "->" and self.raw and self.raw[-1].kind == NEWLINE:
            line_end = self.raw.pop()
            self.add(CONTINUATION, line_end.start, line_end.end)
        self.add(self.words.get(meant, "OPERATOR"), start, end, meant)

    def semicolon(self, start: int) -> int:
        rest = self.text[start + 1 :].lstrip(" \t\f;")[:1]
        is_last = rest in ("", "\r", "\n", "#", "}")
        self.report.add(
            UNKNOWN_CHARACTER,
            "a statement ends with its line, and needs no `;`",
            start,
            start + 1,
            help="delete the `;`" if is_last else "put the next statement on a line of its own",
            edits=(self.report.edit(start, start + 1, ""),) if is_last else (),
        )
        end = start + 1
        while self.text[end : end + 1] and self.text[end] in " \t\f;":
            end += 1
        if not is_last:
            self.add(NEWLINE, start, end)
        return end

    def unclosed_string(self, start: int) -> int:
        """Only the line is lost, even where three quotes promised more."""
        end = start
        while self.text[end : end + 1] not in ("", "\r", "\n"):
            end += 1
        quote = self.text[start]
        quotes = quote * 3 if self.text.startswith(quote * 3, start) else quote
        self.report.add(
            UNCLOSED_STRING,
            f"a string needs a closing `{quotes}`",
            start,
            start + len(quotes),
            label="the string begins here",
            help=f"put `{quotes}` where it ends",
        )
        self.add(LOST_LINE, start, end)
        return end

    def smart_string(self, start: int) -> int:
        opening = self.text[start]
        end = start + 1
        while self.text[end : end + 1] not in ("", "\r", "\n", *_QUOTES.values(), '"', "'"):
            end += 1
        inside = self.text[start + 1 : end]
        is_closed = self.text[end : end + 1] in (*_QUOTES.values(), '"', "'")
        edits = (
            self.report.edit(start, start + 1, '"'),
            self.report.edit(end, end + 1, '"'),
        )
        self.report.add(
            UNKNOWN_CHARACTER,
            f"a string needs straight quotes, got `{opening}`",
            start,
            start + 1,
            help='replace the curly quotes with `"`' if is_closed else 'write `"`',
            edits=edits if is_closed else (),
        )
        if not is_closed:
            self.add(LOST_LINE, start, end)
            return end
        value = decode_string(f'"{inside}"')
        kind = BROKEN if isinstance(value, Fault) else "STRING"
        self.add(kind, start, end + 1, f'"{inside}"')
        return end + 1

    def lookalike(self, start: int) -> int:
        sign, end = self.text[start], start + 1
        meant = _LOOKALIKES[sign]
        while sign in _SPACES and self.text[end : end + 1] and self.text[end] in _SPACES:
            end += 1
        got = f"U+{ord(sign):04X}" if sign in _SPACES else f"`{sign}` (U+{ord(sign):04X})"
        self.report.add(
            UNKNOWN_CHARACTER,
            f"{'a plain space' if meant == ' ' else f'`{meant}`'} is needed here, got {got}",
            start,
            end,
            help="replace it with a space" if meant == " " else f"replace `{sign}` with `{meant}`",
            edits=(self.report.edit(start, end, meant),),
        )
        if meant == " ":
            return end
        if meant in _MISSPELT or meant == ";":
            meant = _MISSPELT.get(meant, "")
        if meant:
            self.sign(meant, start, end)
        else:
            self.add(NEWLINE, start, end)
        return end

    def unknown(self, start: int, limit: int) -> int:
        """A run of characters that mean nothing is one error."""
        end = start + 1
        while end < limit and self.is_unknown(end):
            end += 1
        sign = self.text[start]
        shown = f"`{sign}`" if sign.isprintable() else f"the control character U+{ord(sign):04X}"
        self.report.add(
            UNKNOWN_CHARACTER,
            f"{shown} has no meaning in a .net file",
            start,
            end,
            help="delete it",
        )
        self.add(BROKEN, start, end)
        return end

    def is_unknown(self, position: int) -> bool:
        sign = self.text[position]
        match = self.pattern.match(self.text, position)
        return (
            match is not None
            and match.lastindex == lex.OTHER
            and sign not in "\"';\\"
            and sign not in _QUOTES
            and sign not in _LOOKALIKES
            and not _MISTAKE.match(sign)
        )
