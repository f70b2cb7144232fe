"""Whether there is anything that a train block could train."""

from __future__ import annotations

from graphc.analysis.opaque import opaque_uses
from graphc.analysis.parameters import model_parameters
from graphc.diagnostics.codes import NOTHING_TO_TRAIN
from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.ir.graph import ModelGraph


def check_trains(model: ModelGraph, sink: Sink) -> None:
    """Warn of a model that has a train block, and no weight that is trained."""
    if not model.is_complete or any(use.layer.has_unknown_weights for use in opaque_uses(model)):
        return
    parameters = model_parameters(model)
    if parameters.trainable:
        return
    help = None
    if not parameters.total:
        reason = "it has no weights"
    elif model.trainable:
        reason = "all its weights are frozen"
    else:
        reason = "it is frozen as a whole"
        help = "leave `frozen` out, or train a model that this one is a part of"
    sink.add(
        Diagnostic(
            NOTHING_TO_TRAIN,
            f"{model.name} has a train block, and nothing to train: {reason}",
            model.span,
            help=help,
        )
    )
