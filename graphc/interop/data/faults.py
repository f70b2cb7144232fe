"""What is wrong with a file of data, or with data and a model that do not go together."""

from __future__ import annotations

from graphc.diagnostics.codes import UNREADABLE_DATA, Code
from graphc.diagnostics.diagnostic import Diagnostic, Label
from graphc.diagnostics.glyphs import printable
from graphc.source import SourceFile, Span


class DataError(Exception):
    """Data that cannot be used: `diagnostics` say why."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


def fault(
    code: Code,
    message: str,
    span: Span,
    help: str | None = None,
    others: tuple[Label, ...] = (),
) -> DataError:
    """The error of one fault; names of files and arrays in its message may hold anything."""
    text = help and printable(help)
    return DataError([Diagnostic(code, printable(message), span, others=others, help=text)])


def file_span(path: str) -> Span:
    """The place of a fault of the file as a whole."""
    return Span(SourceFile(path, ""), 0, 0)


def unreadable(path: str, message: str) -> DataError:
    """The error of a file that cannot be read, or should not be."""
    return fault(UNREADABLE_DATA, message, file_span(path))
