"""Source text to tokens: the quick way, which gives up at the first thing out of order.

One regular expression, put together from the terminals of net.lark, finds the tokens. The
scan drops newlines inside brackets and cuts f-strings into pieces. Whatever is out of order,
from a stray character to a bracket without its partner, is left to the careful way
(mend.py, layout.py), which reads the whole file again and has something to say about it.
"""

from __future__ import annotations

import re

from graphc.syntax.grammar import Table
from graphc.syntax.literals import Fault, cut_fstring, decode_string, is_number, prefix_of
from graphc.syntax.tokens import (
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

(
    STRING,
    WORD,
    BRACKET,
    NUMBER,
    MISTAKE,
    SIGN,
    LINE_END,
    COMMENT,
    CONTINUATION,
    OTHER,
) = range(1, 11)
"""The groups of the pattern."""

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_BODY = "body"
_HOLE = "hole"


def token_pattern(table: Table) -> re.Pattern[str]:
    """One expression that matches any token and the blanks behind it."""
    patterns = table.patterns
    signs = sorted((w for w in table.words if not w.isalpha() and w not in "()[]{}"), key=len)
    groups = {
        STRING: patterns["STRING"],
        WORD: patterns["NAME"],
        BRACKET: r"[()\[\]{}]",
        NUMBER: patterns["NUMBER"],
        MISTAKE: "=>",  # two signs that stand together only where someone meant an arrow
        SIGN: "|".join([patterns["OPERATOR"], *map(re.escape, reversed(signs))]),
        LINE_END: patterns["_NEWLINE"],
        COMMENT: patterns["COMMENT"],
        CONTINUATION: patterns["CONTINUATION"],
        OTHER: r"[^ \t\f]",
    }
    either = "|".join(f"({groups[number]})" for number in sorted(groups))
    return re.compile(f"(?:{either})(?:{patterns['SPACE']})?")


def lex_quickly(text: str, table: Table, pattern: re.Pattern[str]) -> Tokens | None:
    """The tokens of a text in which all is in order, or else nothing."""
    tokens = Tokens(text)
    begin = 1 if text.startswith("\ufeff") else 0
    if not _scan(tokens, table.words, pattern, begin, len(text), []):
        return None
    if not text.isascii() and not _has_sound_names(tokens):
        return None
    tokens.add(END, len(text), len(text))
    return tokens


def opens_body(kinds: list[str], body_end: int) -> bool:
    """Whether a brace after these tokens opens a body, and not a dict.

    An operand cannot follow an operand. `body_end` is where the last body was closed: the
    ``else`` behind it is a statement's, any other belongs to an expression.
    """
    if not kinds:
        return False
    before = kinds[-1]
    if before == "ELSE":
        return body_end == len(kinds) - 2
    if before in ("INPUT", "OUTPUT", "REQUIRE"):
        # As a name, one of these words would stand behind something else.
        return kinds[-2] not in (NEWLINE, "LBRACE", "RBRACE") if len(kinds) > 1 else False
    return before in OPERAND_ENDS


def needs_body(kinds: list[str], first: int) -> bool:
    """Whether what begins like the head of a body is one, and no word used as a name."""
    following = kinds[first + 1] if first + 1 < len(kinds) else ""
    return kinds[first] not in ITEM_WORDS or follows_item_word(kinds[first], following)


def collect_comments(tokens: Tokens, start: int, end: int) -> None:
    """Keep the comments in a run of blank lines and comments."""
    text = tokens.text
    while (start := text.find("#", start, end)) >= 0:
        match = _COMMENT.match(text, start)
        assert match is not None
        tokens.comments.append(match.span())
        start = match.end()


_COMMENT = re.compile(r"#[^\r\n]*")


def _has_sound_names(tokens: Tokens) -> bool:
    return all(
        kind != "NAME" or tokens.spelling(index).isidentifier()
        for index, kind in enumerate(tokens.kinds)
    )


def _scan(
    tokens: Tokens,
    words: dict[str, str],
    pattern: re.Pattern[str],
    begin: int,
    end: int,
    stack: list[str],
) -> bool:
    """Scan a part of the text; `stack` holds what closes the brackets around it.

    One long function, because it runs once for each token of a file.
    """
    text, kinds, starts, ends = tokens.text, tokens.kinds, tokens.starts, tokens.ends
    add_kind, add_start, add_end = kinds.append, starts.append, ends.append
    floor = len(stack)
    first = 0  # the first token of the statement
    body_end = -1  # the last brace that closed a body
    for match in pattern.finditer(text, begin, end):
        group = match.lastindex
        start, stop = match.span(group)  # type: ignore[arg-type]  # one of the groups matched
        if group == WORD:
            add_kind(words.get(match[WORD], "NAME"))
        elif group == SIGN:
            add_kind(words.get(match[SIGN], "OPERATOR"))
        elif group == NUMBER:
            if not is_number(match[NUMBER]):
                return False
            add_kind("NUMBER")
        elif group == STRING:
            if text[start] not in "\"'" or "\\" in match[STRING]:
                if not _scan_string(tokens, words, pattern, start, stop, stack):
                    return False
                continue
            add_kind("STRING")
        elif group == BRACKET:
            sign = match[BRACKET]
            if sign in _CLOSERS:
                if sign == "{" and opens_body(kinds, body_end):
                    stack.append(_BODY)
                    first = len(kinds) + 1
                else:
                    stack.append(_CLOSERS[sign])
                if len(stack) > DEEP:
                    tokens.is_deep = True
                    if len(stack) > MAX_BRACKETS:
                        return False
            else:
                if len(stack) == floor:
                    return False
                closer = stack.pop()
                if closer == _BODY:
                    closer = "}"
                    body_end = len(kinds)
                    first = len(kinds) + 1
                if sign != closer:
                    return False
            add_kind(words[sign])
        elif group == LINE_END:
            if text.find("#", start, stop) >= 0:
                collect_comments(tokens, start, stop)
            if (stack and stack[-1] != _BODY) or not kinds or kinds[-1] == "LBRACE":
                continue
            if first < len(kinds) and kinds[first] in HEADS and needs_body(kinds, first):
                return False
            add_kind(NEWLINE)
            first = len(kinds)
        elif group == COMMENT:
            tokens.comments.append((start, stop))
            continue
        elif group == CONTINUATION:
            collect_comments(tokens, start, stop)
            continue
        else:
            return False
        add_start(start)
        add_end(stop)
    return len(stack) == floor


def _scan_string(
    tokens: Tokens,
    words: dict[str, str],
    pattern: re.Pattern[str],
    start: int,
    end: int,
    stack: list[str],
) -> bool:
    """A string with a prefix or escapes; of an f-string, its pieces and what is between them."""
    text = tokens.text
    prefix = prefix_of(text, start)
    if "f" not in prefix:
        if isinstance(decode_string(text[start:end]), Fault):
            return False
        tokens.add("STRING", start, end)
        return True
    holes = cut_fstring(text, start, end)
    if isinstance(holes, Fault):
        return False
    if not holes:
        tokens.add("FSTRING", start, end)
        return True
    kind = "FSTRING_START"
    for hole_start, hole_end in holes:
        tokens.add(kind, start, hole_start)
        if not _scan(tokens, words, pattern, hole_start, hole_end, [*stack, _HOLE]):
            return False
        start, kind = hole_end, "FSTRING_MIDDLE"
    tokens.add("FSTRING_END", start, end)
    return True
