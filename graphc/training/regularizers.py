"""Penalties on the size of weights and outputs: `keras.regularizers`."""

from __future__ import annotations

from math import inf
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import REJECTED, Number, OneOf
from graphc.diagnostics.codes import RANK_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import eye
from graphc.ops.elementary import square
from graphc.ops.linear_algebra import matmul
from graphc.ops.normalization import normalize
from graphc.ops.reduction import sum_
from graphc.ops.rounding import divide_no_nan
from graphc.ops.shaping import transpose


class Strength(Number):
    """A number of at least 0 that is not infinite."""

    def accept(self, value: Any) -> Any:
        accepted = super().accept(value)
        return REJECTED if accepted == inf else accepted

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (*super().invalid, inf)


STRENGTH = Strength(0)


class Regularizer(Definition, abstract=True):
    """The base of regularizers."""

    family = "regularizer"
    kind_text = "a regularizer"

    def penalty(self, x: Tensor) -> Tensor:
        """What a weight adds to the loss: a scalar."""
        raise NotImplementedError(type(self).__name__)

    def penalty_per_example(self, x: Tensor) -> Tensor:
        """What an output adds to the loss: over its batch, so that its size does not count."""
        penalty = self.penalty(x)
        return divide_no_nan(penalty, as_tensor(x.shape[0], penalty.dtype)) if x.rank else penalty


class L1(Regularizer):
    """l1 * sum(|x|)."""

    l1: float = Arg(STRENGTH, default=0.01)

    def penalty(self, x: Tensor) -> Tensor:
        """A multiple of the sum of sizes."""
        return _multiple(self.l1, absolute(x))


class L2(Regularizer):
    """l2 * sum(x²)."""

    l2: float = Arg(STRENGTH, default=0.01)

    def penalty(self, x: Tensor) -> Tensor:
        """A multiple of the sum of squares."""
        return _multiple(self.l2, square(x))


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x²)."""

    aliases = ("l1_l2",)
    l1: float = Arg(STRENGTH, default=0.0)
    l2: float = Arg(STRENGTH, default=0.0)

    def penalty(self, x: Tensor) -> Tensor:
        """Multiples of both sums; infinite elements count only for what has a multiple."""
        total = as_tensor(0.0, x.dtype)
        if self.l1:
            total = total + _multiple(self.l1, absolute(x))
        if self.l2:
            total = total + _multiple(self.l2, square(x))
        return total


class OrthogonalRegularizer(Regularizer):
    """Pushes rows or columns towards being orthogonal."""

    aliases = ("orthogonal_regularizer",)
    factor: float = Arg(STRENGTH, default=0.01)
    mode: str = Arg(OneOf(("rows", "columns")), default="rows")

    def penalty(self, x: Tensor) -> Tensor:
        """A multiple of the mean size of the cosines between two rows, or two columns."""
        if x.rank != 2:
            raise Fault(
                RANK_MISMATCH,
                f"needs a matrix for its OrthogonalRegularizer, got {x.type}",
                label=f"needs rank 2, got rank {x.rank}",
            )
        vectors = x if self.mode == "rows" else transpose(x)
        count = vectors.shape[0]
        if not isinstance(count, int):
            raise Fault(
                UNKNOWN_SIZE,
                f"needs a known number of {self.mode} for its OrthogonalRegularizer, got {x.type}",
            )
        vectors = normalize(vectors, axis=1)
        cosines = matmul(vectors, transpose(vectors)) * (1 - eye(count, dtype=vectors.dtype))
        pairs = count * (count - 1.0) / 2
        return self.factor * 0.5 * sum_(absolute(cosines)) / pairs


def _multiple(factor: float, x: Tensor) -> Tensor:
    """A multiple of the sum of x, in its dtype."""
    return cast(as_tensor(factor, "float32"), x.dtype) * sum_(x)


REGULARIZER = named("regularizer").or_none()
"""The rule for `…_regularizer=` arguments."""
