"""What does not depend on the inputs, apart from what does: it is computed once for all calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphc.ir.primitives.control import SCAN
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.passes.rebuild import again, rebuild
from graphc.record import Record

DRAWING = (RANDOM_BITS, SCAN)
"""What may give something else each time: a loop may draw random numbers."""


class Divided(Record):
    """Two graphs: the second one's leaves are inputs, and stand-ins for results of the first."""

    before: tuple[Tensor, ...]
    """What is computed from weights and constants alone."""
    stand_ins: tuple[Tensor, ...]
    """Leaves of the second graph, one for each of `before`."""
    results: tuple[Tensor, ...]

    __hash__ = object.__hash__


def _is_open(step: Step) -> bool:
    """Whether a step depends on a size that is an input's to say."""
    dims = (*(dim for type in step.types for dim in type.shape), step.attributes.get("dim", 0))
    return not all(isinstance(dim, int) for dim in dims)


def divide(results: Sequence[Tensor], inputs: Collection[Tensor]) -> Divided:
    """Take out of a graph what its inputs do not change. Weights themselves are among it."""
    changing = {key(tensor) for tensor in inputs}
    steps = steps_of(results)
    for step in steps:
        is_fixed = step.primitive not in DRAWING and not _is_open(step)
        if not is_fixed or any(key(operand) in changing for operand in step.operands):
            changing.update((id(step), index) for index in range(len(step.types)))
    used = [x for step in steps if (id(step), 0) in changing for x in step.operands]
    taken = {key(x): x for x in (*used, *results) if key(x) not in changing}
    stand_ins = {place: Tensor(x.type) for place, x in taken.items()}

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if (id(step), 0) in changing:
            return again(step, operands)
        own = results_of(step)
        return tuple(stand_ins.get(key(x), x) for x in own)

    leaves = {x: stand_ins[place] for place, x in taken.items() if x.step is None}
    return Divided(tuple(taken.values()), tuple(stand_ins.values()), rebuild(results, leaves, rule))
