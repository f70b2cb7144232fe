"""The tokens of a file, in parallel lists, and what is known of their kinds.

Kinds are the names of net.lark's terminals. A token is known by its index: a file of 100,000
lines has a million of them, and two offsets and a shared name are the least they can cost.
"""

from __future__ import annotations

from bisect import bisect_left

MAX_BRACKETS = 100
"""How deep brackets and bodies may stand in each other."""

MAX_DEPTH = 150
"""How deep the tree may become; a visitor spends some four Python frames on a level."""

DEEP = 20
LONG = 100
OUTER_DEPTH = 2 * DEEP + 5
"""No statement of at most LONG tokens, inside at most DEEP bodies, can exceed MAX_DEPTH."""

NEWLINE = "_NEWLINE"
END = "$END"

BROKEN = "BROKEN"
"""The kind of what has been reported already: the parser drops its statement in silence."""

ITEM_WORDS = frozenset(
    {"FROZEN", "MODEL", "SEQUENTIAL", "INLINE", "BLOCK", "TRAIN", "CONST", "FROM"}
)
STATEMENT_WORDS = frozenset({"INPUT", "OUTPUT", "FROZEN", "WEIGHT", "REQUIRE"})

SOFT_WORDS = ITEM_WORDS | STATEMENT_WORDS | {"IMPORT"}
"""Keywords only where the grammar expects them; names elsewhere."""

HARD_WORDS = frozenset(
    {"IF", "ELIF", "ELSE", "FOR", "IN", "AS", "AND", "OR", "NOT", "TRUE", "FALSE", "NONE"}
)
"""Keywords everywhere."""

DEFINITION_WORDS = frozenset({"FROZEN", "MODEL", "SEQUENTIAL", "INLINE", "BLOCK", "TRAIN"})
"""What begins an item with a body: `frozen` and `inline` stand before the word of the kind."""

HEADS = DEFINITION_WORDS | {"FOR", "IF", "ELIF", "ELSE"}
"""What begins a line that needs a body."""

OPERAND_STARTS = frozenset(
    {
        *("NAME", "NUMBER", "STRING", "FSTRING", "FSTRING_START", "TRUE", "FALSE", "NONE"),
        *("ELLIPSIS", "LPAR", "LSQB", "LBRACE", "MINUS", "NOT"),
    }
)

OPERAND_ENDS = SOFT_WORDS | {
    *("NAME", "NUMBER", "STRING", "FSTRING", "FSTRING_END", "TRUE", "FALSE", "NONE"),
    *("ELLIPSIS", "QMARK", "RPAR", "RSQB", "RBRACE"),
}


_AFTER_ITEM_WORDS = {"INLINE": ("BLOCK",), "FROZEN": ("MODEL", "SEQUENTIAL")}


def follows_item_word(word: str, kind: str) -> bool:
    """Whether what stands behind an item's word is what stands there where it is no name."""
    return kind in _AFTER_ITEM_WORDS.get(word, ("NAME",))


class Tokens:
    """Kinds and offsets of a file's tokens; the last is ``$END``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.comments: list[tuple[int, int]] = []
        self.spellings: dict[int, str] = {}
        """What mended tokens should have read: ``==`` for the ``=`` of ``if a = b``."""
        self.mends: list[int] = []
        """Tokens before or at which something was reported and mended, in order."""
        self.is_deep = False
        """Whether bodies or brackets stand so deep in each other that the tree needs a look."""

    def add(self, kind: str, start: int, end: int) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def add_raw(self, kind: str, start: int, end: int, spelling: str) -> None:
        """Append a token that may be mended, or broken."""
        if spelling:
            self.note_mend()
            self.spellings[len(self.kinds)] = spelling
        self.add(BROKEN if kind == "LOST_LINE" else kind, start, end)

    def note_mend(self) -> None:
        """Remember that an error was reported where the next token stands."""
        self.mends.append(len(self.kinds))

    def is_mended(self, first: int, last: int) -> bool:
        """Whether an error was reported from one token to another."""
        place = bisect_left(self.mends, first)
        return place < len(self.mends) and self.mends[place] <= last

    def remove_last(self) -> None:
        """Take the last token off again."""
        for column in (self.kinds, self.starts, self.ends):
            column.pop()

    def spelling(self, index: int) -> str:
        """The text of a token."""
        if index in self.spellings:
            return self.spellings[index]
        return self.text[self.starts[index] : self.ends[index]]

    def is_first_on_line(self, index: int) -> bool:
        """Whether no token stands before one in its line."""
        gap = self.text[self.ends[index - 1] : self.starts[index]]
        return "\n" in gap or "\r" in gap

    def column(self, index: int) -> int:
        """How far from its line's start a token stands."""
        start = self.starts[index]
        line = self.text.rfind("\n", 0, start) + 1
        return start - max(line, self.text.rfind("\r", line, start) + 1)
