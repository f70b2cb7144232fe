"""Derivatives of reductions over sliding windows, and of resizing."""

from __future__ import annotations

from itertools import product as every
from typing import Any

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.movement import CONCATENATE, IOTA, PAD, RESHAPE, SLICE
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
    if window == strides:
        return (_apart(x, y, g, step.attributes),)
    padding: Any = step.attributes["padding"]
    padded = apply(PAD, x, widths=padding, mode="constant", value=_LOWEST)
    total: Tensor | None = None
    is_taken: Tensor | None = None
    for tap in every(*(range(size) for size in window)):
        here = apply(SLICE, padded, starts=tap, sizes=y.shape, strides=strides)
        part, is_taken = _first_of(here, y, g, is_taken)
        widths = []
        for axis, stride in enumerate(strides):
            reach = (y.shape[axis] - 1) * stride + 1
            part = spread(part, axis, stride)
            before = tap[axis] - padding[axis][0]
            widths.append((before, x.shape[axis] - before - reach))
        part = apply(PAD, part, widths=tuple(widths), mode="constant")
        total = part if total is None else total + part
    return (total,)


_LOWEST = float("-inf")


def _first_of(here: Tensor, y: Tensor, g: Tensor, is_taken: Tensor | None) -> tuple[Tensor, Tensor]:
    """g where one place of each window has the maximum first, and where it has been until then."""
    is_it = apply(rows.EQ, here, y)
    is_first = is_it if is_taken is None else apply(rows.AND, is_it, apply(rows.NOT, is_taken))
    is_taken = is_it if is_taken is None else apply(rows.OR, is_taken, is_it)
    return apply(rows.SELECT, is_first, g, number(0, g)), is_taken


def _apart(x: Tensor, y: Tensor, g: Tensor, attributes: dict[str, Any]) -> Tensor:
    """The same for windows that do not overlap: an axis [n] becomes [windows, places in each].

    Each element is then in one window, and no parts have to be added up.
    """
    window, padding = attributes["window"], attributes["padding"]
    axes = [axis for axis, size in enumerate(window) if size > 1]
    widths = tuple(
        (before, count * size - length - before)
        for length, count, size, (before, _) in zip(x.shape, y.shape, window, padding, strict=True)
    )
    padded = apply(PAD, x, widths=widths, mode="constant", value=_LOWEST)
    apart = _with_axes(padded, y, window, axes)
    y, g = (_with_axes(each, each, (1,) * x.rank, axes) for each in (y, g))
    split = [axis + 1 + place for place, axis in enumerate(axes)]
    parts: dict[tuple[int, ...], Tensor] = {}
    is_taken: Tensor | None = None
    for tap in every(*(range(window[axis]) for axis in axes)):
        starts = [0] * apart.rank
        for axis, start in zip(split, tap, strict=True):
            starts[axis] = start
        here = apply(SLICE, apart, starts=tuple(starts), sizes=y.shape, strides=(1,) * apart.rank)
        parts[tap], is_taken = _first_of(here, y, g, is_taken)
    for place in reversed(range(len(axes))):
        joined: dict[tuple[int, ...], list[Tensor]] = {}
        for tap, part in parts.items():
            joined.setdefault(tap[:place], []).append(part)
        parts = {tap: apply(CONCATENATE, *some, axis=split[place]) for tap, some in joined.items()}
    made = apply(RESHAPE, parts[()], shape=padded.shape)
    back = tuple((-before, -after) for before, after in widths)
    return apply(PAD, made, widths=back, mode="constant")


def _with_axes(x: Tensor, y: Tensor, window: tuple[int, ...], axes: list[int]) -> Tensor:
    """Some axes as two: the windows of y, and the places in each."""
    shape: list[Any] = []
    for axis, (count, size) in enumerate(zip(y.shape, window, strict=True)):
        shape += [count, size] if axis in axes else [count]
    return apply(RESHAPE, x, shape=tuple(shape))


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
