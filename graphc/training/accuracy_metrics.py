"""How often outputs are right: the accuracies of `keras.metrics`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Number, Positive
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.arithmetic import equal
from graphc.ops.convert import cast
from graphc.ops.reduction import any_, argmax
from graphc.ops.shaping import expand_dims, squeeze
from graphc.ops.sorting import in_top_k
from graphc.training.metric import NAME, ClassMetric, Metric, SparseMetric
from graphc.training.outputs import same_rank


class Accuracy(Metric):
    """How often outputs equal targets."""

    direction = "up"
    name: str | None = Arg(NAME, default="accuracy")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return _matches(*same_rank(cast(target, output.dtype), output))


class BinaryAccuracy(Metric):
    """How often outputs above `threshold` are where targets are 1."""

    direction = "up"
    name: str | None = Arg(NAME, default="binary_accuracy")
    threshold: float = Arg(Number(0, 1), default=0.5)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        target, output = same_rank(target, output)
        return _matches(target, cast(output > self.threshold, target.dtype))


class CategoricalAccuracy(ClassMetric):
    """How often the largest score is the right class; targets have a 1 for it."""

    direction = "up"
    name: str | None = Arg(NAME, default="categorical_accuracy")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return _matches(argmax(target, -1), argmax(output, -1))


class SparseCategoricalAccuracy(SparseMetric):
    """How often the largest score is the right class, whose number is the target."""

    direction = "up"
    name: str | None = Arg(NAME, default="sparse_categorical_accuracy")

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        chosen = argmax(output, -1)
        return _matches(_class_numbers(target, output), cast(chosen, target.dtype))


class TopKCategoricalAccuracy(ClassMetric):
    """How often the right class is among the `k` largest scores; targets have a 1 for it."""

    direction = "up"
    argument_order = ("k",)
    name: str | None = Arg(NAME, default="top_k_categorical_accuracy")
    k: int = Arg(Positive(), default=5)

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        return cast(in_top_k(argmax(target, -1), output, self.k), "float32")


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

    def values(self, target: Tensor, output: Tensor) -> Tensor:
        target = _class_numbers(target, output)
        if self.from_sorted_ids:
            found = equal(expand_dims(cast(target, output.dtype), -1), output[..., : self.k])
            return cast(any_(found, -1), "float32")
        return cast(in_top_k(cast(target, "int32"), output, self.k), "float32")


def _matches(target: Tensor, output: Tensor) -> Tensor:
    return cast(equal(target, output), "float32")


def _class_numbers(target: Tensor, output: Tensor) -> Tensor:
    """Targets without an axis of 1 that stands where the output has its classes."""
    return squeeze(target, -1) if target.rank == output.rank and target.shape[-1] == 1 else target
