"""Programs whose parameters and results are known by what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.share import share
from graphc.passes.simplify import simplify
from graphc.passes.tails import Tail, tails
from graphc.record import Record
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.program import Planned

Place: TypeAlias = tuple[str, ...]
"""What an array stands for: ("weight", "dense/kernel"), ("slot", "dense/kernel", "0"), …"""
State: TypeAlias = dict[Place, Array]
Types: TypeAlias = "tuple[tuple[str, TensorType], ...]"

LASTING = ("weight", "slot", "counter")
"""What the arrays of stay the same from step to step, whatever their values."""

BLOCK = 1 << 14
"""Elements of a block: a dozen arrays of so many stay in a core's own cache."""


class Program:
    """A function from arrays by their places to others.

    Several parameters may have one place, and get the same array.
    """

    def __init__(
        self,
        parameters: Iterable[tuple[Place, Tensor]],
        results: Mapping[Place, Tensor],
        seed: int = 0,
    ) -> None:
        self._parameters = list(parameters)
        self._seed = seed
        self.gives = list(results)
        made = simplify(share(list(results.values())))
        self._tails = [Blocks(tail, made) for tail in tails(made, 4 * BLOCK, BLOCK)]
        late = {place for tail in self._tails for place in tail.places}
        self._early = [place for place in range(len(made)) if place not in late]
        self._wanted = [made[place] for place in self._early]
        for tail in self._tails:
            self._wanted += tail.given
        self._planned: Planned | None = None
        self._held: State = {}

    def __call__(self, state: Mapping[Place, Array], step: int = 0) -> State:
        """The results, from arrays among which all parameters are.

        What is drawn at random depends on the seed and the step alone.
        """
        begun = self.begin(state, step)
        return begun.results | begun.finish({})

    def begin(self, state: Mapping[Place, Array], step: int) -> Begun:
        """All results but the large ones that are computed block by block."""
        program = self._program(state)
        program.restart(step)
        made = program(*(state[place] for place, _ in self._parameters if place not in self._held))
        early = {self.gives[place]: array for place, array in zip(self._early, made, strict=False)}
        return Begun(early, made[len(self._early) :], self._tails, self.gives)

    def _program(self, state: Mapping[Place, Array]) -> Planned:
        """The program for these arrays: what lasts is read where it is, the rest is copied."""
        if self._planned is None or any(state[x] is not own for x, own in self._held.items()):
            self._held = {
                place: state[place]
                for place, _ in self._parameters
                if place[0] in LASTING and state[place].flags.c_contiguous
            }
            self._planned = Planned(
                [tensor for place, tensor in self._parameters if place not in self._held],
                {},
                self._wanted,
                self._seed,
                held={x: self._held[place] for place, x in self._parameters if place in self._held},
                lent=len(self._wanted) - len(self._early),
            )
        return self._planned


class Begun(Record):
    """A call of a program that is not finished."""

    results: State
    given: tuple[Array, ...]
    tails: list[Blocks]
    names: list[Place]

    __hash__ = object.__hash__

    def finish(self, owned: Mapping[Place, Array]) -> State:
        """The large results, in the memory of `owned` arrays where those have their places.

        Fresh memory costs more than what is computed: the system hands it out page by page.
        """
        made = iter(self.given)
        found: State = {}
        for tail in self.tails:
            arrays = [next(made) for _ in tail.given]
            found.update(tail([self.names[place] for place in tail.places], arrays, owned))
        return found


class Blocks:
    """Computes the results of a tail, block by block."""

    def __init__(self, tail: Tail, results: Sequence[Tensor]) -> None:
        self.places = tail.places
        self.given = [*tail.given, *tail.scalars]
        self._large = len(tail.given)
        shape = results[tail.places[0]].shape
        self._shape = tuple(dim for dim in shape if isinstance(dim, int))
        self._dtypes = [numpy_dtype(x.dtype) for x in tail.results]
        self._compiled = Compiled(tail.leaves, tail.results)

    def __call__(
        self, names: Sequence[Place], arrays: Sequence[Array], owned: Mapping[Place, Array]
    ) -> State:
        """The results by their names, for arrays of what is given."""
        flat = [np.ravel(array) for array in arrays[: self._large]]
        scalars = arrays[self._large :]
        made = {
            name: _reusable(owned.get(name), self._shape, dtype)
            for name, dtype in zip(names, self._dtypes, strict=True)
        }
        wholes = [np.ravel(array) for array in made.values()]
        for start in range(0, len(flat[0]), BLOCK):
            # Steps by element say nothing of sizes: the last block may be a smaller one.
            rows = slice(start, start + BLOCK)
            parts = self._compiled(*[array[rows] for array in flat], *scalars)
            for whole, part in zip(wholes, parts, strict=True):
                whole[rows] = part
        return made


def _reusable(array: Array | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array to write into: the one that is there, if it is of this type and in order."""
    if array is not None and (array.shape, array.dtype) == (shape, dtype):
        flags = array.flags
        if flags.writeable and flags.c_contiguous:
            return array
    return np.empty(shape, dtype)


def types_of(arrays: Mapping[str, Array]) -> Types:
    """The types of arrays by name."""
    return tuple((name, TensorType(x.shape, x.dtype.name)) for name, x in arrays.items())
