"""The parse table, which lark makes from net.lark, kept between runs in the user's cache.

Importing lark takes 50 ms and building the table 350, a fifth and more of a cold `graphc check`;
reading the table back takes 3. The cache is JSON under a checksum: data, not code. It stands
in the user's own cache directory, and where it is missing, damaged, out of date or not
writable, the table is built anew without a word.
"""

from __future__ import annotations

import json
import os
import sys
from binascii import crc32
from pathlib import Path
from typing import Any

from graphc.record import Record

ACCEPT = "accept"
"""The action of the pseudo-rule that ends a parse."""

SEQUENCE = "sequence"
"""The action of the rules that collect a list: those with a leading underscore."""


class Production(Record):
    """What a reduction does: how many symbols it takes, the symbol it makes, and the action.

    Productions without an action pass their one value on.
    """

    size: int
    symbol: str
    action: str


class Table(Record):
    """An LALR(1) table.

    A row maps a symbol to the state that follows it, or for a reduction to the production's
    index, inverted. `words` maps the terminals that have but one spelling from it.
    """

    rows: list[dict[str, int]]
    productions: list[Production]
    entries: dict[str, int]
    words: dict[str, str]
    patterns: dict[str, str]


def load_table() -> Table:
    """The table of net.lark as it now stands."""
    grammar = grammar_path().read_text(encoding="utf-8")
    path = _cache_path(grammar)
    data = _read_cache(path, grammar) if path else None
    if data is None:
        data = _build(grammar)
        if path:
            _write_cache(path, data)
    productions = [Production(*fields) for fields in data["productions"]]
    return Table(data["rows"], productions, data["entries"], data["words"], data["patterns"])


def grammar_path() -> Path:
    """Where the grammar stands: beside this file in a wheel, else at the checkout's top."""
    here = Path(__file__).parent
    packaged = here / "net.lark"
    return packaged if packaged.exists() else here.parents[1] / "grammar" / "net.lark"


def _cache_path(grammar: str) -> Path | None:
    variable, below = "XDG_CACHE_HOME", ".cache"
    if sys.platform == "win32":
        variable, below = "LOCALAPPDATA", "AppData/Local"
    root = Path(os.environ.get(variable, ""))
    # The specification has relative paths ignored, of which an unset one is the shortest.
    if not root.is_absolute():
        try:
            root = Path.home() / below
        except RuntimeError:
            return None
    return root / "graphc" / f"grammar-{crc32(grammar.encode()):08x}.json"


def _read_cache(path: Path, grammar: str) -> dict[str, Any] | None:
    try:
        checksum, _, content = path.read_bytes().partition(b"\n")
        if checksum != b"%08x" % crc32(content):
            return None
        data: dict[str, Any] = json.loads(content)
    except (OSError, ValueError):
        return None
    return data if data["grammar"] == grammar else None


def _write_cache(path: Path, data: dict[str, Any]) -> None:
    content = json.dumps(data, separators=(",", ":")).encode()
    passing = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        passing.write_bytes(b"%08x\n" % crc32(content) + content)
        passing.replace(path)
    except OSError:
        return


def _build(grammar: str) -> dict[str, Any]:
    from lark import Lark  # 50 ms, paid only when there is no cached table

    lark = Lark(grammar, parser="lalr", lexer="basic", start=["file", "value", "annotation"])
    table = lark.parse_interactive("", start="file").parser_state.parse_conf.parse_table
    rules = {rule: index for index, rule in enumerate(lark.rules)}
    productions = [[len(r.expansion), r.origin.name, _action(r)] for r in lark.rules]
    rows: list[dict[str, int]] = [
        {
            symbol: ~rules[argument] if argument in rules else argument
            for symbol, (_, argument) in table.states[state].items()
        }
        for state in range(len(table.states))
    ]
    for state in table.end_states.values():
        rows[state]["$END"] = ~len(productions)
    productions.append([-1, "", ACCEPT])
    patterns = {t.name: t.pattern for t in lark.terminals if t.pattern is not None}
    return {
        "grammar": grammar,
        "rows": rows,
        "productions": productions,
        "entries": dict(table.start_states),
        "words": {p.value: name for name, p in patterns.items() if p.type == "str"},
        "patterns": {name: p.value for name, p in patterns.items() if p.type == "re"},
    }


def _action(rule: Any) -> str:
    if rule.options.expand1 and len(rule.expansion) == 1 and not rule.alias:
        return ""
    name: str = rule.alias or rule.origin.name
    return SEQUENCE if name.startswith("_") else name
