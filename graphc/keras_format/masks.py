"""Masks that Keras makes functions of a model: it does, for layers called with one tensor alone."""

from __future__ import annotations

import re
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.registry import snake_case
from graphc.declare.scope import TRAINING
from graphc.ir.graph import CallRecord, ModelGraph, TensorRef
from graphc.layers.call_order import is_masked
from graphc.layers.model_layer import MASK, ModelLayer

MASK_OPERATIONS = frozenset(
    {
        *("NotEqual", "Any", "All", "ExpandDims", "ZerosLike", "OnesLike", "LogicalOr"),
        *("LogicalAnd", "Concatenate", "ConvertToTensor", "BroadcastTo", "Cast", "GetItem"),
    }
)
"""The classes of the functions that `compute_mask` of Keras' layers is made of."""

MASK_NAMES = frozenset(map(snake_case, MASK_OPERATIONS))
"""What Keras calls them."""


def own_arguments(layer: Layer) -> dict[str, Any]:
    """What Keras writes by itself for a call of an unmasked tensor and nothing else."""
    own: dict[str, Any] = {MASK: None} if _takes_mask(layer) else {}
    if layer.trains_by_default is not None:
        own[TRAINING] = layer.trains_by_default
    return own


def _takes_mask(layer: Layer) -> bool:
    return isinstance(layer, ModelLayer) or MASK in layer.parameters


def has_masks(model: ModelGraph) -> bool:
    """Whether tensors of a model carry masks, which Keras may make functions of it."""
    return any(type.mask is not None for record in model.records() for type in record.outputs or ())


def names_clash(model: ModelGraph) -> bool:
    """Whether functions for masks may get the names of others.

    Keras gives names by counting, and does not count what a configuration has named.
    """
    names = (record.name for record in model.records())
    return any(re.sub(r"_\d+$", "", name) in MASK_NAMES for name in names)


def takes_mask_alone(model: ModelGraph, record: CallRecord) -> bool:
    """Whether a call is of a tensor and nothing else, and hands a mask on that the tensor carries."""
    layer, arguments = record.layer, record.arguments
    if not len(arguments) == record.by_place == 1 or not _takes_mask(layer):
        return False
    value = arguments[0][1]
    return isinstance(value, TensorRef) and is_masked(model, value)
