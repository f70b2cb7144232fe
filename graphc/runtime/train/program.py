"""Programs whose parameters and results are known by what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graphc.ir.tensor import Tensor
from graphc.passes.share import share
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels.table import Array

Place: TypeAlias = tuple[str, ...]
"""What an array stands for: ("weight", "dense/kernel"), ("slot", "dense/kernel", "0"), …"""
State: TypeAlias = dict[Place, Array]


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
        given = list(parameters)
        self.takes = [place for place, _ in given]
        self.gives = list(results)
        shared = share(list(results.values()))
        self.compiled = Compiled([tensor for _, tensor in given], shared, seed)

    def __call__(self, state: Mapping[Place, Array], step: int = 0) -> State:
        """The results, from arrays among which all parameters are.

        What is drawn at random depends on the seed and the step alone.
        """
        self.compiled.restart(step)
        results = self.compiled(*[state[place] for place in self.takes])
        return dict(zip(self.gives, results, strict=True))
