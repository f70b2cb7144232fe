"""Out of loops: what a step does to its slices alone is done to all of them at once.

A recurrent layer's product of its inputs and kernel is then one product of matrices for the whole
sequence (Appleyard, Kociský and Blunsom, "Optimizing performance of recurrent neural networks on
GPUs", 2016, section 3.2.1). Sums are put in another order for it, so results change by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from graphc.ir.primitives import contraction, control, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.control import Body
from graphc.ir.primitives.row import apply, apply_all
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.passes.divide import DRAWING
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by
from graphc.passes.single import Single

Many: TypeAlias = Callable[[Step, tuple[Tensor, ...], tuple[bool, ...]], "Tensor | None"]
"""A step on all slices, from operands of which those that are flagged have all their slices."""


def hoist(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results from loops that do less."""
    return rebuild(results, {}, _rule)


def _rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if step.primitive is not control.SCAN:
        return again(step, operands)
    return _Loop(step, operands).made()


class _Loop:
    """One loop, and what of its body can be computed around it."""

    def __init__(self, step: Step, operands: tuple[Tensor, ...]) -> None:
        self.attributes = step.attributes
        self.carried = step.attributes["carried"]
        self.scanned = step.attributes["scanned"]
        self.operands = operands
        body: Body = step.attributes["body"]
        self.parameters = body.parameters
        first = self.carried + self.scanned
        self.around = {
            key(x): (operand, place < first)
            for place, (x, operand) in enumerate(zip(body.parameters, operands, strict=True))
            if place >= self.carried
        }
        """What stands outside for a tensor of the body, and whether it has all slices."""
        self.results = self._sorted(body.results)

    def made(self) -> tuple[Tensor, ...]:
        """The loop's results."""
        steps = steps_of(self.results)
        for step in steps:
            self._hoist(step)
        parameters = {key(x) for x in self.parameters}
        used = [x for s in steps if (id(s), 0) not in self.around for x in s.operands]
        moved = {
            key(x): x
            for x in (*used, *self.results)
            if key(x) in self.around and key(x) not in parameters
        }
        if not moved:
            return self._loop(self.parameters, self.operands, self.results)
        stand_ins = {place: Tensor(x.type) for place, x in moved.items()}
        sliced = [place for place in moved if self.around[place][1]]
        others = [place for place in moved if not self.around[place][1]]
        at = self.carried + self.scanned

        def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            if (id(step), 0) in self.around:
                return tuple(stand_ins.get(key(x), x) for x in results_of(step))
            return again(step, operands)

        def between(own: Sequence[Tensor], more: Mapping[Any, Tensor]) -> tuple[Tensor, ...]:
            return (
                *own[:at],
                *map(more.__getitem__, sliced),
                *own[at:],
                *map(more.__getitem__, others),
            )

        return self._loop(
            between(self.parameters, stand_ins),
            between(self.operands, {place: x for place, (x, _) in self.around.items()}),
            rebuild(self.results, {}, rule),
            len(sliced),
        )

    def _loop(
        self, parameters: Sequence[Tensor], operands: Sequence[Tensor], results: Sequence[Tensor],
        more: int = 0,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """A loop of these, without parameters that nothing asks for."""
        used = {key(x) for s in steps_of(results) for x in s.operands} | set(map(key, results))
        scanned = self.scanned + more
        kept = [
            place for place, x in enumerate(parameters) if place < self.carried or key(x) in used
        ]
        count = sum(self.carried <= place < self.carried + scanned for place in kept)
        attributes = self.attributes | {
            "body": Body(tuple(parameters[place] for place in kept), tuple(results)),
            "scanned": count,
        }
        return apply_all(control.SCAN, *(operands[place] for place in kept), **attributes)

    def _hoist(self, step: Step) -> None:
        if step.primitive in DRAWING or len(step.types) > 1:
            return
        found = [self.around.get(key(x)) for x in step.operands]
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return
        operands = tuple(x for x, _ in known)
        flags = tuple(flag for _, flag in known)
        if any(flags):
            many = _MANY.get(step.primitive.name)
            made = None if many is None else many(step, operands, flags)
        else:
            (made,) = again(step, operands)
        if made is not None:
            self.around[id(step), 0] = (made, any(flags))

    def _sorted(self, results: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Sums in which what can be hoisted is added first."""
        free = set(self.around)
        single = Single(results)

        def is_free(tensor: Tensor) -> bool:
            return key(tensor) in free

        def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            made = again(step, operands)
            if step.primitive is rows.ADD and made[0].dtype in ("float32", "float64"):
                made = (_regrouped(made[0], is_free, single),)
            if step.primitive not in DRAWING and all(map(is_free, operands)):
                free.update((id(x.step), x.index) for x in made)
            single.note(step, made)
            return made

        return rebuild(results, {}, rule)


def _regrouped(total: Tensor, is_free: Callable[[Tensor], bool], single: Single) -> Tensor:
    """(a + b) + c as (a + c) + b, where a and c are free, and b is not."""
    assert total.step is not None
    for inner, c in (total.step.operands, total.step.operands[::-1]):
        step = made_by(inner, rows.ADD)
        if step is None or step not in single or not is_free(c):
            continue
        for a, b in (step.operands, step.operands[::-1]):
            if is_free(a) and not is_free(b):
                return apply(rows.ADD, apply(rows.ADD, a, c), b)
    return total


def _elementwise(step: Step, operands: tuple[Tensor, ...], flags: tuple[bool, ...]) -> Tensor:
    rank = len(step.types[0].shape)
    spread = [
        _with_axes(x, rank + 1) if flag else x for x, flag in zip(operands, flags, strict=True)
    ]
    return apply(step.primitive, *spread, **step.attributes)


def _with_axes(x: Tensor, rank: int) -> Tensor:
    """All slices of a tensor that had fewer axes than the others: 1 after the first."""
    if x.rank == rank:
        return x
    shape = (x.shape[0], *(1,) * (rank - x.rank), *x.shape[1:])
    return apply(movement.RESHAPE, x, shape=shape)


def _product(step: Step, operands: tuple[Tensor, ...], flags: tuple[bool, ...]) -> Tensor | None:
    left, right = step.attributes["contracting"]
    if flags != (True, False) or step.attributes.get("batch", ((), ())) != ((), ()):
        return None
    contracting = (tuple(axis + 1 for axis in left), right)
    return apply(contraction.DOT_GENERAL, *operands, contracting=contracting)


def _reshape(step: Step, operands: tuple[Tensor, ...], flags: tuple[bool, ...]) -> Tensor:
    (x,) = operands
    return apply(movement.RESHAPE, x, shape=(x.shape[0], *step.attributes["shape"]))


def _slice(step: Step, operands: tuple[Tensor, ...], flags: tuple[bool, ...]) -> Tensor:
    (x,) = operands
    first = {"starts": 0, "sizes": x.shape[0], "strides": 1}
    return apply(movement.SLICE, x, **{k: (each, *step.attributes[k]) for k, each in first.items()})


_MANY: dict[str, Many] = {
    **dict.fromkeys(rows.ELEMENTWISE, _elementwise),
    "dot_general": _product,
    "reshape": _reshape,
    "slice": _slice,
}
