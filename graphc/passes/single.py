"""Steps whose result nothing else takes: they can be made otherwise, and are not made twice."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.tensor import Step, Tensor, uses_of


class Single:
    """Of steps that a pass has made, those that stand for one with a single use."""

    def __init__(self, results: Sequence[Tensor]) -> None:
        self._uses = uses_of(results)
        self._steps: set[Step] = set()

    def note(self, step: Step, made: Sequence[Tensor]) -> None:
        """Remember what stands for a step now."""
        if self._uses[id(step), 0] == 1:
            self.add(made[0])

    def add(self, tensor: Tensor) -> None:
        """Say of a tensor that it has one use."""
        if tensor.step is not None:
            self._steps.add(tensor.step)

    def __contains__(self, step: Step | None) -> bool:
        return step in self._steps
