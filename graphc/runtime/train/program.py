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

SLOPE = "slope"
"""The gradient of a weight."""

LASTING = ("weight", "slot", "counter", SLOPE)
"""What the arrays of stay the same from step to step, whatever their values."""


class Program:
    """A function from arrays by their places to others.

    Several parameters may have one place, and get the same array. Results that are `lent` are
    overwritten by the next call, and those to be `put` go into the arrays that they replace.
    """

    def __init__(
        self,
        parameters: Iterable[tuple[Place, Tensor]],
        results: Mapping[Place, Tensor],
        seed: int = 0,
        lent: Mapping[Place, Tensor] | None = None,
        puts: Mapping[Place, Tensor] | None = None,
        *,
        is_held: bool = False,
    ) -> None:
        """Whose arrays are the same ones at each call can have what lasts of them `held`."""
        self._parameters = list(parameters)
        self._seed = seed
        self._is_held = is_held
        wanted = [*results.items(), *(lent or {}).items(), *(puts or {}).items()]
        made = simplify(share([tensor for _, tensor in wanted]))
        tensors = [(place, x) for (place, _), x in zip(wanted, made, strict=True)]
        count, shown = len(results), len(results) + len(lent or {})
        self._results, self._lent = tensors[:count], tensors[count:shown]
        self._puts = dict(tensors[shown:])
        self._planned: Planned | None = None
        self._held: State = {}

    def __call__(self, state: Mapping[Place, Array], step: int = 0) -> State:
        """The results, from arrays among which all parameters are.

        What is drawn at random depends on the seed and the step alone.
        """
        program = self._program(state)
        program.restart(step)
        given = [state[place] for place, _ in self._parameters if place not in self._held]
        made = program(*given)
        return {place: array for (place, _), array in zip(self._given(), made, strict=True)}

    def _given(self) -> list[tuple[Place, Tensor]]:
        """What a call gives: all that is not put where it was."""
        left = [(place, x) for place, x in self._puts.items() if place not in self._held]
        return [*self._results, *left, *self._lent]

    def _program(self, state: Mapping[Place, Array]) -> Planned:
        """The program for these arrays: what lasts is read where it is, the rest is copied."""
        if self._planned is None or any(state[x] is not own for x, own in self._held.items()):
            self._held = {
                place: state[place]
                for place, x in self._parameters
                if self._is_held and place[0] in LASTING and _is_plain(state[place], x)
            }
            held = {x: self._held[place] for place, x in self._parameters if place in self._held}
            own = {place: x for place, x in self._parameters if place in self._held}
            self._planned = Planned(
                [x for place, x in self._parameters if place not in self._held],
                {},
                [x for _, x in self._given()],
                self._seed,
                held=held,
                lent=len(self._lent),
                puts={own[place]: x for place, x in self._puts.items() if place in own},
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
