"""What a model's weights are called in files: Keras' paths, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from graphc.analysis.parameters import OwnedWeight, weights_of
from graphc.ir.graph import ModelGraph


def keyed_weights(model: ModelGraph) -> dict[str, OwnedWeight]:
    """The weights of a model by their paths, in Keras' order.

    A nested model adds nothing to a path, so that those of two of them may be equal: the models'
    names come before these, and numbers where that does not tell them apart.
    """
    weights = list(weights_of(model))
    found: dict[str, OwnedWeight] = {}
    for key, weight in zip(_keys(weights), weights, strict=True):
        number, name = 0, key
        while name in found:
            number += 1
            name = f"{key}_{number}"
        found[name] = weight
    return found


def _keys(weights: list[OwnedWeight]) -> Iterable[str]:
    counts = Counter(weight.path for weight in weights)
    for weight in weights:
        yield weight.path if counts[weight.path] == 1 else "/".join((*weight.models, weight.path))
