"""Loops without what nobody uses: outputs, and what only those were made of."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.primitives.control import SCAN, Body
from graphc.ir.primitives.row import apply_all
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.passes.rebuild import again, rebuild


def prune(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results, of loops that put out no more than is used. Loops in loops stay."""
    steps = steps_of(results)
    if not any(step.primitive is SCAN for step in steps):
        return tuple(results)
    used = {key(result) for result in results}
    kept: dict[int, tuple[list[int], list[int]]] = {}
    for step in reversed(steps):
        taken = list(range(len(step.operands)))
        if step.primitive is SCAN:
            outputs = [
                index
                for index in range(len(step.types))
                if index < step.attributes["carried"] or (id(step), index) in used
            ]
            taken = _taken(step, outputs)
            kept[id(step)] = outputs, taken
        used.update(key(step.operands[place]) for place in taken)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if id(step) not in kept:
            return again(step, operands)
        outputs, taken = kept[id(step)]
        body: Body = step.attributes["body"]
        first = step.attributes["carried"]
        end = first + step.attributes["scanned"]
        less = Body(
            tuple(body.parameters[place] for place in taken),
            tuple(body.results[index] for index in outputs),
        )
        scanned = sum(first <= place < end for place in taken)
        changed = {**step.attributes, "body": less, "scanned": scanned}
        made = apply_all(SCAN, *(operands[place] for place in taken), **changed)
        # What is left out is not reached from the results.
        found = dict(zip(outputs, made, strict=True))
        return tuple(found.get(index, x) for index, x in enumerate(results_of(step)))

    return rebuild(results, {}, rule)


def _taken(step: Step, outputs: Sequence[int]) -> list[int]:
    """The operands that a loop needs to put these out: all that is carried among them."""
    body: Body = step.attributes["body"]
    results = [body.results[index] for index in outputs]
    read = {key(result) for result in results}
    for inner in steps_of(results):
        read.update(map(key, inner.operands))
    carried = step.attributes["carried"]
    return [
        place
        for place, parameter in enumerate(body.parameters)
        if place < carried or key(parameter) in read
    ]
