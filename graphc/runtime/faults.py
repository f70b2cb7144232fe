"""What keeps a model from being run."""

from __future__ import annotations

from graphc.analysis.opaque import opaque_uses
from graphc.diagnostics.codes import NOT_RUNNABLE
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.ir.graph import ModelGraph


class NotRunnable(Exception):
    """A model with a layer whose computation is not known: `diagnostics` say which."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


def check_runnable(model: ModelGraph) -> None:
    """Raise `NotRunnable` where some layer is opaque."""
    found = [
        Diagnostic(
            NOT_RUNNABLE,
            f"{use.layer.subject} `{use.name}` is opaque: what it computes is not known",
            use.span,
        )
        for use in opaque_uses(model)
    ]
    if found:
        raise NotRunnable(found)
