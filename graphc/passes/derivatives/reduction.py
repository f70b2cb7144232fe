"""Derivatives of reductions and of sorting."""

from __future__ import annotations

from graphc.ir.dims import product
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.movement import RESHAPE
from graphc.ir.primitives.reduction import REDUCE_SUM, SORT
from graphc.ir.primitives.row import apply, apply_all
from graphc.ir.tensor import Step, results_of
from graphc.ops.convert import cast
from graphc.passes.derivatives.indexing import along
from graphc.passes.derivatives.products import products_before
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    inverse,
    spread_over,
    transpose,
)


@derivative("reduce_sum")
def _sum(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    return (spread_over(g, step.attributes["axes"], x),)


@derivative("reduce_max", "reduce_min")
def _extreme(step: Step, cotangents: Cotangents) -> Cotangents:
    """Equal shares for all that are the largest."""
    (x,), (y,), (g,) = step.operands, results_of(step), cotangents
    assert g is not None
    axes = step.attributes["axes"]
    is_it = cast(apply(rows.EQ, x, spread_over(y, axes, x)), x.dtype)
    share = g / apply(REDUCE_SUM, is_it, axes=axes)
    return (is_it * spread_over(share, axes, x),)


@derivative("reduce_prod")
def _prod(step: Step, cotangents: Cotangents) -> Cotangents:
    """Of each the product of all others: of those before it, and of those after it."""
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    axes = step.attributes["axes"]
    order = (*(axis for axis in range(x.rank) if axis not in axes), *axes)
    turned = transpose(x, order)
    kept = turned.shape[: x.rank - len(axes)]
    lines = apply(RESHAPE, turned, shape=(*kept, product(turned.shape[len(kept) :])))
    last = lines.rank - 1
    others = products_before(lines, last) * products_before(lines, last, reverse=True)
    back = apply(RESHAPE, others, shape=turned.shape)
    return (transpose(back, inverse(order)) * spread_over(g, axes, x),)


@derivative("sort")
def _sort(step: Step, cotangents: Cotangents) -> Cotangents:
    axis = step.attributes["axis"]
    (g, _), (_, order) = cotangents, results_of(step)
    if g is None:
        return (None,)
    _, back = apply_all(SORT, order, axis=axis)
    return (along(g, back, axis),)
