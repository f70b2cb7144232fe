"""What is wrong with a file of weights as a whole."""

from __future__ import annotations

from graphc.diagnostics.codes import UNREADABLE_WEIGHTS
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.glyphs import printable
from graphc.source import SourceFile, Span


class WeightsError(Exception):
    """A file, or weights and a model, that do not go together: `diagnostics` say why."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


def unreadable(name: str, why: str, help: str | None = None) -> WeightsError:
    """The error of a file that cannot be read, or should not be; it has no place in a source."""
    span = Span(SourceFile(name, ""), 0, 0)
    message = printable(f"`{name}` {why}")
    return WeightsError([Diagnostic(UNREADABLE_WEIGHTS, message, span, help=help)])
