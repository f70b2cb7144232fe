"""Losses between numbers: `keras.losses`, those over classes apart.

In the formulas y is the target and p the output; means are taken along the last axis.
"""

from __future__ import annotations

import math

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, Number, Text
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.activation import softplus
from graphc.ops.arithmetic import (
    absolute,
    equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    where,
)
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import eye
from graphc.ops.ctc import ctc_loss
from graphc.ops.elementary import log
from graphc.ops.linear_algebra import matmul
from graphc.ops.normalization import EPSILON, normalize
from graphc.ops.reduction import all_, logsumexp, mean, sum_
from graphc.ops.shaping import reshape, transpose
from graphc.training.loss import AxisLoss, Loss
from graphc.training.outputs import mismatch, need_axis, need_rank, same_rank

NAME = Text().or_none()


def paired(target: Tensor, output: Tensor) -> tuple[Tensor, Tensor]:
    """Both in the output's dtype, and of one rank where a last axis of 1 makes the difference."""
    return same_rank(cast(target, output.dtype), output)


def ranked(target: Tensor, output: Tensor) -> Tensor:
    """How far targets are from outputs."""
    target, output = paired(target, output)
    return target - output


def signs(target: Tensor, output: Tensor) -> Tensor:
    """Targets -1 and 1; where all are 0 and 1, those are meant."""
    target = cast(target, output.dtype)
    is_binary = all_(logical_or(equal(target, 0), equal(target, 1)))
    return where(is_binary, target * 2 - 1, target)


