"""Layers that join tensors along an axis, or multiply them."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Several
from graphc.declare.rules import Each, Flag, Integer
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import compare_equal, shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.shapes import (
    difference_help,
    difference_text,
    merge_dims,
    normalize_axis,
)
from graphc.ir.tensor import Tensor
from graphc.layers.merging import computed
from graphc.ops.arithmetic import logical_or
from graphc.ops.creation import ones_like, zeros_like
from graphc.ops.joining import concatenate
from graphc.ops.normalization import normalize
from graphc.ops.reduction import any_
from graphc.ops.shaping import expand_dims, to_shape


class Concatenate(Layer):
    """The inputs one after the other along an axis; their other axes agree."""

    category = "merging"
    axis: int = Arg(Integer(), default=-1)

    supports_masking = True
    needs = {"inputs": Several(1)}

    def call(self, scope: Scope, inputs: list[Tensor]) -> Tensor:
        """[N, …, a, …] and [N, …, b, …] -> [N, …, a + b, …]."""
        first = inputs[0]
        axis = normalize_axis(self.axis, first.rank)
        for number, other in enumerate(inputs[1:], start=1):
            pair = ("inputs.0", f"inputs.{number}")
            if other.rank != first.rank:
                raise Fault(
                    RANK_MISMATCH,
                    f"needs inputs of one rank, got {first.type} and {other.type}",
                    label=f"rank {first.rank} and rank {other.rank}",
                    inputs=pair,
                )
            self._need_agreement(first, other, axis, pair)
        return concatenate(computed(self, inputs), axis)

    def _need_agreement(
        self, first: Tensor, other: Tensor, axis: int, pair: tuple[str, str]
    ) -> None:
        for place, (one, two) in enumerate(zip(first.shape, other.shape, strict=True)):
            if place != axis and merge_dims(one, two) is None:
                other_axis = self._other_axis(first, other)
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs inputs that agree on every axis but axis {axis}, "
                    f"got {shape_text(first.shape)} and {shape_text(other.shape)}",
                    label=f"axis {place}: {difference_text(one, two)}",
                    help=self._conditions(first, other, axis) or other_axis,
                    arguments=("axis",) if other_axis else (),
                    inputs=pair,
                )

    def _conditions(self, first: Tensor, other: Tensor, axis: int) -> str | None:
        """The sizes for which two tensors agree on every other axis."""
        pairs = enumerate(zip(first.shape, other.shape, strict=True))
        conditions = [
            compare_equal(one, two).condition
            for place, (one, two) in pairs
            if place != axis and merge_dims(one, two) is None
        ]
        known = [condition for condition in conditions if condition]
        if len(known) < len(conditions):
            return None
        return f"they agree only where {' and '.join(dict.fromkeys(known))}"

    def _other_axis(self, first: Tensor, other: Tensor) -> str | None:
        """The one axis along which two tensors do join."""
        pairs = zip(first.shape, other.shape, strict=True)
        differing = [place for place, (a, b) in enumerate(pairs) if merge_dims(a, b) is None]
        return f"they agree with axis={differing[0]}" if len(differing) == 1 else None

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The masks joined in the shapes of the inputs, and then any along the last axis."""
        if mask is None or all(m is None for m in mask):
            return None
        spread = [_spread(x, m) for x, m in zip(inputs, mask, strict=True)]
        return any_(concatenate(spread, self.axis), -1)


def _spread(x: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return ones_like(x, dtype="bool")
    if mask.rank < x.rank:
        return logical_or(expand_dims(mask, -1), zeros_like(x, dtype="bool"))
    return mask


class Dot(Layer):
    """The products of two tensors along one axis of each, example by example."""

    category = "merging"
    axes: int | tuple[int, int] = Arg(Each(Integer(), count=2, or_one=True))
    normalize: bool = Arg(Flag(), default=False)

    supports_masking = True
    needs = {"inputs": Several(2, 2)}

    def call(self, scope: Scope, inputs: list[Tensor]) -> Tensor:
        """[N, *a, k, *b] and [N, *c, k, *d] -> [N, *a, *b, *c, *d], or [N, 1] of two vectors."""
        x, y = computed(self, inputs)
        i, j = (self._axis(t, place) for place, t in enumerate((x, y)))
        if merge_dims(x.shape[i], y.shape[j]) is None:
            raise self._unequal(x, y, i, j)
        if self.normalize:
            x, y = normalize(x, axis=i), normalize(y, axis=j)
        result = apply(DOT_GENERAL, x, y, contracting=((i,), (j,)), batch=((0,), (0,)))
        return to_shape(result, (*result.shape, 1)) if result.rank == 1 else result

    def _axis(self, x: Tensor, place: int) -> int:
        given = self.axes if isinstance(self.axes, int) else self.axes[place]
        axis = normalize_axis(given, x.rank, "axes")
        if axis == 0:
            raise Fault(
                AXIS_OUT_OF_RANGE,
                f"needs `axes` other than the batch axis 0, got {given} for {x.type}",
                arguments=("axes",),
            )
        return axis

    def _unequal(self, x: Tensor, y: Tensor, i: int, j: int) -> Fault:
        one, two = x.shape[i], y.shape[j]
        return Fault(
            SHAPE_MISMATCH,
            f"needs axis {i} of {x.type} to be as long as axis {j} of {y.type}, "
            f"got {one} and {two}",
            label=difference_text(one, two),
            help=difference_help(one, two),
            arguments=("axes",),
            inputs=("inputs",),
        )

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The axis that masks belong to may be gone."""
        return None
