"""Diagnostics as people read them, in the layout of rustc."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from graphc.diagnostics.canvas import (
    BOLD,
    BOLD_BLUE,
    BOLD_CYAN,
    BOLD_RED,
    BOLD_YELLOW,
    Canvas,
    paint,
)
from graphc.diagnostics.diagnostic import Diagnostic, Fix, Sink
from graphc.diagnostics.glyphs import printable
from graphc.diagnostics.patch import Change, changes, draw_change
from graphc.diagnostics.snippet import Mark, Snippet
from graphc.source import SourceFile

_WIDTH = 140
_CODES_NAMED = 5


def render_text(diagnostic: Diagnostic, *, color: bool = False, width: int | None = None) -> str:
    """One diagnostic with the source it is about, without a newline at the end.

    Source lines longer than `width` columns (140 where it is None) are cut around their marks;
    texts are left whole. Nothing of the source can act on the terminal.
    """
    files = _marks_by_file(diagnostic)
    patch = _patch(diagnostic)
    gutter = len(str(_last_line(files, patch)))
    canvas = Canvas()
    for index, (file, marks) in enumerate(files.items()):
        _draw_file(canvas, file, marks, index == 0, gutter, width or _WIDTH)
    _draw_advice(canvas, diagnostic, patch, gutter, width or _WIDTH)
    return "\n".join([_header(diagnostic, color=color), *canvas.lines(color=color)])


def render_all(
    diagnostics: Sink | Iterable[Diagnostic], *, color: bool = False, width: int | None = None
) -> str:
    """All diagnostics of a run and a line that counts them; nothing where there are none."""
    found = diagnostics.in_source_order() if isinstance(diagnostics, Sink) else list(diagnostics)
    if not found:
        return ""
    parts = [render_text(diagnostic, color=color, width=width) for diagnostic in found]
    return "\n\n".join([*parts, f"{counts(found)}\n{_hint(found)}"])


def counts(diagnostics: Sequence[Diagnostic]) -> str:
    """How many errors and warnings there are, and where: `mnist.net: 2 errors, 1 warning`."""
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    warnings = len(diagnostics) - errors
    names = {diagnostic.span.file.name for diagnostic in diagnostics}
    numbers = [_number(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    total = ", ".join(numbers) or "no errors"
    if len(names) == 1:
        return f"{printable(names.pop())}: {total}"
    return f"{total} in {len(names)} files" if names else total


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hint(diagnostics: Iterable[Diagnostic]) -> str:
    """Name the command that says more about the codes seen."""
    first, *others = dict.fromkeys(diagnostic.code.id for diagnostic in diagnostics)
    more = ", ".join(others[:_CODES_NAMED]) + (", …" if len(others) > _CODES_NAMED else "")
    return f"for more: graphc explain {first}" + (f" (or {more})" if more else "")


def _header(diagnostic: Diagnostic, *, color: bool) -> str:
    kind = "error" if diagnostic.is_error else "warning"
    title = f"{kind}[{diagnostic.code.id}]"
    first, *rest = map(printable, diagnostic.message.split("\n"))
    indent = " " * (len(title) + 2)
    lines = [
        paint(title, _style(diagnostic), color=color) + paint(f": {first}", BOLD, color=color),
        *(paint(indent + line, BOLD, color=color) for line in rest),
    ]
    return "\n".join(lines)


def _style(diagnostic: Diagnostic) -> str:
    return BOLD_RED if diagnostic.is_error else BOLD_YELLOW


def _marks_by_file(diagnostic: Diagnostic) -> dict[SourceFile, list[Mark]]:
    """All that is to be marked, the file of the fault first."""
    marks = [Mark(diagnostic.span, diagnostic.label, True, _style(diagnostic))]
    marks += [Mark(other.span, other.text, False, BOLD_BLUE) for other in diagnostic.others]
    files: dict[SourceFile, list[Mark]] = {}
    for mark in marks:
        files.setdefault(mark.span.file, []).append(mark)
    return files


def _last_line(files: dict[SourceFile, list[Mark]], patch: Iterable[Change]) -> int:
    ends = [mark.span for marks in files.values() for mark in marks]
    lines = [span.file.line_and_column(max(span.start, span.end - 1))[0] for span in ends]
    return max([*lines, *(change.last_line for change in patch)])


def _draw_file(
    canvas: Canvas, file: SourceFile, marks: list[Mark], is_first: bool, gutter: int, width: int
) -> None:
    if not is_first:
        _draw_blank(canvas, gutter)
    line, column = file.line_and_column(marks[0].span.start)
    row = canvas.height
    canvas.put(row, 0, " " * (gutter + 1) + ("-->" if is_first else ":::"), BOLD_BLUE)
    canvas.put(row, gutter + 5, f"{printable(file.name)}:{line}:{column}")
    # A file that could not be read has no text to show.
    if file.text or any(mark.text for mark in marks):
        _draw_blank(canvas, gutter)
        Snippet(canvas, file, marks, gutter=gutter, width=width).draw()


def _draw_blank(canvas: Canvas, gutter: int) -> None:
    canvas.put(canvas.height, 0, " " * (gutter + 2) + "|", BOLD_BLUE)


def _draw_advice(
    canvas: Canvas, diagnostic: Diagnostic, patch: list[Change], gutter: int, width: int
) -> None:
    helps = [] if diagnostic.help is None else [diagnostic.help]
    if patch and diagnostic.fix and diagnostic.fix.title not in helps:
        helps.append(diagnostic.fix.title)
    if helps:
        _draw_blank(canvas, gutter)
    for text in helps:
        for index, line in enumerate(text.split("\n")):
            row = canvas.height
            if index == 0:
                canvas.put(row, gutter + 2, "=", BOLD_BLUE)
                canvas.put(row, gutter + 4, "help", BOLD_CYAN)
                canvas.put(row, gutter + 8, ":")
            canvas.put(row, gutter + 10, printable(line))
    file = diagnostic.span.file
    for change in patch:
        _draw_blank(canvas, gutter)
        if change.file is not file:
            file = change.file
            row = canvas.height
            canvas.put(row, 0, " " * (gutter + 1) + ":::", BOLD_BLUE)
            canvas.put(row, gutter + 5, f"{printable(file.name)}:{change.line}")
            _draw_blank(canvas, gutter)
        draw_change(canvas, change, gutter=gutter, width=width)


def _patch(diagnostic: Diagnostic) -> list[Change]:
    """Collect what the fix changes, unless the help says so already."""
    fix = diagnostic.fix
    if fix is None or (diagnostic.help is not None and _says(diagnostic.help, fix)):
        return []
    return [change for change in changes(fix.edits) if change.removed or change.added]


def _says(help: str, fix: Fix) -> bool:
    """Whether a help text holds all the new text of a fix, as words of their own."""
    return all(
        re.search(r"\w", edit.replacement)
        and re.search(rf"(?<!\w){re.escape(edit.replacement.strip())}(?!\w)", help)
        for edit in fix.edits
    )
