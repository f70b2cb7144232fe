"""The order in which Keras lists the layers of a model: by depth, then as found from the outputs.

The depth of a call is the longest way from it to an output; a layer's is that of its deepest
call. Inputs that reach no output come last but at depth 0, before all else of that depth.
"""

from __future__ import annotations

from graphc.ir.graph import LayerUse, ModelGraph
from graphc.layers.call_order import Ties, depths, from_outputs


def keras_order(model: ModelGraph, ties: Ties | None = None) -> list[LayerUse]:
    """The layers of a model, each once, in the order of Keras' `model.layers`.

    With `ties`, those of a program which ties some calls to others as well.
    """
    if model.kind == "sequential":
        return list(model.uses())
    found, visited = from_outputs(model, ties or {})
    _, use_depths = depths(model, visited, ties or {})
    for node in model.flat_inputs():
        use = model.record(node).use
        if use not in use_depths:
            use_depths[use], found[use] = 0, -1
    for use in model.uses():
        if use not in use_depths:
            use_depths[use], found[use] = 0, len(found)
    return sorted(use_depths, key=lambda use: (-use_depths[use], found[use]))
