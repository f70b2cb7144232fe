"""Arrays that are made when they are needed, each time anew: read from a file, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from graphc.runtime.kernels.table import Array


class Deferred:
    """An array that does not exist until NumPy asks for it: `np.asarray(deferred)`."""

    def __init__(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], make: Callable[[], Any]
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self._make = make

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The array itself."""
        return self._make().astype(self.dtype if dtype is None else dtype, copy=False)


class Weights(Mapping[str, Array]):
    """Arrays by their keys, some of them deferred ones."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)

    def __getitem__(self, key: str) -> Array:
        """The array for a key."""
        return np.asarray(self._given[key])

    def __iter__(self) -> Iterator[str]:
        """The keys in their order."""
        return iter(self._given)

    def __len__(self) -> int:
        """The number of arrays."""
        return len(self._given)

    def __contains__(self, key: object) -> bool:
        """Whether there is an array for a key, which is not made for that."""
        return key in self._given
