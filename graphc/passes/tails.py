"""The last steps before large results, where they go element by element.

What an optimizer does to a weight is a dozen such steps on arrays of its size. Each would go through
memory; taken block by block, all but the first and the last stay in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.ir.primitives.elementwise import ELEMENTWISE
from graphc.ir.tensor import Step, Tensor, key, results_of
from graphc.ir.types import TensorType
from graphc.passes.rebuild import again, rebuild
from graphc.record import Record

Key = tuple[int, int]


class Tail(Record):
    """Some of a graph's results, as a graph for one block of their elements.

    Its leaves stand for as many elements of each tensor of `given`, then for the `scalars`.
    """

    places: tuple[int, ...]
    given: tuple[Tensor, ...]
    scalars: tuple[Tensor, ...]
    leaves: tuple[Tensor, ...]
    results: tuple[Tensor, ...]

    __hash__ = object.__hash__


class _Region:
    """Steps that lead to results of one shape element by element, and what they begin with."""

    def __init__(self, place: int, result: Tensor) -> None:
        self.places = [place]
        self.steps: set[int] = set()
        self.given: dict[Key, Tensor] = {}
        self.scalars: dict[Key, Tensor] = {}
        self._reach(result)

    def _reach(self, result: Tensor) -> None:
        waiting = [result]
        while waiting:
            tensor = waiting.pop()
            step = tensor.step
            if tensor.shape == ():
                self.scalars[key(tensor)] = tensor
            elif step is None or not _is_by_element(step, result):
                self.given[key(tensor)] = tensor
            elif id(step) not in self.steps:
                self.steps.add(id(step))
                waiting.extend(step.operands)

    def meets(self, other: _Region) -> bool:
        """Whether two have steps or tensors of that size in common."""
        return not (
            self.steps.isdisjoint(other.steps) and self.given.keys().isdisjoint(other.given)
        )

    def join(self, other: _Region) -> None:
        """Take in another one."""
        self.places += other.places
        self.steps |= other.steps
        self.given |= other.given
        self.scalars |= other.scalars


def _is_by_element(step: Step, result: Tensor) -> bool:
    return step.primitive.name in ELEMENTWISE and all(
        operand.shape in ((), result.shape) for operand in step.operands
    )


def _size(tensor: Tensor) -> int:
    """The number of elements; 0 where it is not known."""
    return prod(dim if isinstance(dim, int) else 0 for dim in tensor.shape)


def tails(results: Sequence[Tensor], least: int, block: int) -> list[Tail]:
    """The tails of results that have `least` elements or more, for blocks of so many."""
    regions: list[_Region] = []
    for place, result in enumerate(results):
        if _size(result) < least:
            continue
        region = _Region(place, result)
        if len(region.steps) < 2:
            continue
        apart = []
        for other in regions:
            if region.meets(other) and results[other.places[0]].shape == result.shape:
                region.join(other)
            else:
                apart.append(other)
        regions = [*apart, region]
    return _for_blocks(results, regions, block)


def _for_blocks(results: Sequence[Tensor], regions: Sequence[_Region], block: int) -> list[Tail]:
    inside = {step for region in regions for step in region.steps}
    stand_ins: dict[Key, Tensor] = {}
    leaves: dict[Tensor, Tensor] = {}
    for region in regions:
        for place, tensor in (*region.given.items(), *region.scalars.items()):
            if place not in stand_ins:
                shape = () if tensor.shape == () else (block,)
                stand_ins[place] = Tensor(TensorType(shape, tensor.dtype))
            if tensor.step is None:
                leaves[tensor] = stand_ins[place]

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if id(step) in inside:
            return again(step, operands)
        return tuple(stand_ins.get(key(x), x) for x in results_of(step))

    places = [place for region in regions for place in region.places]
    made = dict(
        zip(places, rebuild([results[place] for place in places], leaves, rule), strict=True)
    )
    return [
        Tail(
            tuple(region.places),
            tuple(region.given.values()),
            tuple(region.scalars.values()),
            tuple(stand_ins[place] for place in (*region.given, *region.scalars)),
            tuple(made[place] for place in region.places),
        )
        for region in regions
    ]
