"""Tapes: what is computed under their eyes can be differentiated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphc.eager.active import ACTIVE
from graphc.eager.dispatch import operator
from graphc.eager.recipe import Ready
from graphc.eager.tensor import EagerTensor, HasValue, array_of
from graphc.eager.variable import Variable
from graphc.ir.dtypes import is_float

_add = operator("add")


class GradientTape:
    """Records what is computed from watched tensors, and differentiates it.

    Variables that are trainable are watched when they are read, other tensors when `watch` says so.
    A tape that is not `persistent` gives gradients once.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._is_persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._is_used = False
        self.reset()

    def reset(self) -> None:
        """Forget what was recorded and what is watched."""
        self._watched: dict[int, EagerTensor] = {}
        """Watched tensors, and those that depend on them, by their ids."""
        self._read: dict[int, tuple[Variable, dict[int, EagerTensor]]] = {}
        """The variables that were read, with the values that they had."""
        self._calls: list[tuple[Ready, Sequence[EagerTensor], Sequence[EagerTensor]]] = []

    def __enter__(self) -> GradientTape:
        if self in ACTIVE.tapes:
            raise ValueError("the tape is recording already")
        ACTIVE.tapes.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        ACTIVE.tapes.remove(self)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing in the body of a `with` statement."""
        if self not in ACTIVE.tapes:
            raise ValueError("the tape is not recording")
        place = ACTIVE.tapes.index(self)
        ACTIVE.tapes.remove(self)
        try:
            yield
        finally:
            ACTIVE.tapes.insert(place, self)

    def watch(self, tensor: Any) -> None:
        """Record what is computed from a tensor, or from those of a list or dict."""
        for each in _flat(tensor):
            if isinstance(each, Variable):
                self._remember(each, each.tensor)
            else:
                self._watched[id(each)] = each

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that are watched."""
        return tuple(variable for variable, _ in self._read.values())

    def read(self, variable: Variable, tensor: EagerTensor) -> None:
        """Take note that a variable is read: its value counts as the variable."""
        if (variable.trainable and self._watches_variables) or id(variable) in self._read:
            self._remember(variable, tensor)

    def _remember(self, variable: Variable, tensor: EagerTensor) -> None:
        self._read.setdefault(id(variable), (variable, {}))[1][id(tensor)] = tensor
        self._watched[id(tensor)] = tensor

    def is_watching(self, tensors: Sequence[EagerTensor]) -> bool:
        """Whether anything made of these is recorded."""
        return any(id(tensor) in self._watched for tensor in tensors)

    def record(
        self, ready: Ready, operands: Sequence[EagerTensor], outputs: Sequence[EagerTensor]
    ) -> None:
        """Take note of a primitive that was run."""
        if any(
            can_change and id(operand) in self._watched
            for can_change, operand in zip(ready.can_change, operands, strict=True)
        ):
            self._calls.append((ready, operands, outputs))
            self._watched.update((id(output), output) for output in outputs)

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """How a target changes with the sources, which may be a tensor, or lists or dicts of them.

        Of several targets, and of one that is no scalar, it is the sum that counts, each element
        times that of `output_gradients`. A source that the target does not depend on has None, or
        zeros with `unconnected_gradients="zero"`.
        """
        if unconnected_gradients not in ("none", "zero"):
            raise ValueError(
                f'unconnected_gradients needs to be "none" or "zero", got {unconnected_gradients!r}'
            )
        if self._is_used and not self._is_persistent:
            raise RuntimeError(
                "the tape gives gradients once; make it with persistent=True for more"
            )
        self._is_used = True
        targets, wanted = _flat(target), _flat(sources)
        given = [None] * len(targets) if output_gradients is None else _leaves(output_gradients)
        if len(given) != len(targets):
            raise ValueError(f"needs {len(targets)} output gradients, got {len(given)}")
        places = [self._places(source) for source in wanted]
        totals: dict[int, EagerTensor] = {}
        for each, factor in zip(targets, given, strict=True):
            _start(totals, each, factor)
        self._pull_back(totals, {place for found in places for place in found})
        made = [_sum([totals[place] for place in found if place in totals]) for found in places]
        if not self._is_persistent:
            self.reset()
        if unconnected_gradients == "zero":
            made = [
                EagerTensor(np.zeros_like(source.value_array())) if each is None else each
                for source, each in zip(wanted, made, strict=True)
            ]
        return _packed(sources, iter(made))

    def _places(self, source: HasValue) -> list[int]:
        """The ids of the tensors that count as a source."""
        if isinstance(source, Variable):
            return list(self._read[id(source)][1]) if id(source) in self._read else []
        return [id(source)] if id(source) in self._watched else []

    def _pull_back(self, totals: dict[int, EagerTensor], sources: set[int]) -> None:
        """Add to the cotangents of targets those of all that they depend on."""
        reached = set(sources)
        between = []
        for call in self._calls:
            ready, operands, outputs = call
            wanted = tuple(
                can_change and id(operand) in reached
                for can_change, operand in zip(ready.can_change, operands, strict=True)
            )
            if any(wanted):
                between.append((call, wanted))
                reached.update(map(id, outputs))
        for (ready, operands, outputs), wanted in reversed(between):
            cotangents = [totals.get(id(output)) for output in outputs]
            given = tuple(each is not None for each in cotangents)
            if not any(given):
                continue
            recipe, places = ready.back(given, wanted)
            parts = recipe([*operands, *outputs, *(c for c in cotangents if c is not None)])
            for place, part in zip(places, parts, strict=True):
                _add_to(totals, operands[place], part)


def _start(totals: dict[int, EagerTensor], target: HasValue, factor: Any) -> None:
    """What a target changes with itself."""
    tensor = target.value if isinstance(target, Variable) else target
    assert isinstance(tensor, EagerTensor)
    if not is_float(tensor.dtype):
        return
    array = np.ones_like(tensor.array) if factor is None else array_of(factor, tensor.dtype)
    start = factor if isinstance(factor, EagerTensor) else EagerTensor(array)
    if start.shape != tensor.shape:
        raise ValueError(
            f"needs an output gradient of shape {list(tensor.shape)}, got {list(start.shape)}"
        )
    _add_to(totals, tensor, start)


def _add_to(totals: dict[int, EagerTensor], tensor: EagerTensor, part: EagerTensor) -> None:
    found = totals.get(id(tensor))
    totals[id(tensor)] = part if found is None else _add(found, part)


def _sum(parts: list[EagerTensor]) -> EagerTensor | None:
    total: EagerTensor | None = None
    for part in parts:
        total = part if total is None else _add(total, part)
    return total


def _leaves(value: Any) -> list[Any]:
    """What stands in lists and dicts, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def _flat(value: Any) -> list[Any]:
    """The tensors and variables in lists and dicts; a `TypeError` on anything else."""
    leaves = _leaves(value)
    for leaf in leaves:
        if not isinstance(leaf, HasValue):
            raise TypeError(f"a tape needs tensors and variables, got {leaf!r}")
    return leaves


def _packed(like: Any, leaves: Iterator[Any]) -> Any:
    """The leaves in lists and dicts as others stand."""
    if isinstance(like, dict):
        return {name: _packed(item, leaves) for name, item in like.items()}
    if isinstance(like, (list, tuple)):
        return type(like)(_packed(item, leaves) for item in like)
    return next(leaves)
