"""The loss and the metrics of the batches so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from graphc.ir.tensor import Tensor
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.goals import Goal, Measured
from graphc.runtime.train.program import Place, Program, State
from graphc.runtime.train.step import LOSS

Logs: TypeAlias = dict[str, Any]
"""Numbers by name, or lists of them: "loss", "accuracy", "val_loss", …"""


class Meter:
    """Adds up what batches come to; losses are means over examples, as in Keras."""

    def __init__(self, goals: Sequence[Goal]) -> None:
        self._measured = [(goal, measured) for goal in goals for measured in goal.metrics]
        with_loss = [goal.output for goal in goals if goal.loss is not None]
        # Of the only output, the loss is the loss itself.
        self._outputs = with_loss if len(with_loss) > 1 else []
        self._results: dict[str, Program] = {}
        self.state: State = {}
        self.start()

    def start(self) -> None:
        """Forget all batches."""
        self.state = {(group, *rest): np.zeros((), np.float64) for group, *rest in self._sums()}
        self.state["count",] = np.zeros((), np.float64)
        for goal, measured in self._measured:
            for place, type in enumerate(measured.metric.state_types(goal.type)):
                shape = [dim for dim in type.shape if isinstance(dim, int)]
                zeros = np.zeros(shape, numpy_dtype(type.dtype))
                self.state["metric", measured.name, str(place)] = zeros

    def _sums(self) -> list[Place]:
        return [LOSS, *(("output_loss", output) for output in self._outputs)]

    def add(self, results: Mapping[Place, Array], size: int) -> None:
        """Take in what a step gives for a batch of so many examples."""
        for place in self._sums():
            self.state[place] = self.state[place] + np.float64(results[place]) * size
        self.state["count",] = self.state["count",] + size
        self.state.update((place, results[place]) for place in results if place[0] == "metric")

    @property
    def loss(self) -> float:
        """The loss so far."""
        return self._mean(LOSS)

    def logs(self) -> Logs:
        """The loss and all metrics by name."""
        found: Logs = {"loss": self.loss}
        for output in self._outputs:
            found[f"{output}_loss"] = self._mean(("output_loss", output))
        for goal, measured in self._measured:
            value = self._program(goal, measured)(self.state)["result",]
            found[measured.name] = value.item() if value.ndim == 0 else value.tolist()
        return found

    def _mean(self, place: Place) -> float:
        count = float(self.state["count",])
        return float(self.state[place]) / count if count else 0.0

    def _program(self, goal: Goal, measured: Measured) -> Program:
        """What computes a metric from what is remembered for it."""
        found = self._results.get(measured.name)
        if found is None:
            leaves = tuple(map(Tensor, measured.metric.state_types(goal.type)))
            places = [("metric", measured.name, str(place)) for place in range(len(leaves))]
            result = measured.metric.result(leaves)
            found = Program(zip(places, leaves, strict=True), {("result",): result})
            self._results[measured.name] = found
        return found
