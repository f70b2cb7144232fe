"""Checks that a layer inside of others has the weights there that it has elsewhere."""

from __future__ import annotations

from typing import Any

from graphc.declare.scope import WeightSpec
from graphc.diagnostics.codes import SHARED_LAYER_MISMATCH
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.frame import Frame
from graphc.ir.dims import shape_text
from graphc.ir.graph import LayerUse, ModelGraph, WeightSource
from graphc.layers.owners import Around, Owner, owner_of, owning_layer


def check_shared_weights(frame: Frame, model: ModelGraph) -> None:
    """Report a layer that another one wraps, or another model has, and that needs other weights.

    Uses of the layer itself have been checked where they stand.
    """
    uses = [use for use in model.uses() if not isinstance(use.layer, WeightSource)]
    if not any(spec.route for use in uses for spec in use.weights or ()):
        return
    around = Around(model)
    first: dict[Owner, tuple[LayerUse, WeightSpec]] = {}
    for use in uses:
        for spec in use.weights or ():
            earlier, before = first.setdefault(owner_of(use, spec, around), (use, spec))
            if before.shape != spec.shape:
                _report(frame, model, (earlier, before), (use, spec))
                break


def _report(frame: Frame, model: ModelGraph, earlier: Any, later: Any) -> None:
    (first, before), (use, spec) = earlier, later
    layer = owning_layer(use, spec)
    place = model.record(use.calls[0]).span
    others = [Label(model.record(first.calls[0]).span, "first used here")]
    if layer is not use.layer:
        others.append(Label(use.span, f"{layer.subject} is used inside of this"))
    frame.report(
        SHARED_LAYER_MISMATCH,
        f"{layer.subject} has a weight `{spec.path[len(spec.owner_path) :]}` of shape "
        f"{shape_text(before.shape)} from its first use, and needs {shape_text(spec.shape)} "
        "for this input",
        place,
        "a layer has one set of weights wherever it is used",
        others=tuple(label for label in others if label.span != place),
    )
