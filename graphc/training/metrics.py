"""Metrics of numbers: `keras.metrics`, those of classes and decisions apart.

In the formulas y is the target and p the output; means are taken over everything.
"""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Integer, NonNegative, Number, OneOf
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.arithmetic import where
from graphc.ops.comparison import isinf
from graphc.ops.convert import as_tensor, cast
from graphc.ops.elementary import sqrt
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import count_along, mean, std, sum_, var
from graphc.ops.shaping import broadcasted, expand_dims
from graphc.training import classification_losses, losses
from graphc.training.loss import Loss
from graphc.training.metric import (
    NAME,
    AxisMetric,
    ClassMetric,
    Metric,
    SparseMetric,
    States,
)
from graphc.training.outputs import mismatch, need_rank, same_rank


class _OfValues(Metric, abstract=True):
    """A metric of values, not of outputs and targets."""

    direction = None

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602: targets would count as values, and outputs as their weights."""
        raise mismatch("values, and nothing to compare them with", output)


class Mean(_OfValues):
    """The mean of values."""

    name: str | None = Arg(NAME, default="mean")


class Sum(_OfValues):
    """The sum of values."""

    name: str | None = Arg(NAME, default="sum")


class MeanSquaredError(Metric):
    """mean((y - p)²)."""

    aliases = ("mse", "MSE")
    name: str | None = Arg(NAME, default="mean_squared_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.MeanSquaredError().values(target, output)


class RootMeanSquaredError(Metric):
    """sqrt(mean((y - p)²))."""

    name: str | None = Arg(NAME, default="root_mean_squared_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """At each place: the mean over them is the root's."""
        off = losses.ranked(target, cast(output, self.state_dtype))
        return off * off

    def result(self, states: States) -> Tensor:
        return sqrt(super().result(states))


