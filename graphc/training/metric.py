"""The base of metrics, and what several of them share."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.registry import snake_case
from graphc.declare.rules import Each, Integer, Number, Text
from graphc.ir.dtypes import compute_dtype
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.convert import as_tensor, cast
from graphc.ops.reduction import mean, sum_
from graphc.ops.rounding import divide_no_nan
from graphc.ops.shaping import broadcasted
from graphc.training.loss import DTYPE
from graphc.training.outputs import need_axis, need_classes, same_rank, without_axis
from graphc.training.reduce_loss import weighed

NAME = Text().or_none()
THRESHOLDS = Each(Number(0, 1), or_one=True, no_tuple=True).or_none()


States: TypeAlias = tuple[Tensor, ...]
"""What a metric remembers of the batches so far; all of it begins with 0."""


class Metric(Definition, abstract=True):
    """The base of metrics: what is told of a model's outputs, and not trained for.

    Most are means of `values`; the others say what they remember, and what comes of it.
    """

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

    @property
    def own_name(self) -> str:
        """What it is called in reports, unless it has a `name`."""
        return snake_case(type(self).__name__)

    @property
    def short(self) -> str | None:
        """What stands for it in lists of metrics, where that is a name that it has not by itself."""
        is_own = self.name == type(self).arguments["name"].default
        return None if is_own or METRIC.accept(self.name) != self else self.name

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the metric cannot be computed from such an output."""

    def target_type(self, output: TensorType) -> TensorType:
        """What the targets have to be, for an output that fits."""
        return output

    @property
    def state_dtype(self) -> str:
        """The dtype of what is remembered."""
        return compute_dtype(self.dtype or self.default_dtype)

    def state_types(self, output: TensorType) -> tuple[TensorType, ...]:
        """The types of what is remembered: a total and a count."""
        return (TensorType((), self.state_dtype),) * 2

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """What the mean is taken of: a number for each example, or for each place in it.

        A mask on the result leaves out what does not count, where examples are weighted.
        """
        raise NotImplementedError(type(self).__name__)

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        """What is remembered after a batch, in which examples may weigh differently."""
        total, count = states
        values = self.values(target, output)
        if output.mask is not None:
            weight = _masked(weight, output.mask, self.state_dtype)
        added, counted = _of_examples(values, weight, self.state_dtype)
        return total + sum_(added), count + counted

    def result(self, states: States) -> Tensor:
        """The metric of all batches so far."""
        total, count = states
        return divide_no_nan(total, count)


def _masked(weight: Tensor | None, mask: Tensor, dtype: str) -> Tensor:
    counts = cast(mask, dtype)
    return counts if weight is None else weighed(counts, cast(weight, dtype))


def _of_examples(values: Tensor, weight: Tensor | None, dtype: str) -> tuple[Tensor, Tensor]:
    """A value for each example, times its weight; and how much all examples weigh.

    Where an example has several values, theirs is the mean, and so is the weight.
    """
    mask, values = values.mask, cast(values, dtype)
    if weight is None:
        examples = values.shape[0] if values.rank else 1
        return _means(values, 1), as_tensor(examples, dtype)
    weight = cast(weight, dtype)
    if mask is not None:
        weight = _masked(weight, mask, dtype)
    values, weight = same_rank(values, weight)
    values = _means(values, weight.rank)
    weight = broadcasted(weight, values.shape)
    return _means(values * weight, 1), sum_(_means(weight, 1))


def _means(x: Tensor, rank: int) -> Tensor:
    """Means over the axes behind the first ones."""
    return mean(x, tuple(range(rank, x.rank))) if x.rank > rank else x


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

    @property
    def own_name(self) -> str:
        return "accuracy"

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        from graphc.training import accuracy_metrics as kinds  # it imports this module

        if output.shape[-1] == 1:
            return kinds.BinaryAccuracy().values(target, output)
        if target.rank < output.rank or target.shape[-1] == 1:
            return kinds.SparseCategoricalAccuracy().values(target, output)
        return kinds.CategoricalAccuracy().values(target, output)

    def __str__(self) -> str:
        return "accuracy"


def _called(metric: Metric, name: str) -> Metric:
    return metric if name == metric.own_name else type(metric)(name=name)


METRIC = named("metric", {"accuracy": AutoAccuracy, "acc": AutoAccuracy}, called=_called)
"""The rule for one metric: its name, which reports have too, or an instance."""
