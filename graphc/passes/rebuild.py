"""The one walk that every pass is made of: a graph of steps built anew from its leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from graphc.ir.origin import made_for
from graphc.ir.primitives.row import apply_all
from graphc.ir.tensor import Step, Tensor, steps_of

Rule: TypeAlias = Callable[[Step, tuple[Tensor, ...]], tuple[Tensor, ...]]
"""What stands for a step's results, given what stands for its operands."""


def rebuild(
    results: Sequence[Tensor], known: Mapping[Tensor, Tensor], rule: Rule
) -> tuple[Tensor, ...]:
    """The results with other leaves, each step made anew by a rule.

    `known` has what stands for tensors; leaves that it lacks stand for themselves. What a rule
    makes has the origin of the step that it stands for.
    """
    made = dict(known)

    def now(tensor: Tensor) -> Tensor:
        found = made.get(tensor)
        if found is not None:
            return found
        return tensor if tensor.step is None else outputs[id(tensor.step)][tensor.index]

    outputs: dict[int, tuple[Tensor, ...]] = {}
    for step in steps_of(results):
        with made_for(step.origin):
            outputs[id(step)] = rule(step, tuple(map(now, step.operands)))
    return tuple(map(now, results))


def again(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same primitive with the same attributes: the rule that changes nothing by itself."""
    return apply_all(step.primitive, *operands, **step.attributes)
