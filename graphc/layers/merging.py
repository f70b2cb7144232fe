"""Layers that make one tensor of several, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from graphc.declare.layer import Layer
from graphc.declare.needs import Several
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.shapes import broadcast_shapes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import add, logical_or, maximum, minimum, multiply, subtract, where
from graphc.ops.convert import cast
from graphc.ops.shaping import broadcasted, to_shape


class Merge(Layer, abstract=True):
    """Element by element; axes of size 1 are repeated, and lower ranks get axes after the batch.

    [N, b, c] with [N, c] is [N, b, c] with [N, 1, c]: as in Keras, and unlike NumPy, batches
    always meet batches.
    """

    category = "merging"
    supports_masking = True
    needs = {"inputs": Several(1)}

    def call(self, scope: Scope, inputs: list[Tensor]) -> Tensor:
        """[N, ...] several times -> [N, ...]."""
        rank = max(x.rank for x in inputs)
        aligned = [_with_rank(x, rank) for x in computed(self, inputs)]
        try:
            broadcast_shapes(*[x.shape for x in aligned])
        except Fault as fault:
            raise _unequal(fault, inputs) from None
        return self.merge(aligned)

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """Make one of tensors of one rank, which broadcast."""
        raise NotImplementedError(self.type_name)

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """What any of the masks leaves, if all inputs have one."""
        if mask is None or any(m is None for m in mask):
            return None
        result = mask[0]
        for other in mask[1:]:
            result = logical_or(result, other)
        return result


class Folded(Merge, abstract=True):
    """One function of two tensors, applied from left to right."""

    combine: ClassVar[Callable[..., Tensor]]

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """((a · b) · c) and so on."""
        result = inputs[0]
        for x in inputs[1:]:
            result = type(self).combine(result, x)
        return result


class Add(Folded):
    """The sum of the inputs."""

    combine = staticmethod(add)


class Subtract(Folded):
    """The first input minus the second."""

    combine = staticmethod(subtract)
    needs = {"inputs": Several(2, 2)}


class Average(Folded):
    """The mean of the inputs."""

    combine = staticmethod(add)

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The sum, divided by how many there are."""
        return super().merge(inputs) / len(inputs)


class Multiply(Merge):
    """The product of the inputs, where what a mask hides counts as 1."""

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """Where all inputs are masked, and all masks hide an element, the product is 0."""
        masks = [_spread_mask(x) for x in inputs]
        factors = [x if m is None else where(m, x, 1) for x, m in zip(inputs, masks, strict=True)]
        result = factors[0]
        for factor in factors[1:]:
            result = multiply(result, factor)
        known = [mask for mask in masks if mask is not None]
        if len(known) < len(inputs):
            return result
        kept = known[0]
        for mask in known[1:]:
            kept = logical_or(kept, mask)
        return where(kept, result, 0)


class Extreme(Merge, abstract=True):
    """One function that has no neutral element: what a mask hides gives way to the others."""

    combine: ClassVar[Callable[..., Tensor]]

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """From left to right, each side standing in for what is hidden of the other."""
        result, kept = inputs[0], _spread_mask(inputs[0])
        for x in inputs[1:]:
            mask = _spread_mask(x)
            other = x if mask is None else where(mask, x, result)
            if kept is not None:
                result = where(kept, result, other)
            kept = logical_or(kept, mask) if kept is not None and mask is not None else None
            result = type(self).combine(result, other)
        return result


class Maximum(Extreme):
    """The largest of the inputs."""

    combine = staticmethod(maximum)


class Minimum(Extreme):
    """The smallest of the inputs."""

    combine = staticmethod(minimum)


def computed(layer: Layer, inputs: list[Tensor]) -> list[Tensor]:
    """The inputs in the compute dtype, integers too, with their masks."""
    result = []
    for x in inputs:
        y = cast(x, layer.compute_dtype)
        y.mask = x.mask
        result.append(y)
    return result


def _with_rank(x: Tensor, rank: int) -> Tensor:
    """x with axes of size 1 after the batch; they lose its mask, as in Keras."""
    return to_shape(x, (*x.shape[:1], *(1,) * (rank - x.rank), *x.shape[1:]))


def _spread_mask(x: Tensor) -> Tensor | None:
    """The mask of x in the shape of x: it is the same along the axes that it does not have."""
    mask = x.mask
    if mask is None:
        return None
    return broadcasted(to_shape(mask, mask.shape + (1,) * (x.rank - mask.rank)), x.shape)


def _unequal(fault: Fault, inputs: list[Tensor]) -> Fault:
    shapes = [shape_text(x.shape) for x in inputs]
    listed = f"{', '.join(shapes[:-1])} and {shapes[-1]}"
    return Fault(
        SHAPE_MISMATCH,
        f"needs inputs of one shape, or that broadcast, got {listed}",
        label=fault.label,
        help=fault.help,
        inputs=("inputs",),
    )
