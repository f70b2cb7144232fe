"""What a configuration of Keras has no words for."""

from __future__ import annotations

from graphc.declare.layer import Layer
from graphc.diagnostics.codes import NOT_IN_KERAS
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.ir.dims import Dim
from graphc.source import Span


class Inexpressible(Exception):
    """Something in a model that Keras' configurations cannot hold; `span` is where it stands."""

    def __init__(self, message: str, span: Span | None = None, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.help = help

    def diagnostic(self, whole: Span) -> Diagnostic:
        """The diagnostic, at the model's own place where no smaller one is known."""
        return Diagnostic(NOT_IN_KERAS, self.message, self.span or whole, help=self.help)


def without_size(size: Dim) -> Inexpressible:
    """What is said of a size that is known only when a model runs, and stays so."""
    return Inexpressible(
        f"needs the size {size}, which no function of Keras makes of the inputs' sizes",
        help="give it a number with --input, or write a program, which has words for it: "
        "--target keras",
    )


def opaque_text(layer: Layer, name: str) -> str:
    """What is said of a layer of which only the outside is known."""
    return f"{layer.subject} `{name}` is opaque: what it computes is not known"
