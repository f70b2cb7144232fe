"""Segments of steps that recur as blocks: which are worth one, and what they are as blocks.

Blocks are `inline`, since layers of other blocks have the block's name before theirs. Short ones
come first, and longer ones are made of their uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphc.interop.keras_json.build import BlockCall
from graphc.interop.keras_json.folding.block_body import (
    Pattern,
    body_of,
    call_of,
    named_block,
)
from graphc.interop.keras_json.folding.columns import TooMany, filled, holes_in, plan
from graphc.interop.keras_json.folding.flow import Step
from graphc.interop.keras_json.folding.labels import labelled
from graphc.interop.keras_json.folding.lines import Line, Lines
from graphc.interop.keras_json.folding.segments import Segment, disjoint, segments
from graphc.interop.keras_json.folding.shape import size
from graphc.interop.keras_json.folding.unify import NoMatch, unify
from graphc.interop.keras_json.known_names import is_known
from graphc.record import Record
from graphc.syntax import nodes

MOST_BLOCKS = 16
MOST_TRIALS = 30
"""How many segments are looked at for each block; the most promising come first."""
MOST_INPUTS = 3
MOST_PARAMETERS = 6
LEAST_SAVED = 60
LEAST_SHARE = 0.3
INNER_SHARE = 0.2
"""How much of what a block saves one has to save that stands in it, to be one by itself."""
BLOCK_COST = 20
"""How much the head and the end of a block count to read."""
MOST_EFFORT = 1_500_000
"""How many keys of steps are looked at for all blocks."""


class _Trial(Record):
    saved: int
    pattern: Pattern
    starts: tuple[int, ...]
    made: nodes.Definition
    calls: tuple[BlockCall, ...]

    __hash__ = object.__hash__


class Blocks(Record):
    """Blocks, each after those that it uses, and bodies that use them."""

    definitions: tuple[nodes.Definition, ...]
    bodies: tuple[tuple[nodes.Statement, ...], ...]


def with_blocks(
    bodies: Sequence[Sequence[nodes.Statement]], is_taken: Callable[[str], bool]
) -> Iterator[Blocks]:
    """The bodies with one block, then with two, and so on while there are any worth it."""
    lines = Lines(bodies)
    made: list[nodes.Definition] = []

    def is_free(name: str) -> bool:
        return not (is_taken(name) or is_known(name) or any(name == each.name for each in made))

    effort = 0
    while len(made) < MOST_BLOCKS and effort < MOST_EFFORT:
        effort += 80 * len(lines.lines)
        trial = _best(lines, is_free)
        if trial is None:
            return
        made.append(trial.made)
        _replace(lines, trial)
        yield Blocks(tuple(made), lines.bodies())


def _best(lines: Lines, is_free: Callable[[str], bool]) -> _Trial | None:
    """The block that saves most, or one that stands in it again and again, which comes first."""
    keys = [lines.fact(each).key for each in lines.lines]
    sizes = [lines.fact(each).size for each in lines.lines]
    found = sorted(
        segments(keys, sizes, lines.whole_from()), key=lambda each: (-each.bound, each.length)
    )
    best = _most_saving(lines, found, sizes, is_free)
    inner = best
    while inner is not None:
        best, start = inner, inner.starts[0]
        found = [
            each
            for each in found
            if each.length <= best.pattern.length // 2
            and len(_within(each, start, start + best.pattern.length)) > 1
        ]
        inner = _most_saving(lines, found, sizes, is_free)
        if inner is not None and inner.saved < INNER_SHARE * best.saved:
            break
    return best


def _within(segment: Segment, start: int, end: int) -> list[int]:
    """The places of a segment from one place to another."""
    inside = [each for each in segment.starts if start <= each and each + segment.length <= end]
    return disjoint(inside, segment.length)


def _most_saving(
    lines: Lines, found: list[Segment], sizes: list[int], is_free: Callable[[str], bool]
) -> _Trial | None:
    best: _Trial | None = None
    for segment in found[:MOST_TRIALS]:
        if best is not None and segment.bound <= best.saved:
            break
        for pattern, starts in _patterns(lines, segment):
            trial = _trial(lines, pattern, starts, sizes, is_free)
            if trial is not None and (best is None or trial.saved > best.saved):
                best = trial
    return best


def _patterns(lines: Lines, segment: Segment) -> Iterator[tuple[Pattern, list[int]]]:
    """The segment's places by how tensors flow there, those alone that give one tensor."""
    found: dict[Any, list[int]] = {}
    for start in segment.starts:
        flow = _flow(lines.lines[start : start + segment.length])
        if flow is not None:
            found.setdefault(flow, []).append(start)
    for flow, starts in found.items():
        apart = disjoint(starts, segment.length)
        if len(apart) < 2:
            continue
        outputs = {each for start in apart for each in _outputs(lines, start, segment.length)}
        if len(outputs) == 1:
            pattern = Pattern(segment.length, flow, outputs.pop())
            if pattern.is_connected:
                yield pattern, apart


