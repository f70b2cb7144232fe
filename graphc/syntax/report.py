"""Syntax errors on their way to the sink, counted."""

from __future__ import annotations

from graphc.diagnostics.codes import Code
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Sink
from graphc.source import SourceFile, Span

MAX_ERRORS = 50
"""Syntax errors reported of one file; what follows so many is noise."""


class Report:
    """Makes diagnostics from offsets in one file."""

    def __init__(self, file: SourceFile, sink: Sink) -> None:
        self.file = file
        self.count = 0
        self._codes: set[Code] = set()
        self._sink = sink
        self._held: list[Diagnostic] | None = None

    def hold(self) -> None:
        """Keep what is reported from here on back, until it is released."""
        self._held = []

    def release(self, *, keep: bool) -> None:
        """Pass what was held back on, or forget it."""
        held, self._held = self._held or [], None
        for diagnostic in held if keep else []:
            self._sink.add(diagnostic)

    @property
    def is_full(self) -> bool:
        """Whether nothing more is reported."""
        return self.count >= MAX_ERRORS

    def has(self, code: Code) -> bool:
        """Whether an error with this code was reported."""
        return code in self._codes

    def span(self, start: int, end: int) -> Span:
        """A span of the file."""
        return Span(self.file, start, end)

    def label(self, start: int, end: int, text: str) -> Label:
        """A text beside another place of the file."""
        return Label(self.span(start, end), text)

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """A replacement in the file."""
        return Edit(self.span(start, end), replacement)

    def add(
        self,
        code: Code,
        message: str,
        start: int,
        end: int,
        *,
        label: str = "",
        others: tuple[Label, ...] = (),
        help: str | None = None,
        edits: tuple[Edit, ...] = (),
    ) -> None:
        """Report an error, unless there were too many; `edits` are a certain fix that `help` names."""
        self.count += 1
        self._codes.add(code)
        if self.count <= MAX_ERRORS:
            fix = Fix(help or message, edits) if edits else None
            span = self.span(start, end)
            diagnostic = Diagnostic(code, message, span, label, others, help, fix)
            if self._held is None:
                self._sink.add(diagnostic)
            else:
                self._held.append(diagnostic)
