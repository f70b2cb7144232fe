"""Values that the command line gives in the language's own spelling."""

from __future__ import annotations

from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.ir.dims import BATCH, UNKNOWN, Dim
from graphc.ir.types import TensorType
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse_annotation, parse_expression


class OptionError(ValueError):
    """The text of an option is not what the language knows."""

    def __init__(self, message: str, diagnostics: list[Diagnostic]) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


def setting(name: str, text: str) -> nodes.Expression:
    """The expression of `--set name=text`. Raises `OptionError`."""
    sink = Sink()
    found = parse_expression(SourceFile(f"<--set {name}>", text), sink)
    if found is None or sink.diagnostics:
        raise OptionError(f"`{text}` is not a value", sink.diagnostics)
    return found


def input_annotation(name: str, text: str) -> nodes.Annotation:
    """The shape of `--input name=text`. Raises `OptionError`."""
    sink = Sink()
    found = parse_annotation(SourceFile(f"<--input {name}>", text), sink)
    if found is None or sink.diagnostics:
        message = f"`{text}` is not a shape such as [28, 28, 1] or int32[T]"
        raise OptionError(message, sink.diagnostics)
    return found


def stated_type(name: str, text: str) -> TensorType:
    """The type of `[28, ?, 1]` or `int32[4]`, the batch in front. Raises `OptionError`."""
    annotation = input_annotation(name, text)
    if annotation.batch is not None:
        raise OptionError(f"`{text}` needs to be the shape of one example", [])
    dims: list[Dim] = []
    for dim in annotation.dims:
        if isinstance(dim, nodes.UnknownDim):
            dims.append(UNKNOWN)
        elif isinstance(dim, nodes.Literal) and type(dim.value) is int and dim.value > 0:
            dims.append(dim.value)
        else:
            raise OptionError(f"`{text}` is not a list of sizes and ?", [])
    return TensorType((BATCH, *dims), annotation.dtype or "float32")
