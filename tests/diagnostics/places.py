"""Spans found by the text they cover, so that tests need not count characters."""

from graphc.source import SourceFile, Span


def span_of(file: SourceFile, text: str, occurrence: int = 0) -> Span:
    start = -1
    for _ in range(occurrence + 1):
        start = file.text.index(text, start + 1)
    return Span(file, start, start + len(text))


def end_of(file: SourceFile) -> Span:
    return Span(file, len(file.text), len(file.text))
