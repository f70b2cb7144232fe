"""Parsing into nodes against plain lark building its default tree with the same grammar.

Prints CPU time, its ratio and peak memory for texts of many layer lines, and what a cold start
pays for the parse table: read from our cache, from lark's own, or built anew. Aims: well under
half of plain lark, 500 MB for 100,000 lines, and a few milliseconds.

    python tests/benchmarks/parse.py [LINES]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "grammar" / "net.lark"
TEXTS = {
    "functional": (
        "model big {\n    input x: [64]\n",
        '    x = x -> Dense(64, activation="relu")\n',
    ),
    "sequential": ("sequential big {\n    input [64]\n", '    Dense(64, activation="relu")\n'),
}


def text_of(kind: str, lines: int) -> str:
    """So many layer lines, functional or sequential."""
    head, line = TEXTS[kind]
    return head + line * lines + ("    output x\n}\n" if kind == "functional" else "}\n")


def with_graphc(text: str) -> None:
    from graphc.diagnostics.diagnostic import Sink
    from graphc.source import SourceFile
    from graphc.syntax.parse import parse

    parse(SourceFile("warm", "model a { output x }"), Sink())
    sink = Sink()
    report(lambda: parse(SourceFile("big", text), sink))
    assert not sink.diagnostics


def with_lark(text: str) -> None:
    from lark import Lark

    lark = Lark(
        GRAMMAR.read_text(encoding="utf-8"), parser="lalr", start=["file", "value", "annotation"]
    )
    report(lambda: lark.parse(text, start="file"))


def report(parse: Callable[[], object]) -> None:
    start = time.process_time()
    tree = parse()
    seconds = time.process_time() - start
    assert tree is not None
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, flush=True)
    os._exit(0)  # freeing the trees is nobody's time


def in_process(*arguments: str) -> list[float]:
    output = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
    ).stdout
    return [float(word) for word in output.split()]


def table_with_ours() -> None:
    start = time.process_time()
    from graphc.syntax.grammar import load_table

    load_table()
    print((time.process_time() - start) * 1e3)


def table_with_lark() -> None:
    start = time.process_time()
    from lark import Lark

    path = str(Path(os.environ["XDG_CACHE_HOME"]) / "lark.pickle")
    Lark(
        GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer="basic", start="file", cache=path
    )
    print((time.process_time() - start) * 1e3)


def compare(lines: int) -> None:
    for kind in TEXTS:
        ours, memory = in_process("graphc", kind, str(lines))
        plain, plain_memory = in_process("lark", kind, str(lines))
        print(
            f"{lines} {kind} lines: {ours:.2f} s, {memory:.0f} MB; "
            f"plain lark {plain:.2f} s, {plain_memory:.0f} MB; ratio {ours / plain:.2f} (aim 0.5)"
        )
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        for name, argument in (("ours", "table"), ("lark's", "lark-table")):
            built = in_process(argument)[0]
            read = min(in_process(argument)[0] for _ in range(9))
            print(f"parse table, {name}: {built:.0f} ms built, {read:.1f} ms from its cache")


def main() -> None:
    match sys.argv[1:]:
        case ["graphc", kind, lines]:
            with_graphc(text_of(kind, int(lines)))
        case ["lark", kind, lines]:
            with_lark(text_of(kind, int(lines)))
        case ["table"]:
            table_with_ours()
        case ["lark-table"]:
            table_with_lark()
        case rest:
            compare(int(rest[0]) if rest else 100_000)


if __name__ == "__main__":
    main()
