"""Metrics of numbers: `keras.metrics`, those of classes and decisions apart.

In the formulas y is the target and p the output; means are taken over everything.
"""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Integer, NonNegative, Number, OneOf
from graphc.ir.types import TensorType
from graphc.training.metric import (
    NAME,
    AxisMetric,
    ClassMetric,
    Metric,
    SparseMetric,
)
from graphc.training.outputs import mismatch, need_rank


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


class RootMeanSquaredError(Metric):
    """sqrt(mean((y - p)²))."""

    name: str | None = Arg(NAME, default="root_mean_squared_error")


class MeanAbsoluteError(Metric):
    """mean(|y - p|)."""

    aliases = ("mae", "MAE")
    name: str | None = Arg(NAME, default="mean_absolute_error")


class MeanAbsolutePercentageError(Metric):
    """100 * mean(|y - p| / |y|)."""

    aliases = ("mape", "MAPE")
    name: str | None = Arg(NAME, default="mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(Metric):
    """mean((log(y + 1) - log(p + 1))²)."""

    aliases = ("msle", "MSLE")
    name: str | None = Arg(NAME, default="mean_squared_logarithmic_error")


class LogCoshError(Metric):
    """mean(log(cosh(p - y)))."""

    name: str | None = Arg(NAME, default="logcosh")


class CosineSimilarity(AxisMetric):
    """mean(y / |y| * p / |p|) along `axis`: 1 where both point the same way."""

    direction = "up"
    name: str | None = Arg(NAME, default="cosine_similarity")


class PearsonCorrelation(AxisMetric):
    """How well p is a line in y, along `axis`."""

    direction = "up"
    name: str | None = Arg(NAME, default="pearson_correlation")


class ConcordanceCorrelation(AxisMetric):
    """How well p is y itself, along `axis` (Lin, 1989)."""

    direction = "up"
    name: str | None = Arg(NAME, default="concordance_correlation")


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


class Hinge(Metric):
    """mean(max(1 - y * p, 0)), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="hinge")


class SquaredHinge(Metric):
    """mean(max(1 - y * p, 0)²), for targets -1 and 1."""

    name: str | None = Arg(NAME, default="squared_hinge")


class CategoricalHinge(ClassMetric):
    """max(1 + the best wrong score - the right one, 0)."""

    name: str | None = Arg(NAME, default="categorical_hinge")


class KLDivergence(Metric):
    """sum(y * log(y / p)): how far two distributions are apart (Kullback and Leibler, 1951)."""

    name: str | None = Arg(NAME, default="kl_divergence")


class Poisson(Metric):
    """mean(p - y * log(p)), for counts."""

    name: str | None = Arg(NAME, default="poisson")


class BinaryCrossentropy(Metric):
    """-y * log(p) - (1 - y) * log(1 - p), for yes or no."""

    aliases = ("bce", "BCE")
    name: str | None = Arg(NAME, default="binary_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    label_smoothing: float = Arg(Number(0, 1), default=0)


class CategoricalCrossentropy(ClassMetric):
    """-sum(y * log(p)) along `axis`."""

    name: str | None = Arg(NAME, default="categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    label_smoothing: float = Arg(Number(0, 1), default=0)
    axis: int = Arg(Integer(), default=-1)


class SparseCategoricalCrossentropy(SparseMetric):
    """-log of the score of the right class, whose number is the target."""

    name: str | None = Arg(NAME, default="sparse_categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    ignore_class: int | None = Arg(Integer().or_none(), default=None)
    axis: int = Arg(Integer(), default=-1)
