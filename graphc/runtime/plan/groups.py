"""Steps put together in groups: each goes over its rows once, block by block.

What a block made is still in the cache when the next step of the group wants it, and what only
the group's own steps want needs no more memory than a block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from graphc.ir.tensor import Step, Tensor, key, results_of
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.memory import Place, Storage, fresh, known, viewed
from graphc.runtime.plan.rows import Form, counts_of, form_of
from graphc.runtime.plan.windows.of_kernel import sums_over_images

WINDOWED = ("conv", "reduce_window_sum", "reduce_window_max")
"""Rows of their results need rows around: each begins a group, which goes on with its rows."""

LARGE_ROW = 1 << 18
"""Bytes that the rows of a group hold at most, where they were smaller before a step joined it."""


class Job:
    """A step, where its operands are and its results."""

    __slots__ = ("operands", "results", "step")

    def __init__(self, step: Step, operands: tuple[Place, ...], results: tuple[Place, ...]) -> None:
        self.step = step
        self.operands = operands
        self.results = results

    @property
    def is_product(self) -> bool:
        """Whether it multiplies rows by a matrix that stays the same."""
        if self.step.primitive.name != "dot_general":
            return False
        return self.operands[1].is_known or not self.step.attributes.get("batch", ((),))[0]

    @property
    def is_windowed(self) -> bool:
        """Whether it slides windows over whole images."""
        return self.step.primitive.name in WINDOWED


class Group:
    """Steps that go over the same rows. `counts` are the numbers of rows they can be divided in."""

    def __init__(self, job: Job, counts: set[int]) -> None:
        self.jobs = [job]
        self.counts = counts
        self.is_closed = not counts
        self.has_head = job.is_product or job.is_windowed
        self.made = {place.storage for place in job.results}
        self._forms: tuple[Form | None, ...] | None = None

    @property
    def count(self) -> int:
        """Into how many rows its tensors are divided."""
        return max(self.counts, default=1)

    @property
    def is_coarse(self) -> bool:
        """Whether it begins with a product that is one large row, as gradients of kernels are.

        What follows goes over it by smaller rows, on its own.
        """
        return self.has_head and self.count == 1 and max(s.size for s in self.made) > LARGE_ROW

    def owns(self, place: Place) -> bool:
        """Whether one of its steps fills it."""
        return place.storage in self.made

    @property
    def forms(self) -> tuple[Form | None, ...]:
        """Each step by the group's rows; None for what takes its operands as wholes."""
        if self._forms is None:
            self._forms = tuple(
                None
                if job.is_windowed or self.is_closed
                else form_of(job.step, job.operands, self.count, self.owns)
                for job in self.jobs
            )
        return self._forms

    def joined(self, job: Job) -> set[int]:
        """The numbers of rows that are left with one more step; none where it should not join."""
        if self.is_closed or job.is_windowed or (self.has_head and job.is_product):
            return set()
        if self.is_coarse and job.results[0].storage.size > LARGE_ROW:
            return set()
        limit = {self.count} if self.has_head or job.is_product else self.counts
        left = {n for n in limit if form_of(job.step, job.operands, n, self.owns)}
        best = max(left, default=0)
        if best == self.count:
            return left
        size = sum(storage.size for storage in self.made) + job.results[0].storage.size
        return left if best and size <= LARGE_ROW * best else set()

    def add(self, job: Job, counts: set[int]) -> None:
        """Put a step at the end."""
        self.jobs.append(job)
        self.counts = counts
        self._forms = None
        self.has_head |= job.is_product
        self.made |= {place.storage for place in job.results}


class Layout:
    """Groups in their order, and where every tensor is."""

    def __init__(self, steps: Sequence[Step], places: Mapping[Tensor, Place]) -> None:
        self.groups: list[Group] = []
        self._places = {key(tensor): place for tensor, place in places.items()}
        self._group_of: dict[Storage, int] = {}
        self._reader_of: dict[Storage, int] = {}
        """The last group that reads each storage."""
        self._first = 0
        """The first group that steps may still join."""
        self.extend(steps)

    def extend(self, steps: Sequence[Step]) -> None:
        """Do more, behind all that is there already."""
        self._first = len(self.groups)
        for step in _numbers_first(steps):
            self._add(step)

    def place(self, tensor: Tensor) -> Place:
        """Where a tensor is."""
        return self._places[key(tensor)]

    def _add(self, step: Step) -> None:
        operands = tuple(map(self.place, step.operands))
        results = self._without_work(step, operands)
        if results is None:
            results = tuple(fresh(type) for type in step.types)
            self._put(Job(step, operands, results))
        self._places.update(zip(map(key, results_of(step)), results, strict=True))

    def _without_work(self, step: Step, operands: tuple[Place, ...]) -> tuple[Place, ...] | None:
        """The results, where they are known already or seen in an operand."""
        if not all(place.is_known for place in operands) or "body" in step.attributes:
            seen = viewed(step, operands[0]) if len(operands) == 1 else None
            return None if seen is None else (seen,)
        if step.primitive.name == "random_bits":
            return None
        arrays: list[Array] = [place.storage.array for place in operands]  # type: ignore[misc]
        made = KERNELS[step.primitive.name](*arrays, **step.attributes)
        return tuple(map(known, made if isinstance(made, tuple) else (made,)))

    def _put(self, job: Job) -> None:
        after = max((self._group_of.get(p.storage, -1) for p in job.operands), default=-1)
        counts = self.groups[after].joined(job) if after >= self._first else set()
        if not counts and (after < self._first or self.groups[after].is_coarse):
            after, counts = self._beside_a_reader(job, after)
        if counts:
            self.groups[after].add(job, counts)
        else:
            after = len(self.groups)
            self.groups.append(Group(job, _counts(job)))
        self._group_of.update(dict.fromkeys((p.storage for p in job.results), after))
        self._reader_of.update(dict.fromkeys((p.storage for p in job.operands), after))

    def _beside_a_reader(self, job: Job, after: int) -> tuple[int, set[int]]:
        """A group behind another that reads what a job does, and the counts that are left."""
        found = max((self._reader_of.get(p.storage, -1) for p in job.operands), default=-1)
        if found < self._first or found <= after or job.is_product:
            return -1, set()
        counts = self.groups[found].joined(job)
        return found, counts if self.groups[found].count in counts else set()


def _numbers_first(steps: Sequence[Step]) -> list[Step]:
    """Steps of single numbers alone before all others, which then need not be parted for them."""
    early: set[Step] = set()
    for step in steps:
        types = (*step.types, *(x.type for x in step.operands))
        is_drawn = step.primitive.name == "random_bits"  # its place among others says which ones
        if is_drawn or any(dim != 1 for type in types for dim in type.shape):
            continue
        if all(x.step is None or x.step in early for x in step.operands):
            early.add(step)
    return [*(s for s in steps if s in early), *(s for s in steps if s not in early)]


def _counts(job: Job) -> set[int]:
    """Into how many rows a step alone can be divided."""
    shape = job.results[0].shape
    if sums_over_images(job.step, job.operands):
        return set()
    if job.is_windowed:
        return {prod(shape[:-1])}
    return {n for n in counts_of(shape) if form_of(job.step, job.operands, n, _nothing)}


def _nothing(place: Place) -> bool:
    return False
