"""A model's weights from a file, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphc.analysis.parameters import OwnedWeight
from graphc.analysis.weight_keys import keyed_weights
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.interop.weights.check import check_known, differences
from graphc.interop.weights.entry import Entry, StoredWeights
from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.formats import open_weights
from graphc.interop.weights.layout import Place, layout
from graphc.interop.weights.match import Matches, match_paths, match_places, plain_name
from graphc.ir.graph import LayerUse, ModelGraph
from graphc.layers.model_layer import ModelLayer
from graphc.runtime.dtypes import numpy_dtype
from graphc.source import Span


class Found:
    """A file held against a model: which entry is which weight, and what does not fit.

    Raises `WeightsError` where the model does not say what weights it has.
    """

    def __init__(self, model: ModelGraph, file: StoredWeights, *, cast: bool = False) -> None:
        check_known(model)
        self.file = file
        self.weights = keyed_weights(model)
        entries = [entry for entry in file.entries if not entry.is_state]
        if file.is_layout:
            matches = _match_places(self.weights, entries, layout(model, copies=True))
        else:
            matches = match_paths(
                self.weights, entries, _automatic(model), is_sorted=file.is_sorted
            )
        self.matches = matches
        self.diagnostics: list[Diagnostic] = differences(
            file.name, self.weights, matches, _spans(model, self.weights), model.span, cast=cast
        )

    def arrays(self) -> dict[str, Any]:
        """The weights by their keys, in Keras' order and the model's dtypes, each read when asked for.

        What Keras' layout merges into other weights is 0: the adapters of `lora_rank`.
        """
        arrays: dict[str, Any] = {}
        for key, weight in self.weights.items():
            if key in self.matches.found:
                arrays[key] = self.file.array(self.matches.found[key], weight.spec.dtype)
            else:
                arrays[key] = np.zeros(weight.spec.shape, numpy_dtype(weight.spec.dtype))
        return arrays


def load_weights(model: ModelGraph, path: str, *, cast: bool = False) -> dict[str, Any]:
    """Read a model's weights by their paths, in Keras' order.

    Raises `WeightsError` where the file does not fit the model; `cast` converts other dtypes.
    """
    arrays = stored_weights(model, path, cast=cast)
    return {key: np.asarray(array) for key, array in arrays.items()}


def stored_weights(model: ModelGraph, path: str, *, cast: bool = False) -> dict[str, Any]:
    """The same, but each is read when NumPy asks for it."""
    found = Found(model, open_weights(path), cast=cast)
    if found.diagnostics:
        raise WeightsError(found.diagnostics)
    return found.arrays()


def _match_places(
    weights: Mapping[str, OwnedWeight], entries: Sequence[Entry], layout: Iterable[Place]
) -> Matches:
    """Pair weights with places in Keras' layout, where some are written twice."""
    places: dict[str, str] = {}
    copies = set()
    for place in layout:
        for number, stored in enumerate(place.stored):
            name = f"{place.path}/vars/{number}"
            if places.setdefault(stored.key, name) != name:
                copies.add(name)
    stored_weights = {key: weights[key] for key in weights if key in places}
    originals = [entry for entry in entries if entry.name not in copies]
    return match_places(stored_weights, originals, places)


def _automatic(model: ModelGraph) -> frozenset[str]:
    """The names that Keras would number: those of layers that nobody has named."""
    names = set()
    for _, use in _uses(model, ()):
        if not use.is_named:
            names.add(plain_name(use.name))
        for spec in use.weights or ():
            names.update(map(plain_name, spec.path.split("/")[:-1]))
    return frozenset(names)


def _spans(model: ModelGraph, weights: Mapping[str, OwnedWeight]) -> dict[str, Span]:
    """The layer of the model, or of the nested one, that has each weight."""
    by_path = {(*models, use.name): use.span for models, use in _uses(model, ())}
    return {
        key: by_path.get((*weight.models, weight.path.split("/")[0]), model.span)
        for key, weight in weights.items()
    }


def _uses(model: ModelGraph, models: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], LayerUse]]:
    for use in model.uses():
        yield models, use
        if isinstance(use.layer, ModelLayer) and use.layer.graph is not None:
            yield from _uses(use.layer.graph, (*models, use.name))
