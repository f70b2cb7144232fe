"""Derivatives of reductions over sliding windows, and of resizing."""

from __future__ import annotations

from itertools import product as every
from typing import Any

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.movement import IOTA, PAD, SLICE
from graphc.ir.primitives.row import apply
from graphc.ir.primitives.window import REDUCE_WINDOW_SUM, RESIZE
from graphc.ir.tensor import Step, Tensor, results_of
from graphc.ops.convert import cast
from graphc.passes.derivatives.movement import spread
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    inverse,
    moved,
    number,
    transpose,
)


@derivative("reduce_window_sum")
def _window_sum(step: Step, cotangents: Cotangents) -> Cotangents:
    """A sum over windows of g, spread by the strides: each element goes to all that it was in."""
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    window, strides = step.attributes["window"], step.attributes["strides"]
    widths = []
    for axis, (size, stride) in enumerate(zip(window, strides, strict=True)):
        reach = (g.shape[axis] - 1) * stride + 1
        g = spread(g, axis, stride)
        before = size - 1 - step.attributes["padding"][axis][0]
        widths.append((before, x.shape[axis] + size - 1 - before - reach))
    g = apply(PAD, g, widths=tuple(widths), mode="constant")
    once, none = (1,) * x.rank, ((0, 0),) * x.rank
    return (apply(REDUCE_WINDOW_SUM, g, window=window, strides=once, padding=none),)


@derivative("reduce_window_max")
def _window_max(step: Step, cotangents: Cotangents) -> Cotangents:
    """Each maximum's goes to the first place in its window that has it, as in XLA."""
    (x,), (y,), (g,) = step.operands, results_of(step), cotangents
    assert g is not None
    window, strides = step.attributes["window"], step.attributes["strides"]
    padding: Any = step.attributes["padding"]
    lowest = float("-inf")
    padded = apply(PAD, x, widths=padding, mode="constant", value=lowest)
    total: Tensor | None = None
    is_taken: Tensor | None = None
    for tap in every(*(range(size) for size in window)):
        here = apply(SLICE, padded, starts=tap, sizes=y.shape, strides=strides)
        is_it = apply(rows.EQ, here, y)
        if is_taken is None:
            is_first, is_taken = is_it, is_it
        else:
            is_first = apply(rows.AND, is_it, apply(rows.NOT, is_taken))
            is_taken = apply(rows.OR, is_taken, is_it)
        part = apply(rows.SELECT, is_first, g, number(0, g))
        widths = []
        for axis, stride in enumerate(strides):
            reach = (y.shape[axis] - 1) * stride + 1
            part = spread(part, axis, stride)
            before = tap[axis] - padding[axis][0]
            widths.append((before, x.shape[axis] - before - reach))
        part = apply(PAD, part, widths=tuple(widths), mode="constant")
        total = part if total is None else total + part
    return (total,)


@derivative("resize")
def _resize(step: Step, cotangents: Cotangents) -> Cotangents:
    """Along each axis a product with the same weights: those that resizing the unit matrix gives."""
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    for axis, (before, after) in enumerate(zip(x.shape, step.attributes["shape"], strict=True)):
        if before == after:
            continue
        square = (before, before)
        places = [apply(IOTA, shape=square, axis=i, dtype="int32") for i in range(2)]
        unit = cast(apply(rows.EQ, *places), g.dtype)
        weights = apply(RESIZE, unit, **{**step.attributes, "shape": (before, after)})
        made = apply(DOT_GENERAL, g, weights, contracting=((axis,), (1,)))  # the axis comes last
        g = transpose(made, inverse(moved(g.rank, axis, g.rank - 1)))
    return (g,)
