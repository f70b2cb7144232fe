"""What a stage has to say about the source, and the sink that collects it."""

from __future__ import annotations

from graphc.diagnostics.codes import Code
from graphc.record import Record
from graphc.source import Span


class Label(Record):
    """A short text beside a span."""

    span: Span
    text: str


class Edit(Record):
    """One replacement of source text; an empty span inserts."""

    span: Span
    replacement: str


class Fix(Record):
    """Edits that mend a fault for certain, so that `check --fix` and editors may apply them."""

    title: str
    edits: tuple[Edit, ...]


class Diagnostic(Record):
    """One fault: the first line of its message stands alone.

    `label` is the text under `span`; `others` are the places that the span disagrees with.
    """

    code: Code
    message: str
    span: Span
    label: str = ""
    others: tuple[Label, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        """Whether this stops the file from being right, rather than being worth a look."""
        return self.code.id.startswith("E")


class Sink:
    """Collects the diagnostics of a run, each once."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[str, str, str, int, int]] = set()

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, unless the same one stands at the same place already."""
        span = diagnostic.span
        key = (diagnostic.code.id, diagnostic.message, span.file.name, span.start, span.end)
        if key not in self._seen:
            self._seen.add(key)
            self.diagnostics.append(diagnostic)

    @property
    def error_count(self) -> int:
        """How many of the diagnostics are errors."""
        return sum(diagnostic.is_error for diagnostic in self.diagnostics)

    def in_source_order(self) -> list[Diagnostic]:
        """The diagnostics by file, in the order files were first mentioned, then by place."""
        files: dict[str, int] = {}
        for diagnostic in self.diagnostics:
            files.setdefault(diagnostic.span.file.name, len(files))
        return sorted(
            self.diagnostics, key=lambda d: (files[d.span.file.name], d.span.start, d.span.end)
        )
