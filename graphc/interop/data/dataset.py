"""The examples of one part of a file, by the names of a model's inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from graphc.diagnostics.diagnostic import Diagnostic
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.learner import Batch

Part: TypeAlias = Literal["train", "validation", "test"]


class Rows:
    """An array that stays where it is: rows are brought into shape and dtype as they are read."""

    def __init__(self, stored: Array, shape: tuple[int, ...], dtype: Any) -> None:
        self._stored = stored
        self.shape = (len(stored), *shape)
        self.dtype = np.dtype(dtype)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def ndim(self) -> int:
        """The number of axes, that of the examples included."""
        return len(self.shape)

    def __getitem__(self, rows: Any) -> Array:
        """The rows of a slice, of a mask or of an array of their numbers."""
        block = self._stored[rows]
        kept = block.ndim - (self._stored.ndim - 1)
        shaped = block.reshape(block.shape[:kept] + self.shape[1:])
        found: Array = shaped.astype(self.dtype, copy=False)
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """All of it."""
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)


ArrayLike: TypeAlias = Array | Rows
"""What has a shape and a dtype and gives its rows: an array, a mapped file, or `Rows`."""


class Dataset(Record):
    """Examples: inputs by their names, targets and sample weights by those of the outputs.

    Nothing has to be in memory; all arrays have `size` rows. `warnings` are for the user to see.
    """

    inputs: dict[str, ArrayLike]
    targets: dict[str, ArrayLike]
    weights: dict[str, ArrayLike]
    size: int
    warnings: tuple[Diagnostic, ...] = ()

    __hash__ = object.__hash__

    def rows(self, indices: Any) -> Batch:
        """Some of the examples, in memory: those of a slice, or of an array of their numbers."""
        return Batch(*(_taken(each, indices) for each in (self.inputs, self.targets, self.weights)))


def _taken(arrays: Mapping[str, ArrayLike], indices: Any) -> dict[str, Array]:
    return {name: np.ascontiguousarray(array[indices]) for name, array in arrays.items()}
