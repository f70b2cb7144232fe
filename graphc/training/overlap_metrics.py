"""How much of two regions overlaps: the intersections over unions of `keras.metrics`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, Positive
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.arithmetic import logical_and, not_equal, where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.diagonals import diag
from graphc.ops.gathering import take
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import argmax, sum_
from graphc.ops.segments import segment_sum
from graphc.ops.shaping import broadcasted, reshape
from graphc.training.metric import Metric, States
from graphc.training.outputs import insert_axis, mismatch, need_axis, without_axis

TARGETS = Each(NonNegative())


class _Table(Metric, abstract=True):
    """Intersection over union of regions: how much of two masks overlaps.

    It follows from how many places of each class were taken for each.
    """

    default_dtype = "int32"
    direction = "up"

    @property
    def class_count(self) -> int:
        """How many classes there are."""
        raise NotImplementedError(type(self).__name__)

    def class_numbers(self, target: Tensor, output: Tensor) -> tuple[Tensor, Tensor]:
        """The right class and the one taken for it, at each place."""
        raise NotImplementedError(type(self).__name__)

    def state_types(self, output: TensorType) -> tuple[TensorType, ...]:
        """A row for each class, a column for each that it was taken for."""
        return (TensorType((self.class_count, self.class_count), self.state_dtype),)

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        dtype, count = self.state_dtype, self.class_count
        truth, said = (
            reshape(cast(each, "int32"), (-1,)) for each in self.class_numbers(target, output)
        )
        weighs = as_tensor(1, dtype) if weight is None else cast(weight, dtype)
        if weighs.rank > 1:
            weighs = reshape(weighs, (-1,))
        is_known = logical_and(
            logical_and(truth >= 0, truth < count), logical_and(said >= 0, said < count)
        )
        ignored = getattr(self, "ignore_class", None)
        if ignored is not None:
            is_known = logical_and(is_known, not_equal(truth, ignored))
        cell = where(is_known, truth * count + said, -1)
        found = segment_sum(broadcasted(weighs, truth.shape), cell, count * count)
        return (states[0] + reshape(found, (count, count)),)

    def result(self, states: States) -> Tensor:
        (table,) = states
        both = diag(table)
        either = sum_(table, 0) + sum_(table, 1) - both
        chosen = getattr(self, "target_class_ids", tuple(range(self.class_count)))
        both, either = (
            cast(take(each, as_tensor(chosen, "int32")), "float32") for each in (both, either)
        )
        is_there = either > 1e-9
        overlap = where(is_there, both / (either + EPSILON), 0)
        return sum_(overlap) / (sum_(cast(is_there, "float32")) + EPSILON)


class Overlap(_Table, abstract=True):
    """The overlap of classes; outputs are class numbers, or scores of classes along `axis`."""

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

    @property
    def class_count(self) -> int:
        count: int = self.num_classes
        return count

    def class_numbers(self, target: Tensor, output: Tensor) -> tuple[Tensor, Tensor]:
        if not getattr(self, "sparse_y_true", False):
            target = argmax(target, self.axis)
        return target, output if self.sparse_y_pred else argmax(output, self.axis)


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


class BinaryIoU(_Table):
    """The mean overlap of outputs above and below a threshold with targets 1 and 0."""

    argument_order = ("target_class_ids", "threshold")
    target_class_ids: tuple[int, ...] = Arg(Each(Integer(0, 1)), default=(0, 1))
    threshold: float = Arg(Number(), default=0.5)

    @property
    def class_count(self) -> int:
        return 2

    def class_numbers(self, target: Tensor, output: Tensor) -> tuple[Tensor, Tensor]:
        return target, cast(output, "float32") >= self.threshold
