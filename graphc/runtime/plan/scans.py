"""Loops over the first axis of what is scanned: their bodies on memory of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from graphc.ir.tensor import steps_of
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.memory import Place, Storage, fresh

if TYPE_CHECKING:
    from graphc.runtime.plan.groups import Job

MOST_CALLS = 1 << 16
"""Calls that a loop may come to. Beyond, its kernel runs the body one step at a time."""


def is_unrolled(job: Job) -> bool:
    """Whether a loop is written out: its arrays are known for each step."""
    if job.step.primitive.name != "scan":
        return False
    steps = steps_of(job.step.attributes["body"].results)
    is_flat = all(step.primitive.name not in ("scan", "random_bits") for step in steps)
    return is_flat and len(steps) * job.step.attributes["length"] <= MOST_CALLS


class Scan:
    """Places of a body's parameters: carried ones of its own, slices that move, and those around."""

    def __init__(self, job: Job) -> None:
        attributes = job.step.attributes
        self.body = attributes["body"]
        self.count: int = attributes["carried"]
        self.length: int = attributes["length"]
        self._is_reversed: bool = attributes["reverse"]
        self._job = job
        scanned = self.count + attributes["scanned"]
        self._sequences = [_in_memory(place) for place in job.operands[self.count : scanned]]
        self.carried = [fresh(x.type) for x in self.body.parameters[: self.count]]
        self._slices = [_slice_of(place) for place in self._sequences]
        around = job.operands[scanned:]
        self.places = dict(
            zip(self.body.parameters, (*self.carried, *self._slices, *around), strict=True)
        )
        self._saved: dict[Place, Array] = {}
        self.outside = {place.storage for place in (*self._slices, *around)}

    def steps(self) -> Iterator[int]:
        """The numbers of the slices in their turn; the slices' places are moved to each."""
        order = range(self.length)
        for number in reversed(order) if self._is_reversed else order:
            for place, sequence in zip(self._slices, self._sequences, strict=True):
                place.storage.base = sequence.storage.base
                start = sequence.storage.offset + sequence.offset
                place.storage.offset = start + number * sequence.strides[0]
            yield number

    def before(self) -> list[Call]:
        """What the carried tensors are at first."""
        return _copies(self.carried, self._job.operands[: self.count])

    def after(self) -> list[Call]:
        """What they are in the end."""
        return _copies(self._job.results[: self.count], self.carried)

    def turn(self, results: Sequence[Place], kept: Sequence[bool], number: int) -> list[Call]:
        """What a step hands on: slices of the outputs, and what is carried where it has moved."""
        stacks = [place.array()[number, ...] for place in self._job.results[self.count :]]
        calls = [
            copy(stack, place.array())
            for stack, place in zip(stacks, results[self.count :], strict=True)
        ]
        moved = [
            (old, new)
            for old, new, is_kept in zip(self.carried, results, kept, strict=False)
            if not is_kept
        ]
        if len(moved) < 2:
            return calls + [copy(old.array(), new.array()) for old, new in moved]
        # What is new for one may lie where the old of another was.
        for old, _ in moved:
            if old not in self._saved:
                self._saved[old] = np.empty(old.shape, old.dtype)
        saved = [copy(self._saved[old], new.array()) for old, new in moved]
        return calls + saved + [copy(old.array(), self._saved[old]) for old, _ in moved]


def _copies(targets: Sequence[Place], sources: Sequence[Place]) -> list[Call]:
    return [copy(a.array(), b.array()) for a, b in zip(targets, sources, strict=True)]


def _in_memory(place: Place) -> Place:
    """A place that has an address also where its values are known."""
    array = place.storage.array
    if array is None:
        return place
    packed = np.ascontiguousarray(array)
    storage = Storage(packed.nbytes)
    storage.base = packed.reshape(-1).view(np.uint8)
    return Place(storage, packed.dtype, packed.shape, packed.strides)


def _slice_of(place: Place) -> Place:
    shape = place.shape[1:]
    storage = Storage(prod(shape) * place.dtype.itemsize)
    return Place(storage, place.dtype, shape, place.strides[1:])
