"""The derivative of loops: a loop from the other end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphc.ir.primitives.control import SCAN, Body
from graphc.ir.primitives.elementwise import ADD
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.primitives.row import apply, apply_all
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.ir.types import TensorType
from graphc.ops.loop import scan_steps
from graphc.passes.derivatives.all_steps import for_each_step, summed_over_steps
from graphc.passes.derivatives.table import Cotangents, derivative, is_differentiable, zeros
from graphc.passes.rebuild import again, rebuild


def keeping_residuals(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """A loop that also puts out what its derivative needs of each step."""
    from graphc.passes.differentiate import prepared, pull_back

    body, carried = step.attributes["body"], step.attributes["carried"]
    results = rebuild(body.results, {}, prepared)
    parts = pull_back(
        results,
        [Tensor(result.type) if is_differentiable(result) else None for result in results],
        [parameter for parameter in body.parameters if is_differentiable(parameter)],
    )
    there = {key(result) for result in results[carried:]}
    needed = {
        key(tensor): tensor
        for tensor in _used([part for part in parts if part is not None], results, body, carried)
    }
    kept = [tensor for place, tensor in needed.items() if place not in there]
    longer = Body(body.parameters, (*results, *kept))
    return apply_all(SCAN, *operands, **{**step.attributes, "body": longer})


def _used(
    parts: Sequence[Tensor], results: Sequence[Tensor], body: Body, carried: int
) -> Iterator[Tensor]:
    """What the parts use of a body: carried tensors, and what its steps make of parameters."""
    varying = {key(parameter) for parameter in body.parameters}
    states = {key(parameter) for parameter in body.parameters[:carried]}
    own = set()
    for step in steps_of(results):
        own.add(id(step))
        # What is drawn at random is not drawn again.
        if step.primitive is RANDOM_BITS or any(key(x) in varying for x in step.operands):
            varying.update((id(step), index) for index in range(len(step.types)))
    after = [step for step in steps_of(parts) if id(step) not in own]
    for tensor in (*(x for step in after for x in step.operands), *parts):
        is_made = tensor.step is not None and id(tensor.step) in own and key(tensor) in varying
        if is_made or key(tensor) in states:
            yield tensor


@derivative("scan")
def _scan(step: Step, cotangents: Cotangents) -> Cotangents:
    """The derivative of the body, with what `keeping_residuals` made the loop put out."""
    from graphc.passes.differentiate import pull_back

    body: Body = step.attributes["body"]
    carried, scanned = step.attributes["carried"], step.attributes["scanned"]
    operands, made = step.operands, results_of(step)

    def floats(first: int, end: int) -> list[int]:
        return [place for place in range(first, end) if is_differentiable(operands[place])]

    states = floats(0, carried)
    sequences, captured = (
        floats(carried, carried + scanned),
        floats(carried + scanned, len(operands)),
    )
    given = {
        place: c for place in range(carried, len(made)) if (c := cotangents[place]) is not None
    }

    # What there is of each step of the loop: a leaf for one step's, and the whole.
    wholes: dict[Tensor, Tensor] = {}

    def leaf(whole: Tensor) -> Tensor:
        made = Tensor(TensorType(whole.shape[1:], whole.dtype))
        wholes[made] = whole
        return made

    wanted: list[Tensor | None] = [None] * len(made)
    coming = [Tensor(operands[place].type) for place in states]
    for place, tensor in zip(states, coming, strict=True):
        wanted[place] = tensor
    for place, cotangent in given.items():
        wanted[place] = leaf(cotangent)
    sources = [body.parameters[place] for place in (*states, *sequences, *captured)]
    found = pull_back(body.results, wanted, sources)
    there = {key(tensor): leaf(made[place]) for place, tensor in enumerate(body.results)
             if place >= carried}  # fmt: skip
    known = {
        parameter: there[key(parameter)]
        for parameter in body.parameters[:carried]
        if key(parameter) in there
    }
    for place in range(carried, len(operands)):
        is_scanned = place < carried + scanned
        known[body.parameters[place]] = leaf(operands[place]) if is_scanned else operands[place]

    def rule(inner: Step, now: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        put_out = [there.get((id(inner), index)) for index in range(len(inner.types))]
        if None not in put_out:
            return tuple(x for x in put_out if x is not None)
        return tuple(
            anew if kept is None else kept
            for kept, anew in zip(put_out, again(inner, now), strict=True)
        )

    parts = rebuild(
        [zeros(x.type) if part is None else part for part, x in zip(found, sources, strict=True)],
        known,
        rule,
    )
    ends = len(states), len(states) + len(sequences)
    changing = {key(tensor) for tensor in (*coming, *wholes)}
    for inner in steps_of(parts):
        if any(key(operand) in changing for operand in inner.operands):
            changing.update((id(inner), index) for index in range(len(inner.types)))

    # What is made of all steps at once is taken out of the loop, and the rest stays in it.
    outputs: dict[tuple[int, int], Tensor] = {}

    def need(tensor: Tensor) -> None:
        if tensor not in wholes:
            outputs[key(tensor)] = tensor

    finish_sequences = [for_each_step(part, changing, need) for part in parts[ends[0] : ends[1]]]
    finish_captured = [summed_over_steps(part, changing, need) for part in parts[ends[1] :]]
    in_loop = [
        part
        for part, finish in zip(parts[ends[1] :], finish_captured, strict=True)
        if finish is None
    ]
    used = _reached([*parts[: ends[0]], *outputs.values(), *in_loop])
    walked = [tensor for tensor in wholes if key(tensor) in used]

    def one(
        state: tuple[Tensor, ...], slices: tuple[Tensor, ...]
    ) -> tuple[list[Tensor], list[Tensor]]:
        entered = dict(zip((*coming, *walked), (*state[: len(states)], *slices), strict=True))
        results = rebuild([*parts[: ends[0]], *in_loop, *outputs.values()], entered, again)
        sums = [
            apply(ADD, total, each)
            for total, each in zip(
                state[len(states) :], results[ends[0] : ends[0] + len(in_loop)], strict=True
            )
        ]
        return [*results[: ends[0]], *sums], list(results[ends[0] + len(in_loop) :])

    starts = [zeros(operands[p].type) if cotangents[p] is None else cotangents[p] for p in states]
    carries = [*(x for x in starts if x is not None), *(zeros(part.type) for part in in_loop)]
    last, stacked = scan_steps(
        one, carries, [wholes[tensor] for tensor in walked],
        length=step.attributes["length"], reverse=not step.attributes["reverse"],
    )  # fmt: skip
    stacks = dict(zip(outputs, stacked, strict=True))

    def whole(tensor: Tensor) -> Tensor:
        return wholes[tensor] if tensor in wholes else stacks[key(tensor)]

    result: list[Tensor | None] = [None] * len(operands)
    for place, each in zip(states, last, strict=False):
        result[place] = each
    for place, finish in zip(sequences, finish_sequences, strict=True):
        result[place] = finish(whole)
    sums = iter(last[len(states) :])
    for place, finished in zip(captured, finish_captured, strict=True):
        result[place] = next(sums) if finished is None else finished(whole)
    return tuple(result)


def _reached(results: Sequence[Tensor]) -> set[tuple[int, int]]:
    """The leaves among the results, and those that they are made of."""
    found = {key(tensor) for tensor in results}
    for step in steps_of(results):
        found.update(map(key, step.operands))
    return found
