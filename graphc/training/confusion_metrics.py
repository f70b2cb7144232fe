"""Metrics of yes-or-no decisions at thresholds: `keras.metrics`."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, NonNegative, Number, OneOf, Positive
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.types import TensorType
from graphc.training.metric import NAME, THRESHOLDS, Metric
from graphc.training.outputs import mismatch, need_rank


class _Count(Metric, abstract=True):
    """How many decisions are of a kind, at each threshold."""

    direction = None
    argument_order = ("thresholds",)
    thresholds = Arg(THRESHOLDS, default=None)


class TruePositives(_Count):
    """How many outputs above the threshold have target 1."""


class TrueNegatives(_Count):
    """How many outputs below the threshold have target 0."""


class FalsePositives(_Count):
    """How many outputs above the threshold have target 0."""


class FalseNegatives(_Count):
    """How many outputs below the threshold have target 1."""


class _OneClass(Metric, abstract=True):
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


class Precision(_Decisions):
    """Of what is said to be true, the part that is."""


class Recall(_Decisions):
    """Of what is true, the part that is said to be."""


class _AtPoint(_OneClass, abstract=True):
    """One rate where another has a given value, over `num_thresholds` thresholds."""

    num_thresholds = Arg(Positive(), default=200)


FRACTION = Number(0, 1)


class SensitivityAtSpecificity(_AtPoint):
    """The best sensitivity where the specificity is at least as given."""

    argument_order = ("specificity", "num_thresholds", "class_id")
    specificity: float = Arg(FRACTION)


class SpecificityAtSensitivity(_AtPoint):
    """The best specificity where the sensitivity is at least as given."""

    argument_order = ("sensitivity", "num_thresholds", "class_id")
    sensitivity: float = Arg(FRACTION)


class PrecisionAtRecall(_AtPoint):
    """The best precision where the recall is at least as given."""

    argument_order = ("recall", "num_thresholds", "class_id")
    recall: float = Arg(FRACTION)


class RecallAtPrecision(_AtPoint):
    """The best recall where the precision is at least as given."""

    argument_order = ("precision", "num_thresholds", "class_id")
    precision: float = Arg(FRACTION)


class AUC(Metric):
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
