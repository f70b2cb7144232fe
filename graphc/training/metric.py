"""The base of metrics, and what several of them share."""

from __future__ import annotations

from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.rules import Each, Integer, Number, Text
from graphc.ir.types import TensorType
from graphc.training.definitions import named
from graphc.training.loss import DTYPE
from graphc.training.outputs import need_axis, need_classes, without_axis

NAME = Text().or_none()
THRESHOLDS = Each(Number(0, 1), or_one=True, no_tuple=True).or_none()


class Metric(Definition, abstract=True):
    """The base of metrics: what is told of a model's outputs, and not trained for."""

    family = "metric"
    kind_text = "a metric"
    argument_order: ClassVar[tuple[str, ...] | None] = None
    direction: ClassVar[str | None] = "down"
    """Whether "up" or "down" is better, where that is known."""
    default_dtype: ClassVar[str] = "float32"
    """What `dtype` is where it is None."""

    # Without annotations: to mypy, the metrics that have arguments before these declare them first.
    name = Arg(NAME, default=None)
    dtype = Arg(DTYPE, default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the metric cannot be computed from such an output."""

    def target_type(self, output: TensorType) -> TensorType:
        """What the targets have to be, for an output that fits."""
        return output


class ClassMetric(Metric, abstract=True):
    """A metric of scores of classes; targets have a 1 for the right one."""

    help_text: ClassVar[str] = (
        "for one score use BinaryAccuracy; otherwise the last layer needs as many units as there "
        "are classes"
    )

    @property
    def class_axis(self) -> int:
        """The axis along which the classes are."""
        axis: int = getattr(self, "axis", -1)
        return axis

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 on fewer than two classes."""
        need_classes(output, self.class_axis, self.help_text)


class SparseMetric(ClassMetric, abstract=True):
    """A metric of scores of classes; targets are the numbers of the right ones."""

    def target_type(self, output: TensorType) -> TensorType:
        """Class numbers: the output without the axis of its classes."""
        axis = need_classes(output, self.class_axis, self.help_text)
        return TensorType(without_axis(output, axis), "int32")


class AxisMetric(Metric, abstract=True):
    """A metric that takes one axis together."""

    axis = Arg(Integer(), default=-1)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the output has no such axis."""
        need_axis(output, self.axis)


class AutoAccuracy(Metric, abstract=True):
    """`metrics = [accuracy]`: the accuracy that the output and the targets call for.

    One score is binary; otherwise targets may be class numbers or have a 1 for the right class.
    """

    direction = "up"
    type_name = "accuracy"

    def __str__(self) -> str:
        return "accuracy"


METRIC = named("metric", {"accuracy": AutoAccuracy, "acc": AutoAccuracy})
"""The rule for one metric: its name, or an instance."""
