"""How many rows at a time a group goes over: as many as the cache holds of all that it touches."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from graphc.ir.types import TensorType
from graphc.runtime.plan.groups import Group, Job
from graphc.runtime.plan.memory import Place, fresh
from graphc.runtime.plan.pieces import LEAST, least_rows
from graphc.runtime.plan.products import copied
from graphc.runtime.plan.storing import Homes, Placed
from graphc.runtime.plan.windows.choose import strategy_of
from graphc.runtime.plan.windows.strategy import Block

Ranges = tuple[tuple[int, int], ...]
"""From one row to another, of each block."""


def placed(group: Group, homes: Homes, cache: int) -> Placed:
    """A group with its blocks, each of which may fill so many bytes."""
    forms = group.forms
    first = group.jobs[0]
    strategy = strategy_of(first.step, first.operands, cache) if first.is_windowed else None
    if strategy is not None:
        if strategy.is_whole:
            places = ((0, group.count),) * len(strategy.blocks)
            return Placed(group, forms, places, strategy, {first: _rooms(strategy.scratch)})
        unit = group.count // (first.results[0].shape[0] * first.results[0].shape[1])
        places = tuple(
            _row_range(block, first.results[0].shape[1], unit) for block in strategy.blocks
        )
        rooms = {first: _rooms(strategy.scratch), **_copies(group, places)}
        return Placed(group, forms, places, strategy, rooms)
    if None in forms:
        return Placed(group, forms, ((0, group.count),), None, {})
    return in_blocks(group, ranges(group.count, _rows(group, homes, cache)))


def in_blocks(group: Group, blocks: Ranges) -> Placed:
    """A group without windows, by these blocks."""
    return Placed(group, group.forms, blocks, None, _copies(group, blocks))


def _rooms(sizes: Iterable[int]) -> tuple[Place, ...]:
    return tuple(fresh(TensorType((size,), "uint8")) for size in sizes)


def _copies(group: Group, blocks: Ranges) -> dict[Job, tuple[Place, ...]]:
    """Room for the factors of products that BLAS does not take as they are."""
    heights = {stop - start for start, stop in blocks}
    made = {}
    for job, form in zip(group.jobs, group.forms, strict=True):
        if form is not None and job.step.primitive.name == "dot_general":
            sizes = [copied(job.step, form, job.operands, rows) for rows in heights]
            made[job] = _rooms(map(max, zip(*sizes, strict=True)))
    return made


def _row_range(block: Block, height: int, width: int) -> tuple[int, int]:
    """A block of images' rows as a range of places."""
    first = (block.images[0] * height + block.rows[0]) * width
    last = ((block.images[1] - 1) * height + block.rows[1]) * width
    return first, last


def _rows(group: Group, homes: Homes, cache: int) -> int:
    sizes = {}
    for job, form in zip(group.jobs, group.forms, strict=True):
        assert form is not None
        for place, leading in zip((*job.operands, *job.results), (*form.operands, 0), strict=True):
            if leading is not None and not place.is_known:
                sizes[homes.home(place.storage)] = place.storage.size
    held = max(sum(sizes.values()) // group.count, 1)
    rows = max(cache // held, 1)
    return max(rows, _least(group)) if group.has_head else rows


def _least(group: Group) -> int:
    """How many rows the head of a group wants at once."""
    for job, form in zip(group.jobs, group.forms, strict=True):
        if job.is_product and form is not None and form.operands[1] is None:
            columns = prod(job.results[0].shape) // group.count
            return least_rows(prod(job.operands[1].shape) // max(columns, 1), columns)
    return LEAST


def ranges(count: int, rows: int) -> Ranges:
    """Blocks of rows, nearly as many in each, and numbers of them that have divisors."""
    blocks = -(-count // rows)
    size = -(-count // blocks)
    if blocks > 1 and size > 32:
        size = -(-size // 16) * 16
    return tuple((start, min(start + size, count)) for start in range(0, count, size))
