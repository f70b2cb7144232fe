"""Programs whose parameters and results are known by what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.share import share
from graphc.passes.simplify import simplify
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.program import Planned

Place: TypeAlias = tuple[str, ...]
"""What an array stands for: ("weight", "dense/kernel"), ("slot", "dense/kernel", "0"), …"""
State: TypeAlias = dict[Place, Array]
Types: TypeAlias = "tuple[tuple[str, TensorType], ...]"

LASTING = ("weight", "slot", "counter")
"""What the arrays of stay the same from step to step, whatever their values."""


class Program:
    """A function from arrays by their places to others.

    Several parameters may have one place, and get the same array. What is to be `put` goes into the
    arrays that it replaces, but not before `go_on` is called, behind the results.
    """

    def __init__(
        self,
        parameters: Iterable[tuple[Place, Tensor]],
        results: Mapping[Place, Tensor],
        seed: int = 0,
        puts: Mapping[Place, Tensor] | None = None,
        *,
        is_held: bool = False,
    ) -> None:
        """Whose arrays are the same ones at each call can have what lasts of them `held`."""
        self._parameters = list(parameters)
        self._seed = seed
        self._is_held = is_held
        wanted = {**results, **(puts or {})}
        made = dict(zip(wanted, simplify(share(list(wanted.values()))), strict=True))
        self._results = {place: made[place] for place in results}
        self._puts = None if puts is None else {place: made[place] for place in puts}
        self._planned: Planned | None = None
        self._held: State = {}

    def __call__(self, state: Mapping[Place, Array], step: int = 0) -> State:
        """The results, from arrays among which all parameters are.

        What is drawn at random depends on the seed and the step alone.
        """
        program = self._program(state)
        program.restart(step)
        given = [state[place] for place, _ in self._parameters if place not in self._held]
        return dict(zip(self._results, program(*given), strict=True))

    def go_on(self) -> State:
        """Put what replaces the arrays of the last call into them: all that could not be put."""
        assert self._planned is not None
        return dict(zip(self._later(), self._planned.go_on(), strict=True))

    def _later(self) -> dict[Place, Tensor]:
        """What replaces arrays that are not held."""
        return {place: x for place, x in (self._puts or {}).items() if place not in self._held}

    def _program(self, state: Mapping[Place, Array]) -> Planned:
        """The program for these arrays: what lasts is read where it is, the rest is copied."""
        if self._planned is None or any(state[x] is not own for x, own in self._held.items()):
            self._held = {
                place: state[place]
                for place, x in self._parameters
                if self._is_held and place[0] in LASTING and _is_plain(state[place], x)
            }
            own = {place: x for place, x in self._parameters if place in self._held}
            puts = self._puts or {}
            self._planned = Planned(
                [x for place, x in self._parameters if place not in self._held],
                {},
                list(self._results.values()),
                self._seed,
                held={x: self._held[place] for place, x in self._parameters if place in self._held},
                later=None if self._puts is None else list(self._later().values()),
                puts={own[place]: x for place, x in puts.items() if place in own},
            )
        return self._planned


def _is_plain(array: Array, tensor: Tensor) -> bool:
    """Whether a program can have an array for a tensor as it is."""
    flags = array.flags
    is_like = array.dtype == numpy_dtype(tensor.dtype)
    return is_like and flags.c_contiguous and flags.writeable


def types_of(arrays: Mapping[str, Array]) -> Types:
    """The types of arrays by name."""
    return tuple((name, TensorType(x.shape, x.dtype.name)) for name, x in arrays.items())
