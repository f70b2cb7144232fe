"""Applies the fixes that are certain, and keeps only what checks better than before."""

from __future__ import annotations

from pathlib import Path

from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.fix import apply_fixes
from graphc.elaborate.program import Options
from graphc.model import Report, check_source
from graphc.source import SourceFile

_ROUNDS = 10


class FixedReport:
    """A text after its fixes, and what checking it says."""

    def __init__(self, text: str, count: int, report: Report) -> None:
        self.text = text
        self.count = count
        self.report = report

    @property
    def count_text(self) -> str:
        """How many fixes were applied."""
        return f"{self.count} fix{'es' if self.count != 1 else ''}"


def fixed_report(path: Path, report: Report, options: Options) -> FixedReport | None:
    """The text of a file with its certain fixes; None where there are none that help.

    After each round the text is checked again: a round that does not leave fewer errors is not
    taken, so that a fix never trades one fault for another.
    """
    assert report.program is not None
    file = report.program.file
    count = 0
    for _ in range(_ROUNDS):
        fixes = [each.fix for each in _own(report.diagnostics, file) if each.fix is not None]
        fixed = apply_fixes(file.text, fixes)
        if not fixed.applied:
            break
        candidate = SourceFile(file.name, fixed.text)
        checked = check_source(candidate, path, options)
        if _errors(checked) >= _errors(report):
            break
        file, report = candidate, checked
        count += len(fixed.applied)
    return FixedReport(file.text, count, report) if count else None


def _own(diagnostics: list[Diagnostic], file: SourceFile) -> list[Diagnostic]:
    return [each for each in diagnostics if each.span.file.name == file.name]


def _errors(report: Report) -> int:
    return sum(each.is_error for each in report.diagnostics)
