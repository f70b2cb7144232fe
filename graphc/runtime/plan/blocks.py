"""How many rows at a time a group goes over: as many as the cache holds of all that it touches."""

from __future__ import annotations

from graphc.ir.types import TensorType
from graphc.runtime.plan.groups import Group
from graphc.runtime.plan.memory import fresh
from graphc.runtime.plan.storing import Homes, Placed
from graphc.runtime.plan.windows.choose import strategy_of
from graphc.runtime.plan.windows.strategy import Block

LEAST = 256
"""Rows below which a product of matrices is held up by bringing its other factor."""


def placed(group: Group, homes: Homes, cache: int) -> Placed:
    """A group with its blocks, each of which may fill so many bytes."""
    forms = group.forms
    first = group.jobs[0]
    strategy = strategy_of(first.step, first.operands, cache) if first.is_windowed else None
    if strategy is not None:
        unit = group.count // (first.results[0].shape[0] * first.results[0].shape[1])
        places = tuple(
            _row_range(block, first.results[0].shape[1], unit) for block in strategy.blocks
        )
        room = tuple(fresh(TensorType((size,), "uint8")) for size in strategy.scratch)
        return Placed(group, forms, places, strategy, room)
    if None in forms:
        return Placed(group, forms, ((0, group.count),), None, ())
    return Placed(group, forms, ranges(group.count, _rows(group, homes, cache)), None, ())


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
    return max(rows, LEAST) if group.has_head else rows


def ranges(count: int, rows: int) -> tuple[tuple[int, int], ...]:
    """Blocks of rows, nearly as many in each, and numbers of them that have divisors."""
    blocks = -(-count // rows)
    size = -(-count // blocks)
    if blocks > 1 and size > 32:
        size = -(-size // 16) * 16
    return tuple((start, min(start + size, count)) for start in range(0, count, size))
