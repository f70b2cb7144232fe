"""Panic mode: give one statement up, and go on behind it.

The stacks are popped to the innermost place where a statement, an item or an entry may stand;
there goes a `Broken` node with the names that the lost text seems to bind, so that
their uses raise no second error.
"""

from __future__ import annotations

from graphc.syntax import nodes
from graphc.syntax.build import Builder
from graphc.syntax.driver import Driver
from graphc.syntax.explain import explain
from graphc.syntax.place import PANIC, Place
from graphc.syntax.report import Report
from graphc.syntax.tokens import (
    BROKEN,
    END,
    ITEM_WORDS,
    NEWLINE,
    OPERAND_ENDS,
    OPERAND_STARTS,
    Tokens,
)

MAX_STALLS = 10
"""Errors at one place before reading on by force."""

MAX_MENDS = 5
"""Slips mended in one statement before it is given up."""

_SYMBOLS = ("statement", "item", "entry")

_PASSED = ("COMMA", "WEIGHT", "IMPORT", "BLOCK", "MODEL", "SEQUENTIAL")
"""What may stand between a statement's first word and its name."""


class Recovery:
    """What the driver asks when a token fits nowhere."""

    def __init__(self, builder: Builder, report: Report) -> None:
        self.builder = builder
        self.report = report
        self.furthest = -1
        self.stalls = 0
        self.mended: dict[int, int] = {}  # how often a statement was, by its first token

    def __call__(self, driver: Driver, index: int) -> int:
        """Report the token, and mend the text or drop the statement; return where to go on."""
        self.stalls = self.stalls + 1 if index <= self.furthest else 0
        self.furthest = max(self.furthest, index)
        if self.stalls > MAX_STALLS:
            return _force(driver, index)
        depth, symbol = _innermost(driver)
        begin = driver.begins[depth + 1] if depth + 1 < len(driver.begins) else index
        mended = self.mended.get(begin, 0)
        is_said = driver.tokens.kinds[index] == BROKEN or self.report.is_full
        if not is_said and mended < MAX_MENDS:
            is_mended = mended > 0 or driver.tokens.is_mended(begin, index)
            # Where a mended statement cannot be read to its end, the mending was no help, and
            # what it leads to is no error of its own.
            if is_mended:
                self.report.hold()
            outcome = explain(Place(driver, index, begin, depth, symbol, self.report))
            if is_mended:
                self.report.release(keep=outcome != PANIC)
            if outcome != PANIC:
                self.mended[begin] = mended + 1
                return outcome
        return self.panic(driver, index) if symbol else -1

    def panic(self, driver: Driver, index: int) -> int:
        """Drop the statement that holds a token; return where the next begins."""
        if _is_behind_statement(driver, index):
            driver.insert(NEWLINE, index)
        depth, symbol = _innermost(driver)
        begin = driver.begins[depth + 1] if depth + 1 < len(driver.begins) else index
        end = _end(driver.tokens, begin, index, is_item=symbol == "item")
        span = self.builder.span(begin, end - 1 if end > begin else begin)
        names = bound_names(driver.tokens, begin, end)
        broken = (nodes.BrokenItem if symbol == "item" else nodes.Broken)(span, names)
        driver.cut(depth + 1)
        driver.push(driver.table.rows[driver.states[-1]][symbol], broken, begin)
        return end


def _force(driver: Driver, index: int) -> int:
    """Go on where all else has failed to."""
    if driver.tokens.kinds[index] != END:
        return index + 1
    if not driver.accepts("RBRACE"):
        return -1
    driver.insert("RBRACE", index)
    return index


def _is_behind_statement(driver: Driver, index: int) -> bool:
    """Whether the statement before a token is over, and not to be lost with it."""
    if not index or not driver.accepts(NEWLINE):
        return False
    tokens = driver.tokens
    last = driver.values[-1]
    if isinstance(last, list) and last and isinstance(last[-1], nodes.Node):
        return isinstance(last[-1], nodes.Statement | nodes.Item | nodes.TrainEntry)
    if tokens.kinds[index] == "EQUAL":
        return False
    is_stray_branch = tokens.kinds[index] in ("ELSE", "ELIF") and tokens.is_first_on_line(index)
    return is_stray_branch or tokens.kinds[index - 1] == "RBRACE"


def _innermost(driver: Driver) -> tuple[int, str]:
    """How much of the stacks to keep, less one, and what may stand there.

    A body that was closed, though not yet reduced, is no place to go back into.
    """
    closed = 0
    for depth in range(len(driver.states) - 1, -1, -1):
        value = driver.values[depth]
        kind = driver.tokens.kinds[value] if type(value) is int else ""
        if closed:
            closed += (kind == "RBRACE") - (kind == "LBRACE")
            continue
        row = driver.table.rows[driver.states[depth]]
        for symbol in _SYMBOLS:
            if symbol in row:
                return depth, symbol
        closed += kind == "RBRACE"
    return 0, ""


