"""Which groups can fill the images for the next one's windows block by block."""

from __future__ import annotations

from graphc.record import replace
from graphc.runtime.plan.blocks import Ranges, in_blocks, ranges
from graphc.runtime.plan.feed import Feed
from graphc.runtime.plan.memory import Place, Storage
from graphc.runtime.plan.pieces import LEAST
from graphc.runtime.plan.storing import Homes, Placed


def feeder(before: Placed, after: Placed, number: int, homes: Homes) -> Placed | None:
    """The first of two groups, if it can feed the second, by the blocks of that one.

    `number` is the first one's among all groups.
    """
    windowed = after.group.jobs[0]
    if (
        after.strategy is None
        or not after.strategy.is_fed
        or before.strategy is not None
        or None in before.forms
    ):
        return None
    images = windowed.operands[0]
    home = homes.home(images.storage)
    if not images.is_whole or not _are_apart(before, after, number, home, homes):
        return None
    rows = images.shape[0] * images.shape[1]
    if before.group.count % rows:
        return None
    feed = _feed(after, images, home, before.group.count // rows, before.largest)
    is_smaller = 2 * feed.size <= home.size
    blocks = [each for part in feed.parts for each in part]
    if not is_smaller or (before.group.has_head and before.group.count < LEAST * len(blocks)):
        return None
    return replace(in_blocks(before.group, tuple(blocks)), feed=feed)


def _are_apart(before: Placed, after: Placed, number: int, home: Storage, homes: Homes) -> bool:
    """Whether two groups have nothing to do with each other but for the images of one storage."""

    def homes_of(places: tuple[Place, ...]) -> set[Storage]:
        return {homes.home(place.storage) for place in places if not place.is_known}

    first, *others = after.group.jobs
    made = {home for job in before.group.jobs for home in homes_of(job.results)}
    read = {home for job in before.group.jobs for home in homes_of(job.operands)}
    kept = {home for job in others for home in homes_of(job.operands)}
    written = {home for job in after.group.jobs for home in homes_of(job.results)}
    return (
        homes.groups_of.get(home) == {number, number + 1}
        and all(homes.groups_of.get(other) == {number} for other in made - {home})
        and home not in kept | written | homes_of(first.operands[1:])
        and not written & read
    )


def _feed(after: Placed, images: Place, home: Storage, unit: int, most: int) -> Feed:
    assert after.strategy is not None
    height = images.shape[1]
    held = []
    for block in after.strategy.blocks:
        low, high = after.strategy.geometry.under(block) if block.count == 1 else (0, height)
        held.append((block.images[0] * height + low, (block.images[1] - 1) * height + high))
    ends = [0, *(stop for _, stop in held)]
    parts = tuple(
        _cut(max(start, end) * unit, stop * unit, most)
        for (start, stop), end in zip(held, ends, strict=False)
    )
    return Feed(images, home, tuple(held), unit, parts)


def _cut(start: int, stop: int, most: int) -> Ranges:
    """Blocks of rows from one to another."""
    if start >= stop:
        return ()
    return tuple((start + first, start + last) for first, last in ranges(stop - start, most))
