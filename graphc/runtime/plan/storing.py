"""How long each storage is needed, which results overwrite an operand, and what a block holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from graphc.ir.primitives.elementwise import ELEMENTWISE
from graphc.record import Record
from graphc.runtime.plan.feed import Feed
from graphc.runtime.plan.groups import Group, Job
from graphc.runtime.plan.memory import Place, Storage
from graphc.runtime.plan.rows import Form
from graphc.runtime.plan.windows.strategy import Strategy

_IN_PLACE = ELEMENTWISE | {"bounded_exp"}
"""What may write over an operand as it reads it."""


class Placed(Record):
    """A group with what was decided about it: its steps by rows, and its blocks of rows."""

    group: Group
    forms: tuple[Form | None, ...]
    ranges: tuple[tuple[int, int], ...]
    strategy: Strategy | None
    """How the first step slides windows."""
    rooms: Mapping[Job, tuple[Place, ...]]
    """What steps write for themselves, on each block."""
    feed: Feed | None = None
    """What it fills in turns with the next group."""

    __hash__ = object.__hash__

    @property
    def largest(self) -> int:
        """Rows of the largest block."""
        return max(stop - start for start, stop in self.ranges)


class Homes:
    """The storage that each storage's bytes are in: its own, or the one it overwrites."""

    def __init__(
        self,
        groups: Sequence[Group],
        given: Iterable[Place],
        kept: Iterable[Place],
        outside: Collection[Storage] = (),
        puts: Mapping[Storage, Place] | None = None,
    ) -> None:
        """What lies `outside` is only read, but for the places that results are to be put into."""
        kept = list(kept)
        self._outside = outside
        results = {place.storage for place in kept}
        self._puts = {new: own for new, own in (puts or {}).items() if own.storage not in results}
        self._read: dict[Storage, int] = {}
        """The last use of what lies outside."""
        self.last: dict[Storage, int] = {}
        """The last use, as the number of a job among all of them."""
        self.first: dict[Storage, int] = {}
        self.groups_of: dict[Storage, set[int]] = {}
        self._home: dict[Storage, Storage] = {}
        self._might: dict[Storage, set[Storage]] = {}
        """What a step may overwrite, whether or not it does."""
        for each in given:
            self._use(each.storage, -1, -1)
        number = 0
        for place, group in enumerate(groups):
            for job in group.jobs:
                for each in (*job.operands, *job.results):
                    self._use(each.storage, number, place)
                number += 1
        for each in kept:
            self._use(each.storage, number, len(groups))
        number = 0
        for place, group in enumerate(groups):
            for job, form in zip(group.jobs, group.forms, strict=True):
                if form is not None and job.step.primitive.name in _IN_PLACE:
                    self._overwrite(place, group, job, form, number)
                number += 1

    def home(self, storage: Storage) -> Storage:
        """Whose bytes a storage has."""
        while storage in self._home:
            storage = self._home[storage]
        return storage

    def turn(self, old: Place, new: Place, blocked: set[int]) -> bool:
        """Have a place filled directly that the next time begins with; whether that goes."""
        if new.storage not in self.first or not new.is_whole:
            return False
        target, home = self.home(old.storage), self.home(new.storage)
        if target is home:
            return True
        is_late = self.first[home] > self.last[target] or target in self._might.get(home, ())
        shared = self.groups_of[home] & self.groups_of[target] & blocked
        if not is_late or shared or home.size != target.size or -1 in self.groups_of[home]:
            return False
        self._home[home] = target
        self.last[target] = self.last[home]
        self.groups_of[target] |= self.groups_of[home]
        return True

    def _use(self, storage: Storage, number: int, group: int) -> None:
        if storage in self._outside:
            self._read[storage] = number
        elif storage.array is None:
            self.first.setdefault(storage, number)
            self.last[storage] = number
            self.groups_of.setdefault(storage, set()).add(group)

    def _overwrite(self, place: int, group: Group, job: Job, form: Form, number: int) -> None:
        result = job.results[0]
        own = self._puts.get(result.storage)
        if own is not None and self._can_put(own, group, job, number):
            self._home[result.storage] = own.storage
            self.last[own.storage] = self.last[result.storage]
            self.groups_of[own.storage] = self.groups_of[result.storage]
            return
        leaves = self.groups_of[result.storage] != {place}
        possible = [
            operand
            for operand in self._overwritable(job)
            if self._is_free(operand, job, form, number)
            and (group.owns(operand) or self._by_rows(group, operand.storage))
        ]
        self._might[result.storage] = {self.home(operand.storage) for operand in possible}
        candidates = [operand for operand in possible if leaves or group.owns(operand)]
        # What the group made itself is in the cache already.
        candidates.sort(key=lambda operand: not group.owns(operand))
        if candidates:
            home = self.home(candidates[0].storage)
            self._home[result.storage] = home
            self.last[home] = self.last[result.storage]
            self.groups_of[home] |= self.groups_of[result.storage]

    def _can_put(self, own: Place, group: Group, job: Job, number: int) -> bool:
        """Whether a result can be written over what lies outside: nothing wants that any more."""
        result = job.results[0]
        views = [x for x in job.operands if x.storage is own.storage]
        return (
            result.is_whole
            and all(_same_view(x, own) for x in (result, *views))
            and self._read.get(own.storage, -1) <= number
            and self._by_rows(group, own.storage)
        )

    def is_put(self, own: Place, new: Place) -> bool:
        """Whether a result is in the place outside that it is to be put into."""
        return new.is_whole and self.home(new.storage) is own.storage

    def _overwritable(self, job: Job) -> Sequence[Place]:
        name = job.step.primitive.name
        # The condition and the first choice of a selection are read after the second is written.
        operands = job.operands[2:] if name == "select" else job.operands
        result = job.results[0]
        return [
            operand
            for operand in operands
            if operand.storage in self.first
            and operand.is_whole
            and operand.dtype == result.dtype
            and operand.shape == result.shape
        ]

    def _is_free(self, operand: Place, job: Job, form: Form, number: int) -> bool:
        home = self.home(operand.storage)
        others = [x for x in job.operands if not x.is_known and self.home(x.storage) is home]
        return self.last[home] == number and all(_same_view(x, operand) for x in others)

    def _by_rows(self, group: Group, storage: Storage) -> bool:
        """Whether a group reads a storage of another only in the rows that it is about."""
        home = self.home(storage)
        for job, form in zip(group.jobs, group.forms, strict=True):
            for index, operand in enumerate(job.operands):
                if operand.is_known or self.home(operand.storage) is not home:
                    continue
                leading = None if form is None else form.operands[index]
                if leading is None or not operand.keeps_rows(leading):
                    return False
        return True


def _same_view(a: Place, b: Place) -> bool:
    return (a.offset, a.shape, a.strides, a.dtype) == (b.offset, b.shape, b.strides, b.dtype)
