"""How often outputs are right: the accuracies, F-scores and overlaps of `keras.metrics`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, OneOf, Positive
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.types import TensorType
from graphc.training.metric import NAME, ClassMetric, Metric, SparseMetric
from graphc.training.outputs import insert_axis, mismatch, need_axis, need_rank, without_axis

FRACTION = Number(0, 1, open_low=True)
TARGETS = Each(NonNegative())


class Accuracy(Metric):
    """How often outputs equal targets."""

    direction = "up"
    name: str | None = Arg(NAME, default="accuracy")


class BinaryAccuracy(Metric):
    """How often outputs above `threshold` are where targets are 1."""

    direction = "up"
    name: str | None = Arg(NAME, default="binary_accuracy")
    threshold: float = Arg(Number(0, 1), default=0.5)


class CategoricalAccuracy(ClassMetric):
    """How often the largest score is the right class; targets have a 1 for it."""

    direction = "up"
    name: str | None = Arg(NAME, default="categorical_accuracy")


class SparseCategoricalAccuracy(SparseMetric):
    """How often the largest score is the right class, whose number is the target."""

    direction = "up"
    name: str | None = Arg(NAME, default="sparse_categorical_accuracy")


class TopKCategoricalAccuracy(ClassMetric):
    """How often the right class is among the `k` largest scores; targets have a 1 for it."""

    direction = "up"
    argument_order = ("k",)
    name: str | None = Arg(NAME, default="top_k_categorical_accuracy")
    k: int = Arg(Positive(), default=5)


class SparseTopKCategoricalAccuracy(SparseMetric):
    """How often the right class, whose number is the target, is among the `k` largest scores."""

    direction = "up"
    argument_order = ("k",)
    name: str | None = Arg(NAME, default="sparse_top_k_categorical_accuracy")
    k: int = Arg(Positive(), default=5)
    from_sorted_ids: bool = Arg(Flag(), default=False)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 on scores of fewer than two classes."""
        if not self.from_sorted_ids:
            super().check_output(output)


class FBetaScore(Metric):
    """(1 + beta²) * precision * recall / (beta² * precision + recall)."""

    direction = "up"
    argument_order = ("average", "beta", "threshold")
    average: str | None = Arg(OneOf(("micro", "macro", "weighted")).or_none(), default=None)
    beta: float = Arg(Number(0, open_low=True), default=1.0)
    threshold: float | None = Arg(FRACTION.or_none(), default=None)
    name: str | None = Arg(NAME, default="fbeta_score")

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there is a known number of scores for each example."""
        _need_scores(output)


class F1Score(Metric):
    """2 * precision * recall / (precision + recall)."""

    direction = "up"
    argument_order = ("average", "threshold")
    average: str | None = Arg(OneOf(("micro", "macro", "weighted")).or_none(), default=None)
    threshold: float | None = Arg(FRACTION.or_none(), default=None)
    name: str | None = Arg(NAME, default="f1_score")

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless there is a known number of scores for each example."""
        _need_scores(output)


def _need_scores(output: TensorType) -> None:
    need_rank(output, 2, "batch, classes")
    if not isinstance(output.shape[1], int):
        raise mismatch("a known number of classes", output)


class Overlap(Metric, abstract=True):
    """Intersection over union of regions: how much of two masks overlaps.

    Outputs are class numbers (`sparse_y_pred`), or scores of classes along `axis`.
    """

    default_dtype = "int32"
    direction = "up"
    num_classes = Arg(Positive())
    ignore_class = Arg(Integer().or_none(), default=None)
    sparse_y_pred = Arg(Flag(), default=True)
    axis = Arg(Integer(), default=-1)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 on scores of more classes than there are."""
        if self.sparse_y_pred:
            return
        axis = need_axis(output, self.axis)
        if axis == 0:
            raise mismatch(f"classes along axis {self.axis}, which is the batch here", output)
        if at_least(output.shape[axis], self.num_classes + 1) is True:
            raise mismatch(f"at most {self.num_classes} classes along axis {self.axis}", output)

    def target_type(self, output: TensorType) -> TensorType:
        """Class numbers, or a 1 for the right class along `axis`."""
        is_sparse = getattr(self, "sparse_y_true", False)
        if is_sparse == self.sparse_y_pred:
            return TensorType(output.shape, "int32")
        if is_sparse:
            return TensorType(without_axis(output, need_axis(output, self.axis)), "int32")
        return TensorType(insert_axis(output.shape, self.axis, self.num_classes), "int32")


class _SomeClasses(Overlap, abstract=True):
    """The overlap of a few classes."""

    target_class_ids = Arg(TARGETS)

    def validate(self) -> None:
        """Every class has to be one of `num_classes`."""
        if not self.target_class_ids or max(self.target_class_ids) >= self.num_classes:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `target_class_ids` below `num_classes`, got {list(self.target_class_ids)} "
                f"and {self.num_classes}",
                arguments=("target_class_ids", "num_classes"),
            )


class IoU(_SomeClasses):
    """The mean overlap of a few classes, for targets that are class numbers."""

    sparse_y_true: bool = Arg(Flag(), default=True)

    argument_order = (
        *("num_classes", "target_class_ids", "name", "dtype", "ignore_class"),
        *("sparse_y_true", "sparse_y_pred", "axis"),
    )


class MeanIoU(Overlap):
    """The mean overlap of all classes, for targets that are class numbers."""

    sparse_y_true: bool = Arg(Flag(), default=True)

    argument_order = (
        *("num_classes", "name", "dtype", "ignore_class"),
        *("sparse_y_true", "sparse_y_pred", "axis"),
    )


class OneHotIoU(_SomeClasses):
    """The mean overlap of a few classes, for targets with a 1 for the right class."""

    argument_order = ("num_classes", "target_class_ids", "name", "dtype", "ignore_class")
    sparse_y_pred = Arg(Flag(), default=False)


class OneHotMeanIoU(Overlap):
    """The mean overlap of all classes, for targets with a 1 for the right class."""

    argument_order = ("num_classes", "name", "dtype", "ignore_class")
    sparse_y_pred = Arg(Flag(), default=False)


class BinaryIoU(Metric):
    """The mean overlap of outputs above and below a threshold with targets 1 and 0."""

    default_dtype = "int32"
    direction = "up"
    argument_order = ("target_class_ids", "threshold")
    target_class_ids: tuple[int, ...] = Arg(Each(Integer(0, 1)), default=(0, 1))
    threshold: float = Arg(Number(), default=0.5)
