"""Source text to a syntax tree."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.build import Builder
from graphc.syntax.depth import is_too_deep, limit_depth, refuse
from graphc.syntax.driver import Driver
from graphc.syntax.grammar import Table, load_table
from graphc.syntax.lex import lex_quickly, token_pattern
from graphc.syntax.report import Report
from graphc.syntax.tokens import END, NEWLINE, OUTER_DEPTH, Tokens


def parse(file: SourceFile, sink: Sink) -> nodes.File:
    """The tree of a file, whatever its text; errors go to the sink.

    What does not parse stands in the tree as `Broken` and `BrokenItem`.
    """
    with _uncollected():
        report = Report(file, sink)
        tokens = lex(file.text, report)
        builder = Builder(file, tokens, report)
        items = tuple(_run(builder, tokens, report, "file") or ())
        if builder.is_deep:
            items = limit_depth(items, report)
        comments = tuple(nodes.Comment(Span(file, *place)) for place in tokens.comments)
        return nodes.File(Span(file, 0, len(file.text)), items, comments)


def parse_expression(file: SourceFile, sink: Sink) -> nodes.Expression | None:
    """The tree of a text that is one expression, or nothing if it is not."""
    return _parse_fragment(file, sink, "value")  # type: ignore[return-value]  # by the grammar


def parse_annotation(file: SourceFile, sink: Sink) -> nodes.Annotation | None:
    """The tree of a text that is a dtype and shape, or nothing if it is not."""
    return _parse_fragment(file, sink, "annotation")  # type: ignore[return-value]  # as above


def lex(text: str, report: Report) -> Tokens:
    """The tokens of any text."""
    tokens = lex_quickly(text, _table(), _pattern())
    if tokens is None:
        # The careful way is for files with errors only, and so is what it imports.
        from graphc.syntax.layout import lay_out
        from graphc.syntax.mend import CarefulLexer

        tokens = lay_out(CarefulLexer(text, _table().words, _pattern(), report).run(), report)
    return tokens


@cache
def _table() -> Table:
    return load_table()


@cache
def _pattern() -> re.Pattern[str]:
    return token_pattern(_table())


def _parse_fragment(file: SourceFile, sink: Sink, entry: str) -> nodes.Node | None:
    report = Report(file, sink)
    tokens = lex(file.text, report)
    if tokens.kinds[-2:] == [NEWLINE, END]:
        for column in (tokens.kinds, tokens.starts, tokens.ends):
            del column[-2]
    builder = Builder(file, tokens, report)
    node: nodes.Node | None = _run(builder, tokens, report, entry)
    if node is not None and is_too_deep(node, OUTER_DEPTH):
        refuse(node, report)
    return None if report.count else node


def _run(builder: Builder, tokens: Tokens, report: Report, entry: str) -> Any:
    recovery: Callable[[Driver, int], int] | None = None

    def recover(driver: Driver, index: int) -> int:
        nonlocal recovery
        if recovery is None:
            from graphc.syntax.recover import Recovery  # for files with errors only

            recovery = Recovery(builder, report)
        return recovery(driver, index)

    driver = Driver(_table(), tokens, builder, recover, entry)
    value = driver.run()
    if value is None and entry == "file":
        # The braces were beyond repair: keep the items that were read.
        value = [
            v for v in driver.values if isinstance(v, list) and v and isinstance(v[0], nodes.Item)
        ]
        value = value[0] if value else []
    return value


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, which finds nothing in a growing tree and halves the speed."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
