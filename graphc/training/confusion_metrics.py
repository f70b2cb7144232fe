"""Metrics of yes-or-no decisions at thresholds: `keras.metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, OneOf, Positive
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.activation import sigmoid
from graphc.ops.arithmetic import equal, logical_and, maximum, minimum, where
from graphc.ops.convert import as_tensor
from graphc.ops.elementary import log
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import max_, mean, sum_
from graphc.ops.rounding import divide_no_nan
from graphc.training.confusion import Confusion, Decisions, listed, spread
from graphc.training.metric import NAME, THRESHOLDS, Metric, States
from graphc.training.outputs import mismatch, need_rank


class _Confused(Metric, abstract=True):
    """A metric of true and false positives and negatives, at one threshold or more."""

    kept: ClassVar[tuple[str, ...]] = Confusion.__fields__
    """Which of the four are remembered."""

    def decisions(self, output: TensorType) -> Decisions:
        """What is decided, at which thresholds."""
        raise NotImplementedError(type(self).__name__)

    def state_types(self, output: TensorType) -> tuple[TensorType, ...]:
        """The counts that are kept, at each threshold."""
        shape = self.decisions(output).shape
        return (TensorType(shape, self.state_dtype),) * len(self.kept)

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        found = self.decisions(output.type).count(target, output, weight, self.state_dtype)
        return tuple(
            state + getattr(found, name) for state, name in zip(states, self.kept, strict=True)
        )


class _Count(_Confused, abstract=True):
    """How many decisions are of a kind, at each threshold."""

    direction = None
    argument_order = ("thresholds",)
    thresholds = Arg(THRESHOLDS, default=None)

    def decisions(self, output: TensorType) -> Decisions:
        return Decisions(listed(self.thresholds, 0.5))

    def result(self, states: States) -> Tensor:
        return _single(states[0])


class TruePositives(_Count):
    """How many outputs above the threshold have target 1."""

    kept = ("true_positives",)


class TrueNegatives(_Count):
    """How many outputs below the threshold have target 0."""

    kept = ("true_negatives",)


class FalsePositives(_Count):
    """How many outputs above the threshold have target 0."""

    kept = ("false_positives",)


class FalseNegatives(_Count):
    """How many outputs below the threshold have target 1."""

    kept = ("false_negatives",)


class _OneClass(_Confused, abstract=True):
    """A metric that may look at one class of several."""

    direction = "up"
    class_id = Arg(NonNegative().or_none(), default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 where there is no class `class_id`."""
        if self.class_id is None:
            return
        if output.rank < 2 or at_least(output.shape[-1], self.class_id + 1) is False:
            raise mismatch(f"a class {self.class_id} along the last axis", output)


