"""What is frozen: a layer by itself, or by what it stands in.

Keras' `model.trainable = False` freezes all that is in a model then; a layer of it can be made trainable
again behind that. Here a layer says so itself, `Dense(10, trainable=True)`, and is trained in a `frozen model`
and in models around that are frozen so. One that a use freezes, `encoder(trainable=False)`, is frozen all
through.
"""

from __future__ import annotations

from enum import Enum
from typing import Any


class Frozen(Enum):
    """How the layers of a model, or inside of a layer, are frozen by what is around them."""

    NO = "no"
    HERE = "here"
    """Where a model is defined: a layer that says so itself is trained."""
    WHOLLY = "wholly"
    """By a layer's own `trainable=False`, or that of a model's use."""


def is_trained(layer: Any, around: Frozen, *, says_so: bool) -> bool:
    """Whether a layer is trained where that is so around it; `says_so` if its source does."""
    may_be = around is Frozen.NO or (around is Frozen.HERE and says_so)
    return may_be and bool(layer.trainable) and not _is_defined_frozen(layer)


def _is_defined_frozen(layer: Any) -> bool:
    graph = getattr(layer, "graph", None)
    return graph is not None and not graph.trainable


def inside(layer: Any, around: Frozen, *, says_so: bool = False) -> Frozen:
    """How what is in a layer, or in a model that is used as one, is frozen."""
    if around is Frozen.WHOLLY or not layer.trainable:
        return Frozen.WHOLLY
    if _is_defined_frozen(layer):
        return Frozen.HERE
    return Frozen.NO if says_so else around


def around_main(model: Any) -> Frozen:
    """How the layers of a model are that nothing uses: frozen as a whole, nothing in it is trained."""
    return Frozen.NO if model.trainable else Frozen.WHOLLY