def _end(tokens: Tokens, begin: int, index: int, *, is_item: bool) -> int:
    """Where the statement ends that begins at one token and is lost at another."""
    kinds = tokens.kinds
    depth = 0
    had_body = False
    position = begin
    while (kind := kinds[position]) != END:
        if kind == "LBRACE":
            depth += 1
        elif kind == "RBRACE":
            if not depth:
                break
            depth -= 1
            had_body = True
        elif (
            kind == NEWLINE
            and not depth
            and position >= index
            and (not is_item or had_body or _begins_item(tokens, position + 1, begin))
        ):
            break
        position += 1
    return position


def _begins_item(tokens: Tokens, index: int, begin: int) -> bool:
    """Whether an item, right or misspelt, begins at a line; else the line is lost too."""
    kinds = [*tokens.kinds[index : index + 3], "", ""]
    if kinds[0] in (*ITEM_WORDS, "IMPORT", END):
        return True
    is_like_one = kinds[0] == kinds[1] == "NAME" and kinds[2] in ("LBRACE", "LPAR")
    return is_like_one and tokens.column(index) <= tokens.column(begin)


def bound_names(tokens: Tokens, begin: int, end: int) -> tuple[str, ...]:
    """The names that a stretch of text seems to bind."""
    names: dict[str, None] = {}
    kinds = tokens.kinds
    for position in range(begin, end):
        if position == begin or kinds[position - 1] in (NEWLINE, "LBRACE", "RBRACE"):
            names.update(dict.fromkeys(_bound_by_line(tokens, position, end)))
    return tuple(names)


def _bound_by_line(tokens: Tokens, index: int, end: int) -> list[str]:
    kinds = tokens.kinds
    word = kinds[index]
    if word == "FROM":
        while index < end - 1 and kinds[index + 1] not in ("IMPORT", NEWLINE):
            index += 1
    is_named_after = word in ITEM_WORDS or word in ("INPUT", "WEIGHT", "FOR")
    position = index + 1 if is_named_after else index
    names: list[str] = []
    while position < end:
        if kinds[position] == "NAME":
            names.append(tokens.spelling(position))
        elif kinds[position] == "COLON":
            position = _annotation_end(kinds, position)
        elif kinds[position] not in _PASSED and not (
            word == "FOR" and kinds[position] in ("LPAR", "RPAR")
        ):
            break
        position += 1
    if is_named_after:
        return names if word in ("FOR", "FROM", "CONST") else names[:1]
    if names and "EQUAL" in kinds[position : position + 2]:
        return [*names, *_chained(tokens, position)]
    if kinds[index + 1] == "COLON":
        return names[:1]
    assigned = _before_equal(tokens, index, end) if word in OPERAND_STARTS else []
    if assigned:
        return assigned
    # `modle mnist {` and `def block(x):` define their second name.
    return names[1:2] if len(names) > 1 and kinds[index + 1] == "NAME" else []


def _chained(tokens: Tokens, position: int) -> list[str]:
    """The further names of `a = b = c = 3`."""
    names = []
    while tokens.kinds[position : position + 3 : 2] == ["EQUAL", "EQUAL"]:
        if tokens.kinds[position + 1] == "NAME":
            names.append(tokens.spelling(position + 1))
        position += 2
    return names


def _before_equal(tokens: Tokens, index: int, end: int) -> list[str]:
    """The names before the equal sign of `(a, b) = …`, `x[0] = …`, `f(x) = …`, `"a" = …`.

    Where there is none, as in `3 = y`, the name behind it.
    """
    kinds = tokens.kinds
    names: list[str] = []
    brackets: list[bool] = []  # whether each open one is a call's or an index's
    for position in range(index, end):
        kind, before = kinds[position], kinds[position - 1] if position > index else ""
        if kind in (NEWLINE, "LBRACE", "RBRACE"):
            break
        if kind in ("LPAR", "LSQB"):
            brackets.append(before in OPERAND_ENDS)
        elif kind in ("RPAR", "RSQB"):
            del brackets[-1:]
        elif kind == "EQUAL":
            # In a bracket that is never closed, as in `(a, b = …`, the line ends without another.
            if not brackets or (len(brackets) == 1 and kinds[index] == "LPAR"):
                return names or _lone_name(tokens, position + 1)
            break
        elif kind == "NAME" and before != "DOT" and not any(brackets[-2:]):
            names.append(tokens.spelling(position))
        elif kind == "STRING" and not brackets and tokens.spelling(position)[1:-1].isidentifier():
            names.append(tokens.spelling(position)[1:-1])
    return []


def _lone_name(tokens: Tokens, index: int) -> list[str]:
    """The name at a token, if the line ends behind it."""
    is_lone = tokens.kinds[index : index + 1] == ["NAME"] and (
        tokens.kinds[index + 1] in (NEWLINE, "RBRACE", END)
    )
    return [tokens.spelling(index)] if is_lone else []


def _annotation_end(kinds: list[str], colon: int) -> int:
    """The last token of the shape behind a colon, or the colon if there is none."""
    position = colon + 2 if kinds[colon + 1] == "NAME" else colon + 1
    if kinds[position] != "LSQB":
        return colon
    depth = 0
    while kinds[position] not in (NEWLINE, END, BROKEN):
        depth += (kinds[position] == "LSQB") - (kinds[position] == "RSQB")
        if not depth:
            return position
        position += 1
    return position - 1