class MeanAbsoluteError(Metric):
    """mean(|y - p|)."""

    aliases = ("mae", "MAE")
    name: str | None = Arg(NAME, default="mean_absolute_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.MeanAbsoluteError().values(target, output)


class MeanAbsolutePercentageError(Metric):
    """100 * mean(|y - p| / |y|)."""

    aliases = ("mape", "MAPE")
    name: str | None = Arg(NAME, default="mean_absolute_percentage_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.MeanAbsolutePercentageError().values(target, output)


class MeanSquaredLogarithmicError(Metric):
    """mean((log(y + 1) - log(p + 1))²)."""

    aliases = ("msle", "MSLE")
    name: str | None = Arg(NAME, default="mean_squared_logarithmic_error")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.MeanSquaredLogarithmicError().values(target, output)


class LogCoshError(Metric):
    """mean(log(cosh(p - y)))."""

    name: str | None = Arg(NAME, default="logcosh")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.LogCosh().values(target, output)


class CosineSimilarity(AxisMetric):
    """mean(y / |y| * p / |p|) along `axis`: 1 where both point the same way."""

    direction = "up"
    name: str | None = Arg(NAME, default="cosine_similarity")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return -_like(losses.CosineSimilarity, self, "axis").values(target, output)


class PearsonCorrelation(AxisMetric):
    """How well p is a line in y, along `axis`."""

    direction = "up"
    name: str | None = Arg(NAME, default="pearson_correlation")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        parts = []
        for x in losses.paired(target, output):
            off = x - mean(x, self.axis, keepdims=True)
            parts.append(off / std(off, self.axis, keepdims=True))
        return mean(parts[0] * parts[1], self.axis)


class ConcordanceCorrelation(AxisMetric):
    """How well p is y itself, along `axis` (Lin, 1989)."""

    direction = "up"
    name: str | None = Arg(NAME, default="concordance_correlation")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        target, output = losses.paired(target, output)
        centre, own = (mean(x, self.axis, keepdims=True) for x in (target, output))
        spread = var(target - centre, self.axis, keepdims=True)
        own_spread = var(output - own, self.axis, keepdims=True)
        # That both are taken from the outputs' mean is as in Keras.
        together = (target - own) * (output - own)
        size = spread + own_spread + (centre - own) * (centre - own)
        return mean(together * 2 / (size + EPSILON), self.axis)


class R2Score(Metric):
    """1 - sum((y - p)²) / sum((y - mean(y))²): the part of y's variance that p explains."""

    direction = "up"
    argument_order = ("class_aggregation", "num_regressors")
    name: str | None = Arg(NAME, default="r2_score")
    class_aggregation: str | None = Arg(
        OneOf(("uniform_average", "variance_weighted_average")).or_none(),
        default="uniform_average",
    )
    num_regressors: int = Arg(NonNegative(), default=0)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there are so many known numbers for each example."""
        need_rank(output, 2, "batch, features")
        if not isinstance(output.shape[1], int):
            raise mismatch("a known number of features", output)

    def state_types(self, output: TensorType) -> tuple[TensorType, ...]:
        """Of each feature the sum, the sums of squares and of errors, the weight; and how many."""
        one = TensorType(output.shape[1:], self.state_dtype)
        return (one, one, one, one, TensorType((), self.state_dtype))

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        dtype = self.state_dtype
        target, output = same_rank(cast(target, dtype), cast(output, dtype))
        weighs = as_tensor(1, dtype) if weight is None else cast(weight, dtype)
        if weighs.rank == 1:
            weighs = expand_dims(weighs, 1)
        weighs = broadcasted(weighs, target.shape)
        off = target - output
        sums = (target * weighs, target * target * weighs, off * off * weighs, weighs)
        added = [*(sum_(each, 0) for each in sums), as_tensor(count_along(target, None), dtype)]
        return tuple(state + each for state, each in zip(states, added, strict=True))

    def result(self, states: States) -> Tensor:
        total, squares, errors, weight, count = states
        spread = squares - total * (total / weight)
        scores = 1 - errors / spread
        scores = where(isinf(scores), 0, scores)
        if self.class_aggregation == "uniform_average":
            scores = mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = sum_(spread * scores) / sum_(spread)
        if not self.num_regressors:
            return scores
        left = count - self.num_regressors - 1
        return where(left > 0, 1 - (1 - scores) * (count - 1) / where(left > 0, left, 1), scores)


class Hinge(Metric):
    """mean(max(1 - y * p, 0)), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.Hinge().values(target, output)


class SquaredHinge(Metric):
    """mean(max(1 - y * p, 0)²), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="squared_hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.SquaredHinge().values(target, output)


class CategoricalHinge(ClassMetric):
    """max(1 + the best wrong score - the right one, 0)."""

    name: str | None = Arg(NAME, default="categorical_hinge")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return classification_losses.CategoricalHinge().values(target, output)


class KLDivergence(Metric):
    """sum(y * log(y / p)): how far two distributions are apart (Kullback and Leibler, 1951)."""

    name: str | None = Arg(NAME, default="kl_divergence")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.KLDivergence().values(target, output)


class Poisson(Metric):
    """mean(p - y * log(p)), for counts."""

    name: str | None = Arg(NAME, default="poisson")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return losses.Poisson().values(target, output)


class BinaryCrossentropy(Metric):
    """-y * log(p) - (1 - y) * log(1 - p), for yes or no."""

    aliases = ("bce", "BCE")
    name: str | None = Arg(NAME, default="binary_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    label_smoothing: float = Arg(Number(0, 1), default=0)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        loss = _like(
            classification_losses.BinaryCrossentropy, self, "from_logits", "label_smoothing"
        )
        return loss.values(target, output)


class CategoricalCrossentropy(ClassMetric):
    """-sum(y * log(p)) along `axis`."""

    name: str | None = Arg(NAME, default="categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    label_smoothing: float = Arg(Number(0, 1), default=0)
    axis: int = Arg(Integer(), default=-1)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        loss = _like(
            classification_losses.CategoricalCrossentropy,
            self,
            "from_logits",
            "label_smoothing",
            "axis",
        )
        return loss.values(target, output)


class SparseCategoricalCrossentropy(SparseMetric):
    """-log of the score of the right class, whose number is the target."""

    name: str | None = Arg(NAME, default="sparse_categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    ignore_class: int | None = Arg(Integer().or_none(), default=None)
    axis: int = Arg(Integer(), default=-1)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        loss = _like(
            classification_losses.SparseCategoricalCrossentropy,
            self,
            "from_logits",
            "ignore_class",
            "axis",
        )
        return loss.values(target, output)


def _like(loss: type[Loss], metric: Metric, *arguments: str) -> Loss:
    """A loss with some of a metric's arguments."""
    return loss.from_values({name: getattr(metric, name) for name in arguments})
