"""What small layers depend on in a program, and not in the model: tensors that have their sizes."""

from __future__ import annotations

from graphc.analysis.order import keras_order
from graphc.declare.op import Op
from graphc.emit.keras.tree import Untranslatable
from graphc.ir.graph import InputSource, LayerUse, ModelGraph


class Ties:
    """The calls that small layers are tied to, by graph and call."""

    def __init__(self) -> None:
        self._tied: dict[int, tuple[ModelGraph, dict[int, tuple[int, ...]]]] = {}
        self._unchecked: set[int] = set()

    def add(self, graph: ModelGraph, node: int, sources: tuple[int, ...]) -> None:
        """Tie a call to others."""
        if sources:
            _, ties = self._tied.setdefault(id(graph), (graph, {}))
            ties[node] = sources
            self._unchecked.add(id(graph))

    def check(self, name: str) -> None:
        """Refuse new ties that change the order of layers, by which files of weights go."""
        waiting, self._unchecked = self._unchecked, set()
        for graph, ties in (self._tied[key] for key in sorted(waiting)):
            if _layers_of(keras_order(graph)) != _layers_of(keras_order(graph, ties)):
                raise Untranslatable(
                    f"what has its sizes from an input of {name} would change the order of layers"
                )


def _layers_of(order: list[LayerUse]) -> list[int]:
    """What has a place of its own among the layers: inputs may stand anywhere."""
    return [id(use) for use in order if not isinstance(use.layer, (InputSource, Op))]
