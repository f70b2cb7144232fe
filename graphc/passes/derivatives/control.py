"""The derivative of loops: a loop from the other end."""

from __future__ import annotations

from graphc.ir.primitives.control import SCAN, Body
from graphc.ir.primitives.row import apply_all
from graphc.ir.tensor import Step, Tensor, results_of
from graphc.ops.loop import scan_steps
from graphc.passes.derivatives.table import Cotangents, derivative, is_differentiable, zeros
from graphc.passes.rebuild import rebuild


def keeping_states(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """A loop that also puts out the carried tensors that each of its steps began with."""
    body, carried = step.attributes["body"], step.attributes["carried"]
    longer = Body(body.parameters, (*body.results, *body.parameters[:carried]))
    return apply_all(SCAN, *operands, **{**step.attributes, "body": longer})


@derivative("scan")
def _scan(step: Step, cotangents: Cotangents) -> Cotangents:
    """Each step is computed again from what it began with; `keeping_states` made the loop."""
    from graphc.passes.differentiate import prepared, pull_back

    body: Body = step.attributes["body"]
    carried, scanned = step.attributes["carried"], step.attributes["scanned"]
    operands = step.operands
    made = results_of(step)
    kept = made[len(made) - carried :]
    floats = [place for place in range(carried) if is_differentiable(operands[place])]
    captured = [
        place
        for place in range(carried + scanned, len(operands))
        if is_differentiable(operands[place])
    ]
    sequences = [
        place for place in range(carried, carried + scanned) if is_differentiable(operands[place])
    ]
    # The kept states have cotangents of their own where a derivative is differentiated again.
    given = [place for place in range(carried, len(made)) if cotangents[place] is not None]

    def start(place: int) -> Tensor:
        found = cotangents[place]
        return zeros(operands[place].type) if found is None else found

    def one(
        state: tuple[Tensor, ...], slices: tuple[Tensor, ...]
    ) -> tuple[list[Tensor], list[Tensor]]:
        before = dict(
            zip(
                body.parameters,
                (*slices[: carried + scanned], *operands[carried + scanned :]),
                strict=True,
            )
        )
        results = rebuild(body.results, before, prepared)
        wanted: list[Tensor | None] = [None] * len(results)
        for place, cotangent in zip(floats, state, strict=False):
            wanted[place] = cotangent
        for place, cotangent in zip(given, slices[carried + scanned :], strict=True):
            wanted[place] = cotangent
        sources = [before[body.parameters[place]] for place in (*floats, *sequences, *captured)]
        back = pull_back(results, wanted, sources)
        filled = [
            zeros(source.type) if each is None else each
            for source, each in zip(sources, back, strict=True)
        ]
        ends = len(floats), len(floats) + len(sequences)
        sums = [
            total + each
            for total, each in zip(state[len(floats) :], filled[ends[1] :], strict=True)
        ]
        return [*filled[: ends[0]], *sums], filled[ends[0] : ends[1]]

    carries = [*map(start, floats), *(zeros(operands[place].type) for place in captured)]
    walked = [
        *kept, *operands[carried : carried + scanned],
        *(each for place in given if (each := cotangents[place]) is not None),
    ]  # fmt: skip
    ends, stacked = scan_steps(
        one, carries, walked, length=step.attributes["length"],
        reverse=not step.attributes["reverse"],
    )  # fmt: skip
    result: list[Tensor | None] = [None] * len(operands)
    for place, each in zip((*floats, *captured), ends, strict=True):
        result[place] = each
    for place, each in zip(sequences, stacked, strict=True):
        result[place] = each
    return tuple(result)
