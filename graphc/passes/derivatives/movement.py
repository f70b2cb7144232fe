"""Derivatives of what moves data: the way back."""

from __future__ import annotations

from typing import Any

from graphc.ir.primitives.movement import IOTA, PAD, RESHAPE, REVERSE, SLICE
from graphc.ir.primitives.row import apply
from graphc.ir.shapes import replace_axis
from graphc.ir.tensor import Step, Tensor
from graphc.ir.types import TensorType
from graphc.passes.derivatives.indexing import add_along
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    inverse,
    sum_to,
    transpose,
    zeros,
)


def spread(x: Tensor, axis: int, stride: int) -> Tensor:
    """The elements along an axis with `stride - 1` zeros after each but the last."""
    size = x.shape[axis]
    if stride == 1 or size == 0:
        return x
    shape = x.shape
    apart = apply(RESHAPE, x, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
    widths = tuple((0, (stride - 1) * (i == axis + 1)) for i in range(x.rank + 1))
    filled = apply(PAD, apart, widths=widths, mode="constant")
    joined = apply(RESHAPE, filled, shape=replace_axis(shape, axis, size * stride))
    cut = tuple((0, (1 - stride) * (i == axis)) for i in range(x.rank))
    return apply(PAD, joined, widths=cut, mode="constant")


@derivative("reshape")
def _reshape(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    return (apply(RESHAPE, g, shape=x.shape),)


@derivative("transpose")
def _transpose(step: Step, cotangents: Cotangents) -> Cotangents:
    (g,) = cotangents
    assert g is not None
    return (transpose(g, inverse(step.attributes["permutation"])),)


@derivative("broadcast")
def _broadcast(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    return (sum_to(g, x),)


@derivative("pad")
def _pad(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    widths, mode = step.attributes["widths"], step.attributes["mode"]
    if mode == "constant":
        back = tuple((-before, -after) for before, after in widths)
        return (apply(PAD, g, widths=back, mode="constant"),)
    for axis, width in enumerate(widths):
        if width != (0, 0):
            # Where each element came from: the padding of the places themselves.
            count = TensorType((x.shape[axis],), "int32")
            places = apply(IOTA, shape=count.shape, axis=0, dtype="int32")
            source = apply(PAD, places, widths=(width,), mode=mode)
            g = add_along(zeros(TensorType(replace_axis(g.shape, axis, x.shape[axis]), g.dtype)),
                          source, g, axis)  # fmt: skip
    return (g,)


@derivative("slice")
def _slice(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    attributes: dict[str, Any] = step.attributes
    widths = []
    for axis, (start, size, stride) in enumerate(
        zip(attributes["starts"], attributes["sizes"], attributes["strides"], strict=True)
    ):
        if stride < 0:
            g = apply(REVERSE, g, axes=(axis,))
        g = spread(g, axis, abs(stride))
        first = start + min((size - 1) * stride, 0) if size else 0
        widths.append((first, x.shape[axis] - first - g.shape[axis]))
    return (apply(PAD, g, widths=tuple(widths), mode="constant"),)


@derivative("concatenate")
def _concatenate(step: Step, cotangents: Cotangents) -> Cotangents:
    (g,) = cotangents
    assert g is not None
    axis, start, parts = step.attributes["axis"], 0, []
    for part in step.operands:
        starts = tuple(start if i == axis else 0 for i in range(part.rank))
        parts.append(apply(SLICE, g, starts=starts, sizes=part.shape, strides=(1,) * part.rank))
        size = part.shape[axis]
        assert isinstance(size, int)
        start += size
    return tuple(parts)


@derivative("reverse")
def _reverse(step: Step, cotangents: Cotangents) -> Cotangents:
    (g,) = cotangents
    assert g is not None
    return (apply(REVERSE, g, axes=step.attributes["axes"]),)
