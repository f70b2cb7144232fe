"""Graphs of primitives as text, a line for each step, so that they can be compared.

Steps are called by their layers and primitives, `dense.add`, so that what a pass leaves alone has the
same line before and after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of
from graphc.passes.by_layer import by_layer
from graphc.passes.divide import divide
from graphc.passes.pipeline import INFERENCE, stages
from graphc.record import Record

Key = tuple[int, int]
LONGEST_VALUE = 40


class Stage(Record):
    """What a graph is behind a pass: how many steps there are of each primitive, and its lines."""

    name: str
    purpose: str
    counts: Mapping[str, int]
    lines: tuple[str, ...]

    @property
    def total(self) -> int:
        """The number of steps."""
        return sum(self.counts.values())


def pass_stages(
    inputs: Mapping[str, Tensor],
    weights: Sequence[tuple[str, Tensor]],
    outputs: Mapping[str, Tensor],
) -> list[Stage]:
    """A graph before the passes of inference and behind each, and what is left for each call.

    All tensors have names: those of inputs and outputs, and the paths of weights.
    """
    leaves = {key(tensor): name for name, tensor in inputs.items()}
    leaves |= {key(tensor): f"`{path}`" for path, tensor in weights}
    names = list(outputs)
    given = list(inputs.values())
    results = tuple(outputs.values())
    found = [_stage("lower", "What the layers are made of.", names, results, leaves)]
    for name, made in stages(results, given):
        results = made
        purpose = (INFERENCE[name].__doc__ or "").partition("\n")[0]
        found.append(_stage(name, purpose, names, results, leaves))
    found.append(_divided(names, results, given, leaves))
    return found


def _stage(
    name: str, purpose: str, outputs: Sequence[str], results: Sequence[Tensor],
    leaves: Mapping[Key, str],
) -> Stage:  # fmt: skip
    lines = Listing(leaves).lines(results)
    counts = Counter(step.primitive.name for step in steps_of(results))
    ends = (f"output {each} = {lines.name(x)}" for each, x in zip(outputs, results, strict=True))
    return Stage(name, purpose, counts, (*lines.written, *ends))


def _divided(
    outputs: Sequence[str], results: Sequence[Tensor], inputs: Collection[Tensor],
    leaves: Mapping[Key, str],
) -> Stage:  # fmt: skip
    """What each call computes; what is computed once goes by the names that it had."""
    before = Listing(leaves).lines(results)
    divided = divide(results, inputs)
    known = dict(leaves)
    for tensor, stand_in in zip(divided.before, divided.stand_ins, strict=True):
        known[key(stand_in)] = before.name(tensor)
    purpose = "What the inputs do not change is computed once for all calls."
    return _stage("divide", purpose, outputs, divided.results, known)


class Listing:
    """Lines in the making; leaves have names."""

    def __init__(self, leaves: Mapping[Key, str]) -> None:
        self.names: dict[Key, str] = dict(leaves)
        self.written: list[str] = []
        self._taken: Counter[str] = Counter(leaves.values())

    def lines(self, results: Sequence[Tensor]) -> Listing:
        """Add the steps that lead to the results."""
        for step in by_layer(steps_of(results)):
            self.written += self._lines(step)
        return self

    def name(self, tensor: Tensor) -> str:
        """What a tensor is called."""
        return self.names[key(tensor)]

    def _lines(self, step: Step) -> Iterator[str]:
        own = self._claim(step)
        results = results_of(step)
        for result in results:
            self.names[key(result)] = own if len(results) == 1 else f"{own}[{result.index}]"
        given = [self.name(x) for x in step.operands]
        body = step.attributes.get("body")
        given += [
            f"{n}={_text(v)}" for n, v in step.attributes.items() if v is not body or v is None
        ]
        types = ", ".join(str(type) for type in step.types)
        yield f"{own} = {step.primitive.name}({', '.join(given)})  {types}"
        if isinstance(body, Body):
            inner = Listing({key(p): f"{own}.{i}" for i, p in enumerate(body.parameters)})
            yield from (f"    {line}" for line in inner.lines(body.results).written)
            yield f"    give {', '.join(map(inner.name, body.results))}"

    def _claim(self, step: Step) -> str:
        layer = "" if step.origin is None else f"{step.origin.path}."
        base = f"{layer}{step.primitive.name}"
        self._taken[base] += 1
        return base if self._taken[base] == 1 else f"{base}_{self._taken[base]}"


def _text(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
