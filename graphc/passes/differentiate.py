"""Reverse-mode differentiation: a graph of primitives to one that computes its gradients."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.origin import made_for
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.control import SCAN
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key, steps_of
from graphc.passes.derivatives import CONSTANT_RESULTS, DERIVATIVES
from graphc.passes.derivatives.control import keeping_residuals
from graphc.passes.derivatives.table import filled, is_differentiable, zeros
from graphc.passes.prune import prune
from graphc.passes.rebuild import again, rebuild


def gradients(
    loss: Tensor, sources: Sequence[Tensor], also: Sequence[Tensor] = ()
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The loss and the tensors of `also`, then how the loss changes with each of the sources.

    The loss is a scalar, and sources are leaves of its graph; one that it does not depend on has a
    gradient of zeros. Loops are made anew, to keep what their gradients need: what else is wanted
    of the graph has to go through `also`, or it would be computed twice.
    """
    results = rebuild((loss, *also), {}, prepared)
    one = filled(results[0].type, 1)
    made = pull_back(results[:1], [one], sources)
    slopes = [
        zeros(source.type) if each is None else each
        for source, each in zip(sources, made, strict=True)
    ]
    whole = prune((*results, *slopes))
    return whole[: len(results)], whole[len(results) :]


def prepared(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The rule that makes loops keep what their gradients need."""
    if step.primitive is SCAN:
        return keeping_residuals(step, operands)
    return again(step, operands)


def pull_back(
    results: Sequence[Tensor], cotangents: Sequence[Tensor | None], sources: Sequence[Tensor]
) -> list[Tensor | None]:
    """The cotangents of sources, given those of results; None where nothing depends on one."""
    steps = _steps_between(results, sources)
    totals: dict[tuple[int, int], Tensor] = {}

    def add(tensor: Tensor, part: Tensor | None) -> None:
        if part is None:
            return
        found = totals.get(key(tensor))
        totals[key(tensor)] = part if found is None else apply(rows.ADD, found, part)

    for result, cotangent in zip(results, cotangents, strict=True):
        add(result, cotangent)
    for step in reversed(steps):
        given = tuple(totals.get((id(step), index)) for index in range(len(step.types)))
        if all(each is None for each in given):
            continue
        with made_for(step.origin):
            parts = DERIVATIVES[step.primitive.name](step, given)
            for operand, part in zip(step.operands, parts, strict=True):
                add(operand, part)
    return [totals.get(key(source)) for source in sources]


def _steps_between(results: Sequence[Tensor], sources: Sequence[Tensor]) -> list[Step]:
    """The steps through which results depend on sources, and could change by a little."""
    reached = {key(source) for source in sources}
    between = []
    for step in steps_of(results):
        if step.primitive.name in CONSTANT_RESULTS:
            continue
        if any(key(operand) in reached and is_differentiable(operand) for operand in step.operands):
            between.append(step)
            reached.update((id(step), index) for index in range(len(step.types)))
    return between
