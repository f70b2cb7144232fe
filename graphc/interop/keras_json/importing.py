"""A serialised model to the text of a .net file, checked before anyone gets to see it."""

from __future__ import annotations

from graphc.diagnostics.codes import IMPORT_CHECK
from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.diagnostics.fault import Fault
from graphc.elaborate.program import Program, elaborate
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.file import FileBuilder
from graphc.interop.keras_json.finish import finished
from graphc.interop.keras_json.names import marked
from graphc.interop.keras_json.parse_network import parse_network
from graphc.record import replace
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.format import format_source
from graphc.syntax.parse import parse
from graphc.syntax.write import write


def import_document(document: Cursor) -> str:
    """The text for a model's configuration. Raises `Fault` where it cannot be expressed."""
    file = FileBuilder()
    try:
        file.add(parse_network(document))
    except RecursionError:
        raise document.fault("to be nested less deep") from None
    return checked_text(file.items)


def checked_text(items: list[nodes.Item]) -> str:
    """The formatted text of items, which checks without errors."""
    text = text_of(items)
    sink, _ = checked(text)
    errors = [each for each in sink.diagnostics if each.is_error]
    if errors:
        raise _check_fault(errors[0])
    return text


def text_of(items: list[nodes.Item]) -> str:
    """The formatted text of items as they were collected."""
    written = [
        replace(item, body=finished(marked(item.body)))
        if isinstance(item, nodes.Definition)
        else item
        for item in items
    ]
    file = SourceFile("imported.net", write(nodes.File(written[0].span, tuple(written), ())))
    return format_source(file, parse(file, Sink()))


def checked(text: str) -> tuple[Sink, Program]:
    """What the checker says of a text, and makes of it."""
    sink = Sink()
    program = elaborate(SourceFile("imported.net", text), sink, None, None)
    return sink, program


def _check_fault(error: Diagnostic) -> Fault:
    return Fault(
        IMPORT_CHECK,
        f"the model needs what does not check here: {error.message} ({error.code.id}), "
        f"in {error.span.text[:60]}",
    )
