"""Losses over classes: `keras.losses`.

In the formulas y is the target and p the output, with `from_logits` a score before sigmoid or
softmax.
"""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Each, Flag, Integer, Number
from graphc.ir.types import TensorType
from graphc.training.loss import AxisLoss, ClassLoss, CrossentropyArguments, SparseLoss
from graphc.training.losses import NAME
from graphc.training.outputs import mismatch

FOCUS = Number(0)


class BinaryCrossentropy(CrossentropyArguments, AxisLoss):
    """-y * log(p) - (1 - y) * log(1 - p), for yes or no."""

    aliases = ("bce", "BCE")
    argument_order = ("from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="binary_crossentropy")


class BinaryFocalCrossentropy(CrossentropyArguments, AxisLoss):
    """Binary crossentropy with less weight on what is right already (Lin et al., 2018)."""

    argument_order = (
        *("apply_class_balancing", "alpha", "gamma"),
        *("from_logits", "label_smoothing", "axis"),
    )
    name: str | None = Arg(NAME, default="binary_focal_crossentropy")
    apply_class_balancing: bool = Arg(Flag(), default=False)
    alpha: float = Arg(Number(0, 1), default=0.25)
    gamma: float = Arg(FOCUS, default=2.0)


class CategoricalCrossentropy(CrossentropyArguments, ClassLoss):
    """-sum(y * log(p)) along `axis`."""

    argument_order = ("from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="categorical_crossentropy")
    axis: int = Arg(Integer(), default=-1)


class CategoricalFocalCrossentropy(CrossentropyArguments, ClassLoss):
    """Categorical crossentropy with less weight on what is right already (Lin et al., 2018)."""

    argument_order = ("alpha", "gamma", "from_logits", "label_smoothing", "axis")
    name: str | None = Arg(NAME, default="categorical_focal_crossentropy")
    alpha: float | tuple[float, ...] = Arg(Each(Number(0), or_one=True), default=0.25)
    gamma: float = Arg(FOCUS, default=2.0)
    axis: int = Arg(Integer(), default=-1)

    def check_output(self, output: TensorType) -> None:
        """Raise `Fault` E0602 unless `alpha` has a weight for each class, or one for all."""
        super().check_output(output)
        classes = output.shape[self.axis]
        given = len(self.alpha) if isinstance(self.alpha, tuple) else 1
        if given not in (1, classes) and isinstance(classes, int):
            raise mismatch(f"as many classes as `alpha` has weights, {given}", output)


class SparseCategoricalCrossentropy(SparseLoss):
    """-log of the score of the right class, whose number is the target."""

    argument_order = ("from_logits", "ignore_class", "reduction", "axis")
    name: str | None = Arg(NAME, default="sparse_categorical_crossentropy")
    from_logits: bool = Arg(Flag(), default=False)
    ignore_class: int | None = Arg(Integer().or_none(), default=None)
    axis: int = Arg(Integer(), default=-1)


class CategoricalHinge(ClassLoss):
    """max(1 + the best wrong score - the right one, 0)."""

    name: str | None = Arg(NAME, default="categorical_hinge")


class CategoricalGeneralizedCrossEntropy(SparseLoss):
    """(1 - p^q) / q for the score p of the right class, robust to wrong labels.

    (Zhang and Sabuncu, 2018)
    """

    argument_order = ("q",)
    name: str | None = Arg(NAME, default="categorical_generalized_cross_entropy")
    q: float = Arg(Number(0, 1, open_low=True, open_high=True), default=0.5)
