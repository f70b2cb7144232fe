"""What the inputs of a graph change, and what is the same in all calls."""

from __future__ import annotations

from collections.abc import Collection

from graphc.ir.tensor import Step, Tensor, key
from graphc.passes.divide import DRAWING


class Changing:
    """Whether inputs change a tensor. Random numbers change, too.

    Asked of the tensors of a graph in their order, no question goes deep.
    """

    def __init__(self, inputs: Collection[Tensor]) -> None:
        self._inputs = {key(tensor) for tensor in inputs}
        self._found: dict[Step, bool] = {}

    def __call__(self, tensor: Tensor) -> bool:
        """Whether inputs change this one."""
        step = tensor.step
        if step is None:
            return key(tensor) in self._inputs
        found = self._found.get(step)
        if found is None:
            found = step.primitive in DRAWING or any(map(self, step.operands))
            self._found[step] = found
        return found
