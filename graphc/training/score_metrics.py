"""Precision and recall as one number: the F-scores of `keras.metrics`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Number, OneOf
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.arithmetic import absolute, logical_and
from graphc.ops.convert import cast
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import max_, mean, sum_
from graphc.ops.shaping import expand_dims
from graphc.training.metric import NAME, Metric, States
from graphc.training.outputs import mismatch, need_rank

FRACTION = Number(0, 1, open_low=True)


class _Score(Metric, abstract=True):
    """A mean of precision and recall, for each class or all of them."""

    direction = "up"
    # Without annotations: to mypy, a base's arguments come first.
    average = Arg(OneOf(("micro", "macro", "weighted")).or_none(), default=None)
    threshold = Arg(FRACTION.or_none(), default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there is a known number of scores for each example."""
        need_rank(output, 2, "batch, classes")
        if not isinstance(output.shape[1], int):
            raise mismatch("a known number of classes", output)

    def state_types(self, output: TensorType) -> tuple[TensorType, ...]:
        """True and false positives, false negatives, and how many there are of each class."""
        shape = () if self.average == "micro" else output.shape[1:]
        return (TensorType(shape, self.state_dtype),) * 4

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        dtype = self.state_dtype
        target, scores = cast(target, dtype), cast(output, dtype)
        if self.threshold is None:
            is_chosen = scores >= max_(scores, -1, keepdims=True)
            chosen = logical_and(is_chosen, absolute(scores) > 1e-9)
        else:
            chosen = scores > self.threshold
        said = cast(chosen, dtype)
        axis = None if self.average == "micro" else 0
        added = []
        for count in (said * target, said * (1 - target), (1 - said) * target, target):
            weighed = count if weight is None else count * expand_dims(cast(weight, dtype), 1)
            added.append(sum_(weighed, axis))
        return tuple(state + each for state, each in zip(states, added, strict=True))

    def result(self, states: States) -> Tensor:
        right, extra, missed, counts = states
        precision = right / (right + extra + EPSILON)
        recall = right / (right + missed + EPSILON)
        square = float(getattr(self, "beta", 1.0)) ** 2
        score = precision * recall / (precision * square + recall + EPSILON) * (1 + square)
        if self.average == "weighted":
            return sum_(score * (counts / (sum_(counts) + EPSILON)))
        return score if self.average is None else mean(score)


class FBetaScore(_Score):
    """(1 + beta²) * precision * recall / (beta² * precision + recall)."""

    direction = "up"
    argument_order = ("average", "beta", "threshold")
    beta: float = Arg(Number(0, open_low=True), default=1.0)
    name: str | None = Arg(NAME, default="fbeta_score")


class F1Score(_Score):
    """2 * precision * recall / (precision + recall)."""

    direction = "up"
    argument_order = ("average", "threshold")
    name: str | None = Arg(NAME, default="f1_score")
