"""A graph of primitives as a Python function on arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphc.ir.dims import SymbolicDim
from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.runtime.kernels.elementwise import UFUNCS
from graphc.runtime.kernels.table import SMALL_FLOATS


class Writer:
    """Writes functions, each after those that it calls."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.bodies = 0
        self.streams: list[int | None] = []
        """The seeds of the steps that draw random numbers; None has the program's."""

    def function(
        self, name: str, parameters: Mapping[Tensor, str], results: Sequence[Tensor]
    ) -> None:
        """Write a function of the parameters, which gives a tuple of the results."""
        lines = [f"def {name}({', '.join(parameters.values())}):"]
        lines += [f"    {line}" for line in self._body(parameters, results)]
        self.functions.append("\n".join(lines) + "\n")

    @property
    def text(self) -> str:
        """All functions."""
        return "\n\n".join(self.functions)

    def _body(self, parameters: Mapping[Tensor, str], results: Sequence[Tensor]) -> Iterable[str]:
        made = {key(tensor): name for tensor, name in parameters.items()}
        steps = steps_of(results)
        last = _last_uses(steps)

        def name_of(tensor: Tensor) -> str:
            return made[key(tensor)]

        kept = set(map(key, results))
        for number, step in enumerate(steps):
            count = len(step.types)
            targets = [f"t{number}"] if count == 1 else [f"t{number}_{i}" for i in range(count)]
            value = self.call(step, [name_of(operand) for operand in step.operands])
            comma = "," if step.primitive.name == "scan" and count == 1 else ""
            yield f"{', '.join(targets)}{comma} = {value}"
            made.update(zip(map(key, results_of(step)), targets, strict=True))
            dead = [made[each] for each in last.get(number, ()) if each not in kept]
            if dead:
                yield f"del {', '.join(dead)}"
        listed = ", ".join(map(name_of, results))
        yield f"return ({listed}{',' if len(results) == 1 else ''})"

    def call(self, step: Step, operands: list[str]) -> str:
        """A step as an expression of its operands."""
        name = step.primitive.name
        attributes = dict(step.attributes)
        if name == "random_bits":
            operands = [f"streams[{len(self.streams)}]"]
            self.streams.append(attributes.pop("seed"))
        if isinstance(attributes.get("body"), Body):
            carried = attributes["carried"]
            attributes["outputs"] = tuple((t.shape, t.dtype) for t in step.types[carried:])
        small = any(operand.dtype in SMALL_FLOATS for operand in step.operands)
        if name in UFUNCS and not small:
            return f"np.{UFUNCS[name].__name__}({', '.join(operands)})"
        given = [f"{each}={self._spelled(value)}" for each, value in attributes.items()]
        return f"{name}_({', '.join(operands + given)})"

    def _spelled(self, value: Any) -> str:
        if isinstance(value, Body):
            name = f"body{self.bodies}"
            self.bodies += 1
            self.function(name, {p: f"x{i}" for i, p in enumerate(value.parameters)}, value.results)
            return name
        return spelled(value)


def spelled(value: Any) -> str:
    """A value of an attribute as Python."""
    if isinstance(value, tuple):
        return f"({', '.join(map(spelled, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, (float, complex)) and not _is_finite(value):
        return f"{type(value).__name__}({str(value)!r})"
    assert not isinstance(value, SymbolicDim), f"{value} is not known"
    return repr(value)


def _is_finite(value: float | complex) -> bool:
    return math.isfinite(value.real) and math.isfinite(value.imag)


def _last_uses(steps: Sequence[Step]) -> dict[int, list[tuple[int, int]]]:
    """The results that each step is the last to use."""
    last: dict[tuple[int, int], int] = {}
    for number, step in enumerate(steps):
        used = [operand for operand in step.operands if operand.step is not None]
        last.update(dict.fromkeys(map(key, (*results_of(step), *used)), number))
    ends: dict[int, list[tuple[int, int]]] = {}
    for place, number in last.items():
        ends.setdefault(number, []).append(place)
    return ends
