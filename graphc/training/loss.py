"""The base of losses, and what several of them share."""

from __future__ import annotations

from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import DType, Flag, Integer, Number, OneOf, Text
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.training.outputs import need_axis, need_classes, need_fractions, without_axis

REDUCTION = OneOf(
    ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")
).or_none()
DTYPE = DType(policies=True).or_none()


class Loss(Definition, abstract=True):
    """The base of losses: a number for how far an output is from its target."""

    family = "loss"
    kind_text = "a loss"
    argument_order: ClassVar[tuple[str, ...] | None] = None
    target_bounds: ClassVar[tuple[float, float] | None] = None
    """Targets outside these mean nothing to the loss; None where all numbers mean something."""
    takes_shorter_targets: ClassVar[bool] = False
    """Whether the last axis of targets may be shorter than `target_type` has it."""

    # Without annotations: to mypy, the losses that have arguments before these declare them first.
    reduction = Arg(REDUCTION, default="sum_over_batch_size")
    name = Arg(Text().or_none(), default=None)
    dtype = Arg(DTYPE, default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the loss cannot be computed from such an output."""
        need_fractions(output)

    def target_type(self, output: TensorType) -> TensorType:
        """What the targets have to be, for an output that fits."""
        return output

    def class_count(self, output: TensorType) -> Dim | None:
        """How many classes there are, where the targets are numbers of classes from 0."""
        return None

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """The loss of each example, or of each place in it: what `reduction` takes together.

        A mask on the result leaves out those that do not count.
        """
        raise NotImplementedError


class ClassLoss(Loss, abstract=True):
    """A loss over scores of classes; targets have a 1 for the right one."""

    help_text: ClassVar[str] = (
        "for two classes and one score use BinaryCrossentropy; otherwise the last layer needs as "
        "many units as there are classes"
    )

    @property
    def class_axis(self) -> int:
        """The axis along which the classes are."""
        axis: int = getattr(self, "axis", -1)
        return axis

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 on fewer than two classes."""
        super().check_output(output)
        need_classes(output, self.class_axis, self.help_text)


class SparseLoss(ClassLoss, abstract=True):
    """A loss over scores of classes; targets are the numbers of the right ones."""

    def target_type(self, output: TensorType) -> TensorType:
        """Class numbers: the output without the axis of its classes."""
        axis = need_classes(output, self.class_axis, self.help_text)
        return TensorType(without_axis(output, axis), "int32")

    def class_count(self, output: TensorType) -> Dim | None:
        """As many as the output has scores."""
        return output.shape[self.class_axis]


class AxisLoss(Loss, abstract=True):
    """A loss that takes one axis together."""

    axis = Arg(Integer(), default=-1)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where the output has no such axis."""
        super().check_output(output)
        need_axis(output, self.axis)


class CrossentropyArguments(Loss, abstract=True):
    """What the crossentropies have before the rest."""

    target_bounds = (0.0, 1.0)
    from_logits = Arg(Flag(), default=False)
    label_smoothing = Arg(Number(0, 1), default=0.0)


class AutoCrossentropy(ClassLoss, abstract=True):
    """`loss = crossentropy`: of the three, the one that the output and the targets call for."""

    type_name = "crossentropy"

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where none of the three can be computed."""
        need_fractions(output)

    def kind(self, target: Shape, output: Shape) -> Loss:
        """The one of the three that is meant with targets of this shape."""
        from graphc.training import classification_losses as kinds  # it imports this module

        if output[-1] == 1:
            return kinds.BinaryCrossentropy()
        if len(target) < len(output) or target[-1] == 1:
            return kinds.SparseCategoricalCrossentropy()
        return kinds.CategoricalCrossentropy()

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        """As the one of the three does."""
        return self.kind(target.shape, output.shape).values(target, output)

    def __str__(self) -> str:
        return "crossentropy"


LOSS = named("loss", {"crossentropy": AutoCrossentropy, "ce": AutoCrossentropy})
"""The rule for one loss: its name, or an instance."""
