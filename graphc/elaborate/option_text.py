"""Values that the command line gives in the language's own spelling."""

from __future__ import annotations

from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse


class OptionError(ValueError):
    """The text of an option is not what the language knows."""

    def __init__(self, message: str, diagnostics: list[Diagnostic]) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


def setting(name: str, text: str) -> nodes.Expression:
    """The expression of `--set name=text`. Raises `OptionError`."""
    tree = _parsed(f"--set {name}", f"const value = {text}\n", f"`{text}` is not a value")
    (item,) = tree.items
    if not isinstance(item, nodes.Const):
        raise OptionError(f"`{text}` is not a value", [])
    return item.value


def input_annotation(name: str, text: str) -> nodes.Annotation:
    """The shape of `--input name=text`. Raises `OptionError`."""
    wrong = f"`{text}` is not a shape such as [28, 28, 1] or int32[T]"
    tree = _parsed(f"--input {name}", f"sequential s {{\n    input {text}\n}}\n", wrong)
    (item,) = tree.items
    statements = item.body if isinstance(item, nodes.Definition) else ()
    if len(statements) == 1 and isinstance(statements[0], nodes.Input):
        annotation = statements[0].annotation
        if annotation is not None and statements[0].name is None:
            return annotation
    raise OptionError(wrong, [])


def _parsed(option: str, text: str, wrong: str) -> nodes.File:
    sink = Sink()
    tree = parse(SourceFile(f"<{option}>", text), sink)
    if sink.diagnostics or len(tree.items) != 1:
        raise OptionError(wrong, sink.diagnostics)
    return tree
