"""What a query may attend to: the masks of attention layers, combined as Keras does it."""

from __future__ import annotations

from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, shape_text
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.arithmetic import absolute, less, logical_and
from graphc.ops.convert import cast
from graphc.ops.creation import iota, lower_triangle
from graphc.ops.shaping import expand_dims, to_shape
from graphc.record import Record


class Masks(Record):
    """The masks of one call: of steps [B, T] or [B, S], and of pairs [B, T, S]."""

    query: Tensor | None
    value: Tensor | None
    key: Tensor | None
    attention: Tensor | None
    is_causal: bool
    window: int | None

    def combined(self, targets: Dim, sources: Dim) -> Tensor | None:
        """Give the pairs [B, T, S] that all masks allow; None where there is no mask."""
        parts = []
        if self.attention is not None:
            parts.append(cast(self.attention, "bool"))
        if self.query is not None:
            parts.append(expand_dims(cast(self.query, "bool"), -1))
        parts += [
            expand_dims(cast(mask, "bool"), -2)
            for mask in (self.value, self.key)
            if mask is not None
        ]
        if self.is_causal:
            parts.append(causal_mask(targets, sources))
        if self.window is not None:
            parts.append(_band(targets, sources, self.window))
        result = None
        for part in parts:
            result = part if result is None else logical_and(result, part)
        return result


def causal_mask(targets: Dim, sources: Dim) -> Tensor:
    """Make the mask [1, T, S] that hides from each step those after it."""
    return to_shape(lower_triangle(targets, sources), (1, targets, sources))


def _band(targets: Dim, sources: Dim, width: int) -> Tensor:
    """Make the mask [1, T, S] of the steps less than `width` away."""
    distance = iota((1, targets, 1), axis=1) - iota((1, 1, sources), axis=2)
    return less(absolute(distance), width)


def aligned(mask: Tensor, shape: Shape, attended: int = 1) -> Tensor:
    """Add axes of 1 before the attended ones, for heads, until the mask fits scores of a shape.

    Raises `Fault` where it does not broadcast to them.
    """
    widened = mask
    while widened.rank < len(shape):
        widened = expand_dims(widened, -2 * attended - 1 if widened.rank >= 2 * attended else 0)
    fits = widened.rank == len(shape) and all(
        dim == 1 or merge_dims(dim, wanted) is not None
        for dim, wanted in zip(widened.shape, shape, strict=True)
    )
    if not fits:
        pairs = (shape[0], *shape[-2 * attended :])
        raise Fault(
            SHAPE_MISMATCH,
            f"needs an `attention_mask` that broadcasts to {shape_text(pairs)}, got {mask.type}",
            inputs=("attention_mask",),
        )
    return widened
