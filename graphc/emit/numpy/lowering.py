"""A model as one graph of primitives for inputs of any sizes."""

from __future__ import annotations

from graphc.diagnostics.fault import Fault
from graphc.emit.numpy.sizes import named_sizes
from graphc.ir.graph import ModelGraph
from graphc.passes.listing import Stage, pass_stages
from graphc.runtime.faults import check_runnable
from graphc.runtime.lower import Lowered, lower


def lower_open(model: ModelGraph) -> Lowered:
    """The graph for any sizes. What is written `?` may have to be the same in several inputs.

    Raises `NotRunnable` for a model with layers whose computation is not known.
    """
    check_runnable(model)
    types = {each.name: each.layer.type for each in map(model.record, model.inputs)}
    for are_alike in (False, True):
        try:
            return lower(model, named_sizes(types, are_alike=are_alike))
        except Fault:
            continue
    return lower(model, types)  # as it was checked: where no step needs such a size it will do


def model_stages(model: ModelGraph) -> list[Stage]:
    """What the passes make of a model, one after the other."""
    lowered = lower_open(model)
    return pass_stages(lowered.inputs, lowered.weights, lowered.outputs)