class _Decisions(_OneClass, abstract=True):
    """Precision and recall, at thresholds or among the `top_k` largest scores."""

    argument_order = ("thresholds", "top_k", "class_id")
    thresholds = Arg(THRESHOLDS, default=None)
    top_k = Arg(Positive().or_none(), default=None)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 on fewer than `top_k` scores."""
        super().check_output(output)
        if self.top_k is not None and at_least(output.shape[-1], self.top_k) is False:
            raise mismatch(f"at least {self.top_k} scores, as `top_k` is {self.top_k}", output)

    def decisions(self, output: TensorType) -> Decisions:
        thresholds = listed(self.thresholds, 0.5 if self.top_k is None else -1e10)
        return Decisions(thresholds, self.top_k, self.class_id)

    def result(self, states: States) -> Tensor:
        right, wrong = states
        return _single(divide_no_nan(right, right + wrong))


class Precision(_Decisions):
    """Of what is said to be true, the part that is."""

    kept = ("true_positives", "false_positives")


class Recall(_Decisions):
    """Of what is true, the part that is said to be."""

    kept = ("true_positives", "false_negatives")


class _AtPoint(_OneClass, abstract=True):
    """One rate where another has a given value, over `num_thresholds` thresholds."""

    num_thresholds = Arg(Positive(), default=200)

    def decisions(self, output: TensorType) -> Decisions:
        count = self.num_thresholds
        thresholds = (0.5,) if count == 1 else (0.0, *spread(count), 1.0)
        return Decisions(thresholds, class_id=self.class_id)

    def best(self, rate: Tensor, where_this: Tensor, is_at_least: float) -> Tensor:
        """The best rate where another one is large enough; 0 where it never is."""
        return maximum(max_(where(where_this >= is_at_least, rate, 0)), 0)


FRACTION = Number(0, 1)


class SensitivityAtSpecificity(_AtPoint):
    """The best sensitivity where the specificity is at least as given."""

    argument_order = ("specificity", "num_thresholds", "class_id")
    specificity: float = Arg(FRACTION)

    def result(self, states: States) -> Tensor:
        found = Confusion(*states)
        return self.best(found.recall, found.specificity, self.specificity)


class SpecificityAtSensitivity(_AtPoint):
    """The best specificity where the sensitivity is at least as given."""

    argument_order = ("sensitivity", "num_thresholds", "class_id")
    sensitivity: float = Arg(FRACTION)

    def result(self, states: States) -> Tensor:
        found = Confusion(*states)
        return self.best(found.specificity, found.recall, self.sensitivity)


class PrecisionAtRecall(_AtPoint):
    """The best precision where the recall is at least as given."""

    argument_order = ("recall", "num_thresholds", "class_id")
    recall: float = Arg(FRACTION)

    def result(self, states: States) -> Tensor:
        found = Confusion(*states)
        return self.best(found.precision, found.recall, self.recall)


class RecallAtPrecision(_AtPoint):
    """The best recall where the precision is at least as given."""

    argument_order = ("precision", "num_thresholds", "class_id")
    precision: float = Arg(FRACTION)

    def result(self, states: States) -> Tensor:
        found = Confusion(*states)
        return self.best(found.recall, found.precision, self.precision)


def _single(x: Tensor) -> Tensor:
    """The number itself, where there is one threshold."""
    return x[0] if x.shape[0] == 1 else x


class AUC(_Confused):
    """The area under the curve of true against false positives, or of precision against recall."""

    direction = "up"
    argument_order = ("num_thresholds", "curve", "summation_method")
    name: str | None = Arg(NAME, default=None)
    num_thresholds: int = Arg(Integer(2), default=200)
    curve: str = Arg(OneOf(("ROC", "PR", "PRGAIN", "roc", "pr", "prgain")), default="ROC")
    summation_method: str = Arg(
        OneOf(("interpolation", "minoring", "majoring", "Interpolation", "Minoring", "Majoring")),
        default="interpolation",
    )
    thresholds: tuple[float, ...] | None = Arg(Each(Number(0, 1)).or_none(), default=None)
    multi_label: bool = Arg(Flag(), default=False)
    num_labels: int | None = Arg(Positive().or_none(), default=None)
    label_weights: tuple[float, ...] | None = Arg(Each(Number(0)).or_none(), default=None)
    from_logits: bool = Arg(Flag(), default=False)

    def validate(self) -> None:
        """Labels are numbered only where there are several."""
        if self.num_labels is not None and not self.multi_label:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `num_labels` only where `multi_label` is True, got both "
                f"num_labels={self.num_labels} and multi_label=False",
                arguments=("num_labels", "multi_label"),
            )

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless several labels are what the output has."""
        if not self.multi_label:
            return
        need_rank(output, 2, "batch, labels")
        size = output.shape[1]
        for given, name in ((self.num_labels, "num_labels"), (self._weights, "label_weights")):
            if given is not None and isinstance(size, int) and size != given:
                raise mismatch(f"{given} labels, as `{name}` says", output)

    @property
    def _weights(self) -> int | None:
        return None if self.label_weights is None else len(self.label_weights)

    def decisions(self, output: TensorType) -> Decisions:
        inner = spread(self.num_thresholds) if self.thresholds is None else sorted(self.thresholds)
        # Every score is above the first threshold, and none above the last.
        thresholds = (-EPSILON, *inner, 1 + EPSILON)
        if self.multi_label:
            return Decisions(thresholds, labels=output.shape[1])
        return Decisions(thresholds, label_weights=self.label_weights)

    def update(
        self, states: States, target: Tensor, output: Tensor, weight: Tensor | None = None
    ) -> States:
        output = sigmoid(output) if self.from_logits else output
        return super().update(states, target, output, weight)

    def result(self, states: States) -> Tensor:
        found = Confusion(*states)
        curve, method = self.curve.upper(), self.summation_method.lower()
        if curve == "PR" and method == "interpolation":
            areas = _precision_areas(found)
        else:
            x, y = _CURVES[curve](found)
            areas = (x[:-1] - x[1:]) * _HEIGHTS[method](y[:-1], y[1:])
        if not self.multi_label:
            return sum_(areas)
        labels = sum_(areas, 0)
        if self.label_weights is None:
            return mean(labels)
        weights = as_tensor(self.label_weights, labels.dtype)
        return divide_no_nan(sum_(labels * weights), sum_(weights))


def _precision_areas(found: Confusion) -> Tensor:
    """Areas under precision, where the counts go from one threshold to the next in a line.

    (Davis and Goadrich, 2006)
    """
    right, said = found.true_positives, found.true_positives + found.false_positives
    more = right[:-1] - right[1:]
    slope = divide_no_nan(more, maximum(said[:-1] - said[1:], 0))
    start = right[1:] - slope * said[1:]
    both = logical_and(said[:-1] > 0, said[1:] > 0)
    ratio = where(both, divide_no_nan(said[:-1], maximum(said[1:], 0)), 1)
    true = right[1:] + found.false_negatives[1:]
    return divide_no_nan(slope * (more + start * log(ratio)), maximum(true, 0))


def _gains(found: Confusion) -> tuple[Tensor, Tensor]:
    """Recall and precision as gains over saying always that it is true (Flach and Kull, 2015)."""
    right, missed, extra = found.true_positives, found.false_negatives, found.false_positives
    odds = divide_no_nan(right + missed, found.true_negatives + extra)
    is_none = equal(right, 0)
    recall = where(is_none, 0, 1 - odds * divide_no_nan(missed, right))
    precision = where(is_none, 1, 1 - odds * divide_no_nan(extra, right))
    return maximum(recall, 0), precision


_CURVES: dict[str, Callable[[Confusion], tuple[Tensor, Tensor]]] = {
    "ROC": lambda found: (found.fall_out, found.recall),
    "PR": lambda found: (found.recall, found.precision),
    "PRGAIN": _gains,
}
_HEIGHTS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "interpolation": lambda a, b: (a + b) / 2,
    "minoring": minimum,
    "majoring": maximum,
}
