"""Losses between numbers: `keras.losses`, those over classes apart.

In the formulas y is the target and p the output; means are taken along the last axis.
"""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, Number, Text
from graphc.ir.types import TensorType
from graphc.training.loss import AxisLoss, Loss
from graphc.training.outputs import mismatch, need_axis, need_rank

NAME = Text().or_none()


class MeanSquaredError(Loss):
    """mean((y - p)²)."""

    aliases = ("mse", "MSE")
    name: str | None = Arg(NAME, default="mean_squared_error")


class MeanAbsoluteError(Loss):
    """mean(|y - p|)."""

    aliases = ("mae", "MAE")
    name: str | None = Arg(NAME, default="mean_absolute_error")


class MeanAbsolutePercentageError(Loss):
    """100 * mean(|y - p| / |y|)."""

    aliases = ("mape", "MAPE")
    name: str | None = Arg(NAME, default="mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(Loss):
    """mean((log(y + 1) - log(p + 1))²)."""

    aliases = ("msle", "MSLE")
    name: str | None = Arg(NAME, default="mean_squared_logarithmic_error")


class CosineSimilarity(AxisLoss):
    """-sum(y / |y| * p / |p|) along `axis`: -1 where both point the same way."""

    argument_order = ("axis",)
    name: str | None = Arg(NAME, default="cosine_similarity")


class Huber(Loss):
    """Squared where |y - p| is at most `delta`, and linear beyond (Huber, 1964)."""

    argument_order = ("delta",)
    name: str | None = Arg(NAME, default="huber_loss")
    delta: float = Arg(Number(0, open_low=True), default=1.0)


class LogCosh(Loss):
    """mean(log(cosh(p - y)))."""

    name: str | None = Arg(NAME, default="log_cosh")


class Hinge(Loss):
    """mean(max(1 - y * p, 0)), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="hinge")


class SquaredHinge(Loss):
    """mean(max(1 - y * p, 0)²), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="squared_hinge")


class KLDivergence(Loss):
    """sum(y * log(y / p)): how far two distributions are apart (Kullback and Leibler, 1951)."""

    aliases = ("kld", "KLD")
    name: str | None = Arg(NAME, default="kl_divergence")


class Poisson(Loss):
    """mean(p - y * log(p)), for counts."""

    name: str | None = Arg(NAME, default="poisson")


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


class Tversky(Overlap):
    """1 - t / (t + alpha * f + beta * n), of true and false positives and false negatives.

    (Salehi et al., 2017)
    """

    argument_order = ("alpha", "beta", "reduction", "name", "axis")
    name: str | None = Arg(NAME, default="tversky")
    alpha: float = Arg(Number(), default=0.5)
    beta: float = Arg(Number(), default=0.5)


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


class CTC(Loss):
    """How unlikely the labels are in any alignment with the timesteps (Graves et al., 2006).

    Class 0 is the blank.
    """

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
