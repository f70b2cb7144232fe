"""Graphs of primitives that are run at once, one primitive at a time, under the eyes of tapes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from graphc.eager.active import ACTIVE
from graphc.eager.tensor import EagerTensor
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.control import SCAN
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.ir.types import TensorType
from graphc.passes.derivatives import DERIVATIVES
from graphc.passes.derivatives.elementwise import is_constant
from graphc.passes.derivatives.table import CONSTANT_RESULTS, is_differentiable, number
from graphc.passes.divide import DRAWING
from graphc.passes.rebuild import again, rebuild
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.elementwise import UFUNCS
from graphc.runtime.kernels.table import SMALL_FLOATS

Which = tuple[bool, ...]
_BOUNDING = (rows.MAXIMUM, rows.MINIMUM)
"""What has another derivative where an operand is a constant."""
_KEPT = 1024
"""How many elements a constant has at most that is kept."""
_MOST = 4096


class Ready:
    """A primitive with its attributes, ready to be run on operands of certain types."""

    __slots__ = ("_back", "_bounds", "can_change", "is_many", "run", "step")

    def __init__(self, step: Step, bounds: Which) -> None:
        self.step = step
        """The primitive on operands that are leaves."""
        self._bounds = bounds
        """Which of the operands are constants, where that counts."""
        self.run, self.is_many = _runner(step)
        is_flat = step.primitive.name in CONSTANT_RESULTS
        self.can_change = tuple(
            not is_flat and is_differentiable(operand) for operand in step.operands
        )
        """Through which of the operands the results change by a little."""
        self._back: dict[tuple[Which, Which], tuple[Recipe, list[int]]] = {}

    def back(self, given: Which, wanted: Which) -> tuple[Recipe, list[int]]:
        """What makes cotangents of operands, and of which: of those wanted that have some.

        It takes the operands, the results, and the cotangents of the results that are given.
        """
        found = self._back.get((given, wanted))
        if found is None:
            found = self._back[given, wanted] = self._differentiated(given, wanted)
        return found

    def _differentiated(self, given: Which, wanted: Which) -> tuple[Recipe, list[int]]:
        step = self.step
        cotangents = tuple(
            Tensor(type) if is_given else None
            for type, is_given in zip(step.types, given, strict=True)
        )
        stand_ins = tuple(
            number(0, operand) if is_bound else operand
            for operand, is_bound in zip(step.operands, self._bounds, strict=True)
        )
        step = Step(step.primitive, stand_ins, step.attributes, step.types)
        parts = DERIVATIVES[step.primitive.name](step, cotangents)
        places = [place for place, part in enumerate(parts) if part is not None and wanted[place]]
        own = tuple(map(Tensor, step.types))
        found = [x for place in places if (x := parts[place]) is not None]
        known = dict(zip(stand_ins, self.step.operands, strict=True))
        results = prepared_all(found, step, own, known)
        parameters = [*self.step.operands, *own, *(c for c in cotangents if c is not None)]
        return Recipe(parameters, results), places


class Recipe:
    """Results made of parameters."""

    __slots__ = ("_constants", "_results", "_steps")

    def __init__(self, parameters: Sequence[Tensor], results: Sequence[Tensor]) -> None:
        places = {key(tensor): place for place, tensor in enumerate(parameters)}
        self._constants: list[EagerTensor] = []
        self._steps: list[tuple[Ready, tuple[int, ...]]] = []
        varying, folded = _divided(steps_of(results), places)
        first = len(places)
        for step in folded:
            ready = _ready(step)
            with np.errstate(all="ignore"):
                made = ready.run(
                    *[self._constants[places[key(x)] - first].array for x in step.operands]
                )
            for result, array in zip(
                results_of(step), made if ready.is_many else [made], strict=True
            ):
                places[key(result)] = len(places)
                self._constants.append(EagerTensor(array))
        for step in varying:
            self._steps.append((_ready(step), tuple(places[key(x)] for x in step.operands)))
            for result in results_of(step):
                places[key(result)] = len(places)
        self._results = [places[key(result)] for result in results]

    def __call__(self, given: Sequence[EagerTensor]) -> list[EagerTensor]:
        """The results for values of the parameters."""
        tapes = [tape for tape in ACTIVE.tapes if tape.is_watching(given)]
        values = [*given, *self._constants]
        with np.errstate(all="ignore"):  # infinities and NaNs are results like others
            for ready, places in self._steps:
                operands = [values[place] for place in places]
                made = ready.run(*[operand.array for operand in operands])
                outputs = list(map(EagerTensor, made)) if ready.is_many else [EagerTensor(made)]
                values += outputs
                for tape in tapes:
                    tape.record(ready, operands, outputs)
        return [values[place] for place in self._results]


def prepared_all(
    results: Sequence[Tensor],
    step: Step | None = None,
    stand_ins: tuple[Tensor, ...] = (),
    known: Mapping[Tensor, Tensor] | None = None,
) -> tuple[Tensor, ...]:
    """The results with leaves for those of a step, and loops that keep what derivatives need.

    `known` has the leaves for other tensors.
    """

    def rule(made: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if made is step:
            return stand_ins
        if made.primitive is not SCAN:
            return again(made, operands)
        from graphc.passes.differentiate import prepared  # 10 ms that only loops need

        return prepared(made, operands)

    return rebuild(results, known or {}, rule)


def _divided(
    steps: Sequence[Step], places: Collection[tuple[int, int]]
) -> tuple[list[Step], list[Step]]:
    """What is run each time, and what is run once: small, and the same for all parameters."""
    varying, folded = [], []
    changing = set(places)
    for step in steps:
        is_small = all(_size(type) <= _KEPT for type in step.types)
        if (
            step.primitive in DRAWING
            or not is_small
            or any(key(x) in changing for x in step.operands)
        ):
            varying.append(step)
            changing.update((id(step), index) for index in range(len(step.types)))
        else:
            folded.append(step)
    return varying, folded


def _size(type: TensorType) -> int:
    return prod(dim for dim in type.shape if isinstance(dim, int))


_READY: dict[Any, Ready] = {}


def _ready(step: Step) -> Ready:
    """The primitive of a step; the same one for equal steps."""
    types = tuple(operand.type for operand in step.operands)
    is_loop = step.primitive is SCAN
    is_bounding = step.primitive in _BOUNDING
    bounds = tuple(is_bounding and is_constant(operand) for operand in step.operands)
    name = (step.primitive.name, types, None if is_loop else repr(step.attributes), bounds)
    found = None if is_loop else _READY.get(name)
    if found is None:
        leaves = Step(step.primitive, tuple(map(Tensor, types)), step.attributes, step.types)
        found = Ready(leaves, bounds)
        if not is_loop:
            if len(_READY) > _MOST:
                _READY.clear()
            _READY[name] = found
    return found


def _runner(step: Step) -> tuple[Callable[..., Any], bool]:
    """What computes a step, and whether it gives several arrays."""
    name, attributes = step.primitive.name, step.attributes
    if step.primitive in DRAWING:
        from graphc.runtime.execute import Compiled  # 10 ms that only loops need

        return Compiled(step.operands, results_of(step)), True
    is_many = len(step.types) != 1
    small = any(operand.dtype in SMALL_FLOATS for operand in step.operands)
    if name in UFUNCS and not small:
        return UFUNCS[name], is_many
    return partial(KERNELS[name], **attributes), is_many
