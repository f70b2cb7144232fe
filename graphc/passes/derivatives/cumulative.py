"""Derivatives of what runs along an axis: mostly loops from the other end."""

from __future__ import annotations

from collections.abc import Callable

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import CUMSUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, results_of
from graphc.ops.loop import scan_steps
from graphc.passes.derivatives.products import products_before
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    inverse,
    moved,
    number,
    transpose,
    zeros,
)

Slices = tuple[Tensor, Tensor, Tensor, Tensor]
"""One place's operand, result and cotangent, and what comes from the places behind it."""


def _from_behind(
    step: Step, cotangents: Cotangents, run: Callable[[Slices], tuple[Tensor, Tensor]]
) -> Cotangents:
    """Walk from the end of the axis to its start, or the other way for a reversed step.

    `run` gives what goes on to the place before, and the operand's cotangent here.
    """
    (x,), (y,), (g,) = step.operands, results_of(step), cotangents
    assert g is not None
    order = moved(x.rank, step.attributes["axis"], 0)
    sequences = [transpose(each, order) for each in (x, y, g)]
    start = zeros(type(x.type)(sequences[0].shape[1:], x.dtype))

    def one(carried: tuple[Tensor, ...], slices: tuple[Tensor, ...]) -> tuple[list[Tensor], ...]:
        here, result, cotangent = slices
        behind, made = run((here, result, cotangent, carried[0]))
        return [behind], [made]

    is_reversed = step.attributes.get("reverse", False)
    _, (made,) = scan_steps(one, [start], sequences, reverse=not is_reversed)  # type: ignore[arg-type]
    return (transpose(made, inverse(order)),)


@derivative("cumsum")
def _cumsum(step: Step, cotangents: Cotangents) -> Cotangents:
    (g,) = cotangents
    assert g is not None
    is_reversed = step.attributes.get("reverse", False)
    return (apply(CUMSUM, g, axis=step.attributes["axis"], reverse=not is_reversed),)


@derivative("cummax", "cummin")
def _extreme(step: Step, cotangents: Cotangents) -> Cotangents:
    """What a place's results get goes to the last one that made them what they are."""

    def run(slices: Slices) -> tuple[Tensor, Tensor]:
        x, y, g, behind = slices
        total = g + behind
        nothing = number(0, g)
        is_it = apply(rows.EQ, x, y)
        return apply(rows.SELECT, is_it, nothing, total), apply(rows.SELECT, is_it, total, nothing)

    return _from_behind(step, cotangents, run)


@derivative("cumprod")
def _cumprod(step: Step, cotangents: Cotangents) -> Cotangents:
    """s[i] = g[i] + x[i + 1] s[i + 1], times the product of all before i: no division by 0."""
    (x,) = step.operands

    def run(slices: Slices) -> tuple[Tensor, Tensor]:
        here, _, g, behind = slices
        total = g + behind
        return total * here, total

    (totals,) = _from_behind(step, cotangents, run)
    assert totals is not None
    axis, is_reversed = step.attributes["axis"], step.attributes.get("reverse", False)
    return (totals * products_before(x, axis, reverse=is_reversed),)


@derivative("cumlogsumexp")
def _cumlogsumexp(step: Step, cotangents: Cotangents) -> Cotangents:
    """Σ g[j] exp(x[i] - y[j]) over j from i: as powers of falling numbers, which are below 1."""
    (x,), (y,) = step.operands, results_of(step)
    # Relative to the result of its own place: s[i] = g[i] + s[i + 1] exp(y[i] - y[i + 1]).
    order = moved(x.rank, step.attributes["axis"], 0)
    (g,) = cotangents
    assert g is not None
    sequences = [transpose(each, order) for each in (x, y, g)]
    kind = type(x.type)(sequences[0].shape[1:], x.dtype)

    def one(carried: tuple[Tensor, ...], slices: tuple[Tensor, ...]) -> tuple[list[Tensor], ...]:
        total, previous = carried
        here, result, cotangent = slices
        total = cotangent + total * apply(rows.EXP, apply(rows.MINIMUM, result - previous,
                                                          number(0, result)))  # fmt: skip
        return [total, result], [total * apply(rows.EXP, here - result)]

    is_reversed = step.attributes.get("reverse", False)
    _, (made,) = scan_steps(one, [zeros(kind), zeros(kind)], sequences, reverse=not is_reversed)  # type: ignore[arg-type]
    return (transpose(made, inverse(order)),)