class MeanSquaredError(Loss):
    """mean((y - p)²)."""

    aliases = ("mse", "MSE")
    name: str | None = Arg(NAME, default="mean_squared_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        off = ranked(target, output)
        return mean(off * off, -1)


class MeanAbsoluteError(Loss):
    """mean(|y - p|)."""

    aliases = ("mae", "MAE")
    name: str | None = Arg(NAME, default="mean_absolute_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        return mean(absolute(ranked(target, output)), -1)


class MeanAbsolutePercentageError(Loss):
    """100 * mean(|y - p| / |y|)."""

    aliases = ("mape", "MAPE")
    name: str | None = Arg(NAME, default="mean_absolute_percentage_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target, output = paired(target, output)
        share = (target - output) / maximum(absolute(target), EPSILON)
        return mean(absolute(share), -1) * 100


class MeanSquaredLogarithmicError(Loss):
    """mean((log(y + 1) - log(p + 1))²)."""

    aliases = ("msle", "MSLE")
    name: str | None = Arg(NAME, default="mean_squared_logarithmic_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target, output = paired(target, output)
        off = log(maximum(output, EPSILON) + 1) - log(maximum(target, EPSILON) + 1)
        return mean(off * off, -1)


class CosineSimilarity(AxisLoss):
    """-sum(y / |y| * p / |p|) along `axis`: -1 where both point the same way."""

    argument_order = ("axis",)
    name: str | None = Arg(NAME, default="cosine_similarity")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target, output = paired(target, output)
        return -sum_(normalize(target, self.axis) * normalize(output, self.axis), self.axis)


class Huber(Loss):
    """Squared where |y - p| is at most `delta`, and linear beyond (Huber, 1964)."""

    argument_order = ("delta",)
    name: str | None = Arg(NAME, default="huber_loss")
    delta: float = Arg(Number(0, open_low=True), default=1.0)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        off = absolute(ranked(target, output))
        beyond = off * self.delta - 0.5 * self.delta**2
        return mean(where(off <= self.delta, off * off * 0.5, beyond), -1)


class LogCosh(Loss):
    """mean(log(cosh(p - y)))."""

    name: str | None = Arg(NAME, default="log_cosh")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        off = -ranked(target, output)
        return mean(off + softplus(off * -2) - math.log(2), -1)


class Hinge(Loss):
    """mean(max(1 - y * p, 0)), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        return mean(maximum(1 - signs(target, output) * output, 0), -1)


class SquaredHinge(Loss):
    """mean(max(1 - y * p, 0)²), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="squared_hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        off = maximum(1 - signs(target, output) * output, 0)
        return mean(off * off, -1)


class KLDivergence(Loss):
    """sum(y * log(y / p)): how far two distributions are apart (Kullback and Leibler, 1951)."""

    aliases = ("kld", "KLD")
    name: str | None = Arg(NAME, default="kl_divergence")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        target = minimum(maximum(cast(target, output.dtype), EPSILON), 1)
        output = minimum(maximum(output, EPSILON), 1)
        return sum_(target * log(target / output), -1)


class Poisson(Loss):
    """mean(p - y * log(p)), for counts."""

    name: str | None = Arg(NAME, default="poisson")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each vector."""
        return mean(output - cast(target, output.dtype) * log(output + EPSILON), -1)


class Overlap(Loss, abstract=True):
    """How much of two regions does not overlap, with sums over the axes `axis`, or all."""

    axis = Arg(Each(Integer(), or_one=True).or_none(), default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the output has no such axis."""
        super().check_output(output)
        if self.axis is not None:
            for axis in self.axis if isinstance(self.axis, tuple) else (self.axis,):
                need_axis(output, axis)


class Dice(Overlap):
    """1 - 2 * sum(y * p) / (sum(y) + sum(p)) (Dice, 1945)."""

    argument_order = ("reduction", "name", "axis")
    name: str | None = Arg(NAME, default="dice")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For all that is not summed over."""
        target = cast(target, output.dtype)
        total = sum_(target, self.axis) + sum_(output, self.axis) + EPSILON
        return 1 - 2 * sum_(target * output, self.axis) / total


class Tversky(Overlap):
    """1 - t / (t + alpha * f + beta * n), of true and false positives and false negatives.

    (Salehi et al., 2017)
    """

    argument_order = ("alpha", "beta", "reduction", "name", "axis")
    name: str | None = Arg(NAME, default="tversky")
    alpha: float = Arg(Number(), default=0.5)
    beta: float = Arg(Number(), default=0.5)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For all that is not summed over."""
        target = cast(target, output.dtype)
        both = sum_(target * output, self.axis)
        # Which of the two errors `alpha` weighs is as in Keras.
        missed = sum_((1 - output) * target, self.axis) * self.alpha
        extra = sum_(output * (1 - target), self.axis) * self.beta
        return 1 - both / (both + missed + extra + EPSILON)


class Circle(Loss):
    """Pulls embeddings of one class together and those of different ones apart.

    (Sun et al., 2020)
    """

    argument_order = ("gamma", "margin", "remove_diagonal")
    name: str | None = Arg(NAME, default="circle")
    gamma: float = Arg(Number(), default=80.0)
    margin: float = Arg(Number(), default=0.4)
    remove_diagonal: bool = Arg(Flag(), default=True)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there is one embedding for each example."""
        super().check_output(output)
        need_rank(output, 2, "batch, features")

    def target_type(self, output: TensorType) -> TensorType:
        """A class number for each example."""
        return TensorType(output.shape[:1], "int32")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each example; one without others of its class does not count."""
        distance = maximum(1 - matmul(output, transpose(output)), 0)
        column = reshape(target, (-1, 1))
        is_same = equal(column, transpose(column))
        is_other = logical_not(is_same)
        if self.remove_diagonal:
            is_same = logical_and(is_same, logical_not(cast(eye(output.shape[0]), "bool")))
        near, far = cast(is_same, output.dtype), cast(is_other, output.dtype)
        pull = maximum((distance + self.margin) * near, 0) * (distance - self.margin)
        push = maximum((1 + self.margin - distance) * far, 0) * (1 - self.margin - distance)
        total = self._together(is_same, pull) + self._together(is_other, push)
        result = softplus(total)
        result.mask = result > 0
        return result

    def _together(self, counts: Tensor, values: Tensor) -> Tensor:
        return logsumexp(where(counts, values * self.gamma, -math.inf), 1)


class CTC(Loss):
    """How unlikely the labels are in any alignment with the timesteps (Graves et al., 2006).

    Class 0 is the blank.
    """

    takes_shorter_targets = True
    name: str | None = Arg(NAME, default="ctc")

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there are scores of classes at each timestep."""
        super().check_output(output)
        need_rank(output, 3, "batch, timesteps, classes")
        if output.shape[-1] in (0, 1):
            raise mismatch("at least 2 classes along the last axis, the blank and others", output)

    def target_type(self, output: TensorType) -> TensorType:
        """Class numbers, padded with 0 to at most as many as there are timesteps."""
        return TensorType(output.shape[:2], "int32")

    def class_count(self, output: TensorType) -> Dim | None:
        """The blank and the others."""
        return output.shape[-1]

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """For each example."""
        labels = sum_(cast(not_equal(target, 0), "int32"), -1)
        return ctc_loss(target, output, labels, as_tensor(output.shape[1], "int32") + labels * 0)
