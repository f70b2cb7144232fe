"""Losses over classes: `keras.losses`.

In the formulas y is the target and p the output, with `from_logits` a score before sigmoid or
softmax.
"""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, Number
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.activation import sigmoid
from graphc.ops.arithmetic import maximum, minimum, not_equal, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from graphc.ops.elementary import log
from graphc.ops.gathering import one_hot
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import max_, mean, sum_
from graphc.ops.shaping import expand_dims, squeeze
from graphc.ops.softmax import softmax
from graphc.training.loss import AxisLoss, ClassLoss, CrossentropyArguments, SparseLoss
from graphc.training.losses import NAME
from graphc.training.outputs import mismatch

FOCUS = Number(0)


def smoothed(target: Tensor, output: Tensor, share: float, classes: Dim) -> Tensor:
    """Targets in the output's dtype, a share of each given to all classes alike."""
    target = cast(target, output.dtype)
    return target * (1 - share) + share / as_tensor(classes, target.dtype) if share else target


class BinaryCrossentropy(CrossentropyArguments, AxisLoss):
    """-y * log(p) - (1 - y) * log(1 - p), for yes or no."""

    aliases = ("bce", "BCE")
    argument_order = ("from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="binary_crossentropy")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target = smoothed(target, output, self.label_smoothing, 2)
        return mean(binary_crossentropy(target, output, self.from_logits), self.axis)


class BinaryFocalCrossentropy(CrossentropyArguments, AxisLoss):
    """Binary crossentropy with less weight on what is right already (Lin et al., 2018)."""

    argument_order = (
        *("apply_class_balancing", "alpha", "gamma"),
        *("from_logits", "label_smoothing", "axis"),
    )
    name: str | None = Arg(NAME, default="binary_focal_crossentropy")
    apply_class_balancing: bool = Arg(Flag(), default=False)
    alpha: float = Arg(Number(0, 1), default=0.25)
    gamma: float = Arg(FOCUS, default=2.0)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target = smoothed(target, output, self.label_smoothing, 2)
        output = sigmoid(output) if self.from_logits else output
        right = target * output + (1 - target) * (1 - output)
        result = (1 - right) ** self.gamma * binary_crossentropy(target, output)
        if self.apply_class_balancing:
            result = (target * self.alpha + (1 - target) * (1 - self.alpha)) * result
        return mean(result, self.axis)


class CategoricalCrossentropy(CrossentropyArguments, ClassLoss):
    """-sum(y * log(p)) along `axis`."""

    argument_order = ("from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="categorical_crossentropy")
    axis: int = Arg(Integer(), default=-1)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each distribution."""
        target = smoothed(target, output, self.label_smoothing, target.shape[-1])
        return categorical_crossentropy(target, output, self.from_logits, self.axis)


class CategoricalFocalCrossentropy(CrossentropyArguments, ClassLoss):
    """Categorical crossentropy with less weight on what is right already (Lin et al., 2018)."""

    argument_order = ("alpha", "gamma", "from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="categorical_focal_crossentropy")
    alpha: float | tuple[float, ...] = Arg(Each(Number(0), or_one=True), default=0.25)
    gamma: float = Arg(FOCUS, default=2.0)
    axis: int = Arg(Integer(), default=-1)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless `alpha` has a weight for each class, or one for all."""
        super().check_output(output)
        classes = output.shape[self.axis]
        given = len(self.alpha) if isinstance(self.alpha, tuple) else 1
        if given not in (1, classes) and isinstance(classes, int):
            raise mismatch(f"as many classes as `alpha` has weights, {given}", output)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each distribution."""
        target = smoothed(target, output, self.label_smoothing, target.shape[-1])
        output = softmax(output, self.axis) if self.from_logits else output
        share = output / sum_(output, self.axis, keepdims=True)
        share = minimum(maximum(share, EPSILON), 1 - EPSILON)
        focus = (1 - share) ** self.gamma * as_tensor(self.alpha, output.dtype)
        return -sum_(focus * target * log(share), self.axis)


class SparseCategoricalCrossentropy(SparseLoss):
    """-log of the score of the right class, whose number is the target."""

    argument_order = ("from_logits", "ignore_class", "reduction", "axis")
    name: str | None = Arg(NAME, default="sparse_categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    ignore_class: int | None = Arg(Integer().or_none(), default=None)
    axis: int = Arg(Integer(), default=-1)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each distribution; those of `ignore_class` do not count."""
        if target.rank == output.rank and target.shape[self.axis] == 1:
            target = squeeze(target, self.axis)
        target = cast(target, "int32")
        if self.ignore_class is None:
            return sparse_categorical_crossentropy(target, output, self.from_logits, self.axis)
        counts = not_equal(target, self.ignore_class)
        target = where(counts, target, 0)
        output = where(expand_dims(counts, self.axis), output, 0)
        found = sparse_categorical_crossentropy(target, output, self.from_logits, self.axis)
        result = where(counts, found, 0)
        result.mask = counts
        return result


class CategoricalHinge(ClassLoss):
    """max(1 + the best wrong score - the right one, 0)."""

    name: str | None = Arg(NAME, default="categorical_hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each example."""
        target = cast(target, output.dtype)
        right = sum_(target * output, -1)
        wrong = max_((1 - target) * output, -1)
        return maximum(wrong - right + 1, 0)


class CategoricalGeneralizedCrossEntropy(SparseLoss):
    """(1 - p^q) / q for the score p of the right class, robust to wrong labels.

    (Zhang and Sabuncu, 2018)
    """

    argument_order = ("q",)
    name: str | None = Arg(NAME, default="categorical_generalized_cross_entropy")
    q: float = Arg(Number(0, 1, open_low=True, open_high=True), default=0.5)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each example."""
        chosen = one_hot(cast(target, "int32"), output.shape[-1], dtype=output.dtype)
        return (1 - sum_(output * chosen, -1) ** self.q) / self.q
