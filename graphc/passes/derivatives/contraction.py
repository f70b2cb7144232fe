"""Derivatives of products of tensors, and of convolutions."""

from __future__ import annotations

from itertools import product as every
from typing import Any

from graphc.ir.primitives.contraction import CONV, DOT_GENERAL
from graphc.ir.primitives.movement import CONCATENATE, PAD, RESHAPE, REVERSE, SLICE
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor
from graphc.passes.derivatives.movement import spread
from graphc.passes.derivatives.table import Cotangents, derivative, inverse, transpose

Axes = tuple[int, ...]


@derivative("dot_general")
def _dot(step: Step, cotangents: Cotangents) -> Cotangents:
    x, y = step.operands
    (g,) = cotangents
    assert g is not None
    contracting = step.attributes["contracting"]
    batch = step.attributes.get("batch", ((), ()))
    shared = len(batch[0])
    free = _free(x, contracting[0], batch[0]), _free(y, contracting[1], batch[1])
    left = tuple(range(shared, shared + len(free[0])))
    right = tuple(range(shared + len(free[0]), g.rank))
    return (
        _side(
            g, right, y, free[1], batch[1], (contracting[1], contracting[0]), (batch[0], free[0])
        ),
        _side(g, left, x, free[0], batch[0], contracting, (batch[1], free[1])),
    )


def _free(x: Tensor, contracting: Axes, batch: Axes) -> Axes:
    return tuple(axis for axis in range(x.rank) if axis not in (*contracting, *batch))


def _side(
    g: Tensor, summed: Axes, other: Tensor, others_free: Axes, others_batch: Axes,
    contracting: tuple[Axes, Axes], own: tuple[Axes, Axes],
) -> Tensor:  # fmt: skip
    """g times the other operand, over the axes that only that one had, in this one's order."""
    shared = tuple(range(len(others_batch)))
    kept = tuple(mine for _, mine in sorted(zip(*contracting, strict=True)))
    # Axes made: the batch, then this one's own and those that were summed over, in the other's
    # order; the other way round, they are often in place.
    turned = (*own[0], *kept, *own[1])
    if turned == tuple(range(len(turned))):
        return apply(
            DOT_GENERAL, other, g, contracting=(others_free, summed), batch=(others_batch, shared)
        )
    made = apply(
        DOT_GENERAL, g, other, contracting=(summed, others_free), batch=(shared, others_batch)
    )
    return transpose(made, inverse((*own[0], *own[1], *kept)))


@derivative("conv")
def _conv(step: Step, cotangents: Cotangents) -> Cotangents:
    x, weights = step.operands
    (g,) = cotangents
    assert g is not None
    attributes = step.attributes
    return _conv_input(x, weights, g, attributes), _conv_weights(x, weights, g, attributes)


def _conv_input(x: Tensor, weights: Tensor, g: Tensor, attributes: dict[str, Any]) -> Tensor:
    """A convolution of g, spread by the strides, with the kernel turned round."""
    strides, dilation = attributes["strides"], attributes["dilation"]
    groups, padding = attributes["groups"], attributes["padding"]
    spatial = tuple(range(len(strides)))
    turned = apply(REVERSE, weights, axes=spatial)
    *window, into, out = weights.shape
    # [*window, into, groups * out'] to [*window, out', groups * into]
    rank = len(window)
    apart = apply(RESHAPE, turned, shape=(*window, into, groups, out // groups))
    apart = transpose(apart, (*spatial, rank + 2, rank + 1, rank))
    kernel = apply(RESHAPE, apart, shape=(*window, out // groups, groups * into))
    # The forward operand was spread itself where `input_dilation` is not 1: those places alone
    # are read, with a stride.
    widths = []
    for i in spatial:
        span = (window[i] - 1) * dilation[i] + 1
        size = (x.shape[i + 1] - 1) * attributes["input_dilation"][i] + 1
        reach = (g.shape[i + 1] - 1) * strides[i] + 1
        before = span - 1 - padding[i][0]
        widths.append((before, size + span - 1 - before - reach))
    return apply(
        CONV, g, kernel,
        strides=attributes["input_dilation"], padding=tuple(widths), dilation=dilation,
        input_dilation=strides, groups=groups,
    )  # fmt: skip


def _conv_weights(x: Tensor, weights: Tensor, g: Tensor, attributes: dict[str, Any]) -> Tensor:
    """A convolution over the batch of x with g as its kernel; for groups one product each tap."""
    strides, dilation, groups = (attributes[name] for name in ("strides", "dilation", "groups"))
    spatial = tuple(range(len(strides)))
    window = weights.shape[:-2]
    if groups > 1:
        return _by_taps(x, weights, g, attributes)
    last = x.rank - 1
    turn = (last, *(i + 1 for i in spatial), 0)  # [N, *spatial, C] to [C, *spatial, N]
    kernel = transpose(g, (*(i + 1 for i in spatial), 0, last))  # to [*spatial, N, out]
    widths = []
    for i in spatial:
        size = (x.shape[i + 1] - 1) * attributes["input_dilation"][i] + 1
        low = attributes["padding"][i][0]
        reach = (g.shape[i + 1] - 1) * strides[i] + 1
        needed = reach + (window[i] - 1) * dilation[i]
        widths.append((low, needed - size - low))
    made = apply(
        CONV, transpose(x, turn), kernel,
        strides=dilation, padding=tuple(widths), dilation=strides,
        input_dilation=attributes["input_dilation"], groups=1,
    )  # [C, *window, out]  # fmt: skip
    return transpose(made, (*(i + 1 for i in spatial), 0, last))


def _by_taps(x: Tensor, weights: Tensor, g: Tensor, attributes: dict[str, Any]) -> Tensor:
    strides, dilation, groups = (attributes[name] for name in ("strides", "dilation", "groups"))
    *window, into, out = weights.shape
    rank = len(window)
    for axis, step in enumerate(attributes["input_dilation"]):
        x = spread(x, axis + 1, step)
    widths = ((0, 0), *attributes["padding"], (0, 0))
    x = apply(PAD, x, widths=widths, mode="constant")
    gs = apply(RESHAPE, g, shape=(*g.shape[:-1], groups, out // groups))
    places = tuple(range(rank + 1))
    parts = []
    for tap in every(*(range(size) for size in window)):  # type: ignore[arg-type]
        cut = apply(
            SLICE, x,
            starts=(0, *(t * d for t, d in zip(tap, dilation, strict=True)), 0),
            sizes=(*g.shape[:-1], x.shape[-1]),
            strides=(1, *strides, 1),
        )  # fmt: skip
        cut = apply(RESHAPE, cut, shape=(*g.shape[:-1], groups, into))
        part = apply(
            DOT_GENERAL, cut, gs, contracting=(places, places), batch=((rank + 1,), (rank + 1,))
        )  # [groups, into, out']
        part = transpose(part, (1, 0, 2))
        parts.append(apply(RESHAPE, part, shape=(1, into, out)))
    return apply(RESHAPE, apply(CONCATENATE, *parts, axis=0), shape=weights.shape)