def _flow(segment: Sequence[Line]) -> tuple[tuple[tuple[int, int], ...], ...] | None:
    """What each step takes: `(step, output)` of the segment, or `(-1, input)`."""
    inside: dict[int, tuple[int, int]] = {}
    inputs: dict[int, int] = {}
    rows = []
    for number, line in enumerate(segment):
        row = []
        for value in line.step.reads:
            if value in inside:
                row.append(inside[value])
            else:
                row.append((-1, inputs.setdefault(value, len(inputs))))
        rows.append(tuple(row))
        inside.update({value: (number, k) for k, value in enumerate(line.step.binds)})
    return tuple(rows) if 1 <= len(inputs) <= MOST_INPUTS else None


def _outputs(lines: Lines, start: int, length: int) -> Iterator[tuple[int, int]]:
    """What is taken of a segment behind it."""
    for number, line in enumerate(lines.lines[start : start + length]):
        for k, value in enumerate(line.step.binds):
            if lines.last.get(value, -1) >= start + length:
                yield number, k


def _trial(
    lines: Lines,
    pattern: Pattern,
    starts: list[int],
    sizes: list[int],
    is_free: Callable[[str], bool],
) -> _Trial | None:
    """The block for segments that flow alike; None where it would not be worth reading."""
    uses = [
        tuple(lines.lines[place].step.tree for place in range(start, start + pattern.length))
        for start in starts
    ]
    try:
        tree = unify(labelled(uses))
        made = plan(list(holes_in(tree)), len(starts), is_free, (), MOST_PARAMETERS, chooses=False)
    except (NoMatch, TooMany):
        return None
    parameters = {name for _, name in made.bases}
    if sum(column.is_number or column.is_word for column, _ in made.bases) > 1:
        return None  # one thing tells the uses of a block apart
    body = body_of(
        pattern, filled(tree, made), lambda name: is_free(name) and name not in parameters
    )
    block, calls = named_block(body, made, lambda name: is_free(name) and name not in lines.taken)
    before = sum(sum(sizes[start : start + pattern.length]) for start in starts)
    after = sum(size(call) + 2 + pattern.inputs for call in calls)
    saved = before - after - BLOCK_COST - sum(map(size, body)) - 3 * len(block.parameters)
    if saved < LEAST_SAVED or saved < LEAST_SHARE * before:
        return None
    return _Trial(saved, pattern, tuple(starts), block, tuple(calls))


def _replace(lines: Lines, trial: _Trial) -> None:
    """Put the uses of a block where its steps stand."""
    pattern = trial.pattern
    result: list[Line] = []
    end = 0
    for start, call in zip(trial.starts, trial.calls, strict=True):
        result += lines.lines[end:start]
        end = start + pattern.length
        segment = lines.lines[start:end]
        inputs: dict[int, int] = {}
        for line, row in zip(segment, pattern.flow, strict=True):
            for value, (source, k) in zip(line.step.reads, row, strict=True):
                if source < 0:
                    inputs[k] = value
        last, output = pattern.output
        reads = tuple(inputs[each] for each in range(len(inputs)))
        step = Step(call_of(call, len(reads)), reads, (segment[last].step.binds[output],))
        result.append(Line(step, None))
    lines.set([*result, *lines.lines[end:]])
