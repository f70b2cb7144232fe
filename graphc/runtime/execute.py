"""Graphs of primitives as functions on NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from graphc.ir.tensor import Tensor
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.table import Array
from graphc.runtime.source import Writer


class Compiled:
    """A function on arrays. `source` is the Python that it is."""

    def __init__(
        self, parameters: Sequence[Tensor], results: Sequence[Tensor], seed: int = 0
    ) -> None:
        writer = Writer()
        names = {tensor: f"x{place}" for place, tensor in enumerate(parameters)}
        writer.function("run", names, results)
        self.source = writer.text
        self.dtypes = [numpy_dtype(tensor.dtype) for tensor in parameters]
        self._seeds, self._seed = writer.streams, seed
        self._streams = streams_of(writer.streams, seed)
        self._run = written(self.source, {"streams": self._streams})

    def __call__(self, *arrays: Array) -> tuple[Array, ...]:
        """The results for arrays of the parameters' shapes, in their order."""
        given = [np.asarray(array, dtype) for array, dtype in zip(arrays, self.dtypes, strict=True)]
        with np.errstate(all="ignore"):  # infinities and NaNs are results like others
            results: tuple[Array, ...] = self._run(*given)
        return results

    def restart(self, call: int) -> None:
        """Let the next call draw what depends on the seed and this number alone."""
        self._streams[:] = streams_of(self._seeds, self._seed, call)


def written(source: str, names: Mapping[str, Any]) -> Any:
    """The function `run` of a text that was written from a checked graph.

    Besides the names it has NumPy as `np`, and the kernels as their primitives' names with a _.
    """
    space: dict[str, Any] = {f"{name}_": run for name, run in KERNELS.items()}
    space |= {"np": np, **names}
    exec(compile(source, "<graphc>", "exec"), space)  # noqa: S102 - see above
    return space["run"]


def streams_of(seeds: Sequence[int | None], seed: int, *call: int) -> list[Generator]:
    """Random numbers for each step that draws some."""
    return [
        np.random.default_rng([*([seed % 2**64, place] if own is None else [own % 2**64]), *call])
        for place, own in enumerate(seeds)
    ]
