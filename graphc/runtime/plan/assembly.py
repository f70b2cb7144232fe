"""Groups with their memory: everything about a program but its text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from graphc.ir.tensor import steps_of
from graphc.ir.types import TensorType
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.arena import Need, arrange
from graphc.runtime.plan.blocks import placed
from graphc.runtime.plan.call import Call
from graphc.runtime.plan.calls import calls_of
from graphc.runtime.plan.feeders import feeder
from graphc.runtime.plan.groups import Job, Layout
from graphc.runtime.plan.memory import Place, Storage, fresh
from graphc.runtime.plan.rows import Form
from graphc.runtime.plan.scans import Scan, is_unrolled
from graphc.runtime.plan.storing import Homes, Placed
from graphc.runtime.plan.tiles import Tiles
from graphc.runtime.source import Writer

Loop = list[list[Call]]
"""The calls of each block."""


class Assembly:
    """Decides where everything is, and what is called on it.

    `given` are filled before, and `kept` are read afterwards. What lies `outside` has its place, and
    is only read, but for places that results are put into. `turns` are places that the next time begins with, and what is put there.
    """

    def __init__(
        self,
        layout: Layout,
        given: Sequence[Place],
        kept: Sequence[Place],
        cache: int,
        outside: Collection[Storage] = (),
        turns: Sequence[tuple[Place, Place]] = (),
        puts: Mapping[Storage, Place] | None = None,
    ) -> None:
        self.homes = Homes(layout.groups, given, kept, outside, puts)
        self.placed = [placed(group, self.homes, cache) for group in layout.groups]
        self._feeders: dict[Job, Placed] = {}
        """The groups that fill images for others, by the first jobs of those."""
        if not turns:  # what the next time begins with may be written while a feeder still reads
            self._find_feeders()
        blocked = {i for i, each in enumerate(self.placed) if len(each.ranges) > 1 or each.feed}
        self.turned = [self.homes.turn(old, new, blocked) for old, new in turns]
        """Whether each turn needs no copy."""
        self._blocked = blocked
        self._scans = {
            job: (scan := Scan(job), _body(scan, cache))
            for group in layout.groups
            for job in group.jobs
            if is_unrolled(job)
        }
        self._room = {
            job: fresh(TensorType((body.size,), "uint8")) for job, (_, body) in self._scans.items()
        }
        self._local: set[Storage] = set()
        """Homes of what only one block needs at a time."""
        self.needs: list[Need] = []
        self.size: int
        self._arranged: list[Storage] = []
        self._collect_needs()
        offsets, self.size = arrange(self.needs)
        for storage, offset in zip(self._arranged, offsets, strict=True):
            storage.offset = offset

    def bind(self, arena: Array) -> None:
        """Put everything into these bytes."""
        for storage in self._arranged:
            storage.base = arena
        for storage in self.homes.first:
            home = self.homes.home(storage)
            storage.base, storage.offset = home.base, home.offset
        for job, (_, body) in self._scans.items():
            body.bind(self._room[job].array())

    def loops(
        self, tiles: Tiles, writer: Writer, start: int = 0, stop: int | None = None
    ) -> Iterator[Loop]:
        """What is called, one loop after the other, by the groups from one to another."""
        for each in self.placed[start:stop]:
            first = each.group.jobs[0]
            if first in self._scans:
                yield from self._scan(first, tiles, writer)
            elif each.feed is None:
                yield [self._turn(each, i, tiles, writer) for i in range(len(each.ranges))]

    def _find_feeders(self) -> None:
        for number, (before, after) in enumerate(pairwise(self.placed)):
            found = feeder(before, after, number, self.homes)
            if found is not None:
                self.placed[number] = self._feeders[after.group.jobs[0]] = found

    def _turn(self, each: Placed, index: int, tiles: Tiles, writer: Writer) -> list[Call]:
        """What is called for a block, with what fills the images under its windows."""
        first = each.group.jobs[0]
        before = self._feeders.get(first)
        calls: list[Call] = []
        if before is not None and before.feed is not None:
            done = sum(map(len, before.feed.parts[:index]))
            calls += _of_step(first, before.feed.moves(index))
            for part in range(len(before.feed.parts[index])):
                calls += self._block(before, done + part, tiles, writer)
        return calls + self._block(each, index, tiles, writer)

    def _block(self, each: Placed, index: int, tiles: Tiles, writer: Writer) -> list[Call]:
        return [
            call
            for job, form in zip(each.group.jobs, each.forms, strict=True)
            for call in _of_step(job, self._calls(job, form, each, index, tiles, writer))
        ]

    def _collect_needs(self) -> None:
        number = 0
        spans: list[tuple[int, int]] = []
        rooms: list[tuple[Storage, int]] = []
        for each in self.placed:
            spans.append((number, number + len(each.group.jobs) - 1))
            for job in each.group.jobs:
                body = [self._room[job]] if job in self._room else []
                rooms += [(place.storage, number) for place in (*each.rooms.get(job, ()), *body)]
                number += 1
        for index, each in enumerate(self.placed):
            if each.feed is not None:  # both go on till the end of the second
                spans[index : index + 2] = [(spans[index][0], spans[index + 1][1])] * 2
        lasting = self._lasting(spans)
        for storage, number in rooms:
            self._arranged.append(storage)
            self.needs.append(Need(storage.size, *lasting.get(storage, (number, number))))
        for storage in self.homes.first:
            if self.homes.home(storage) is storage:
                self._arranged.append(storage)
                self.needs.append(self._need(storage, spans))

    def _lasting(self, spans: Sequence[tuple[int, int]]) -> dict[Storage, tuple[int, int]]:
        """From when till when room is needed that one block fills for others, too."""
        return {
            place.storage: span
            for each, span in zip(self.placed, spans, strict=True)
            if each.strategy is not None and each.strategy.lasts
            for place in each.rooms.get(each.group.jobs[0], ())
        }

    def _need(self, storage: Storage, spans: Sequence[tuple[int, int]]) -> Need:
        first, last = self.homes.first[storage], self.homes.last[storage]
        groups = self.homes.groups_of[storage]
        blocked = groups & self._blocked
        if len(groups) == 1 and blocked:
            each = self.placed[min(blocked)]
            self._local.add(storage)
            return Need(storage.size // each.group.count * each.largest, first, last)
        # Other blocks of the same loop come later, or were before.
        first = min([first, *(spans[g][0] for g in blocked)])
        last = max([last, *(spans[g][1] for g in blocked)])
        size = next(
            (x.feed.size for x in self.placed if x.feed and x.feed.home is storage), storage.size
        )
        return Need(size, first, last)

    def _scan(self, job: Job, tiles: Tiles, writer: Writer) -> Iterator[Loop]:
        scan, body = self._scans[job]
        yield [_of_step(job, scan.before())]
        results = body.results
        yield [
            _of_step(
                job,
                [
                    *(
                        call
                        for loop in body.loops(tiles, writer)
                        for calls in loop
                        for call in calls
                    ),
                    *scan.turn(results, body.turned, number),
                ],
            )
            for number in scan.steps()
        ]
        yield [_of_step(job, scan.after())]

    def _calls(
        self, job: Job, form: Form | None, each: Placed, index: int, tiles: Tiles, writer: Writer
    ) -> list[Call]:
        rooms = [place.array() for place in each.rooms.get(job, ())]
        if form is None:
            if each.strategy is None:
                return _whole(job, writer)
            block, before = each.strategy.blocks[index], self._feeders.get(job)
            if each.strategy.is_whole:
                whole = job.results[0].array()
                return each.strategy.calls(block, job.operands[0].array(), whole, rooms)
            result = self._rows(job.results[0], len(job.results[0].shape) - 1, each, index)
            if before is None or before.feed is None:
                return each.strategy.calls(block, job.operands[0].array(), result, rooms)
            images, block = before.feed.window(index, block)
            return each.strategy.calls(block, images, result, rooms)
        operands = [
            place.array() if leading is None else self._rows(place, leading, each, index)
            for place, leading in zip(job.operands, form.operands, strict=True)
        ]
        result = self._rows(job.results[0], form.result, each, index)
        return calls_of(job.step, form, operands, result, tiles, rooms)

    def _rows(self, place: Place, leading: int, each: Placed, index: int) -> Array:
        home, rows = self.homes.home(place.storage), each.ranges[index]
        if each.feed is not None and home is each.feed.home:
            return place.block(leading, rows, each.feed.starts[index])
        return place.block(leading, rows, rows[0] if home in self._local else 0)


class _Body(Assembly):
    """What a loop does each time."""

    results: Sequence[Place]


def _body(scan: Scan, cache: int) -> _Body:
    layout = Layout(steps_of(scan.body.results), scan.places)
    results = [layout.place(x) for x in scan.body.results]
    turns = list(zip(scan.carried, results, strict=False))
    body = _Body(layout, scan.carried, results, cache, scan.outside, turns)
    body.results = results
    return body


def _of_step(job: Job, calls: Sequence[Call]) -> list[Call]:
    return [Call(call.text, call.arrays, job.step) for call in calls]


def _whole(job: Job, writer: Writer) -> list[Call]:
    """A step that takes its operands as wholes, by its kernel."""
    operands = [place.array() for place in job.operands]
    results = [place.array() for place in job.results]
    text = writer.call(job.step, ["{}"] * len(operands))
    if len(results) == 1:
        if job.step.primitive.name == "scan":
            text += "[0]"
        return [Call(f"copyto({{}}, {text})", (results[0], *operands))]
    targets = ", ".join(["{}[...]"] * len(results))
    return [Call(f"{targets} = {text}", (*results, *operands))]
