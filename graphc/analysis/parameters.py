"""How many parameters a model has: weights that several layers share count once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.analysis.order import keras_order
from graphc.declare.freezing import Frozen, around_main, inside, is_trained
from graphc.declare.scope import WeightSpec
from graphc.ir.dtypes import ITEM_BYTES
from graphc.ir.graph import LayerUse, ModelGraph
from graphc.layers.owners import Around, owner_of
from graphc.record import Record, replace
from graphc.source import Span


class Parameters(Record):
    """Counts of parameters, and the bytes that they take."""

    trainable: int = 0
    non_trainable: int = 0
    weight_bytes: int = 0

    @property
    def total(self) -> int:
        """All parameters."""
        return self.trainable + self.non_trainable


class OwnedWeight(Record):
    """A weight of a model, by the layers that lead to it."""

    owner: Any
    """What tells it from the same weight of another instance."""
    path: str
    """As in Keras: "dense/kernel"; nested models add no prefix of their own."""
    spec: WeightSpec
    is_trainable: bool
    models: tuple[str, ...] = ()
    """The nested models around it, by the names that the models around those give them."""
    span: Span | None = None
    """Where the source has the layer that it is of."""


def weights_of(model: ModelGraph) -> Iterator[OwnedWeight]:
    """The weights of a model, each once, in the order of Keras' `model.weights`.

    What is frozen in one place is frozen in all.
    """
    found: dict[Any, OwnedWeight] = {}
    for use in keras_order(model):
        for weight in layer_weights(use, Around(model), around_main(model)):
            earlier = found.setdefault(weight.owner, weight)
            if earlier.is_trainable and not weight.is_trainable:
                found[weight.owner] = replace(earlier, is_trainable=False)
    yield from found.values()


def layer_weights(
    use: LayerUse, around: Around, frozen: Frozen = Frozen.NO, models: tuple[str, ...] = ()
) -> Iterator[OwnedWeight]:
    """The weights of one layer, those of a nested model included.

    `frozen` is how the model around it is.
    """
    layer = use.layer
    nested = around.nested(layer)
    if nested is not None:
        assert nested.graph is not None
        frozen = inside(layer, frozen, says_so=use.is_thawed)
        for inner in keras_order(nested.graph):
            yield from layer_weights(inner, nested, frozen, (*models, use.name))
        return
    may_be = is_trained(layer, frozen, says_so=use.is_thawed)
    for spec in use.weights or ():
        yield OwnedWeight(
            owner_of(use, spec, around),
            f"{use.name}/{spec.path}",
            spec,
            may_be and spec.is_trainable,
            models,
            use.span,
        )


def count(weights: Iterator[OwnedWeight]) -> Parameters:
    """The parameters in some weights, each weight once."""
    trainable = non_trainable = weight_bytes = 0
    seen: set[Any] = set()
    for weight in weights:
        if weight.owner in seen:
            continue
        seen.add(weight.owner)
        size = weight.spec.size
        weight_bytes += size * ITEM_BYTES[weight.spec.dtype]
        if weight.is_trainable:
            trainable += size
        else:
            non_trainable += size
    return Parameters(trainable, non_trainable, weight_bytes)


def model_parameters(model: ModelGraph) -> Parameters:
    """The parameters of a model."""
    return count(weights_of(model))


def layer_parameters(model: ModelGraph, use: LayerUse) -> Parameters:
    """The parameters of one layer of a model."""
    return count(layer_weights(use, Around(model), around_main(model)))
