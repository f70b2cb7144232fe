"""What a diagram of a model shows: its calls as nodes, blocks and nested models as groups.

A `Diagram` is a tree of parts with edges between its leaves, whatever it is drawn as. Everything
is open in it; `graphc.analysis.collapse` and `graphc.analysis.fold` make smaller ones of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from graphc.analysis.parameters import OwnedWeight, Parameters, count
from graphc.ir.dims import Dim
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.source import Span


class Totals(Record):
    """What a part costs for one example, its repeats included; shared weights count once."""

    parameters: Parameters
    macs: Dim
    flops: Dim
    output_bytes: Dim


class Node(Record):
    """One call of a layer, or a group drawn as one box."""

    id: str
    name: str
    type: str
    """The class of the layer; of a group, the name of its block or model."""
    category: str
    """The layer's heading in Keras' API reference; "block", "model" or "fault"."""
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    totals: Totals
    weights: tuple[OwnedWeight, ...]
    config: tuple[tuple[str, str], ...]
    """The arguments that differ from their defaults, as the language spells them."""
    activation: str | None
    is_trainable: bool | None
    """None where there is nothing to train."""
    span: Span
    layer: str = ""
    """What calls of the same layer have in common."""
    call: int = 1
    calls: int = 1
    results: tuple[str, ...] = ()
    """The names of the model's outputs that it gives."""
    message: str | None = None
    """What is wrong with it."""
    hidden: int = 0
    """How many layers a group drawn as one box stands for, its repeats included."""
    count: int = 1
    """How many times it is repeated, one after the other."""
    change: str = ""
    """Between two models: "added", "removed", "changed" or "moved"."""
    changes: tuple[str, ...] = ()
    """What of it has changed, a line each."""
    is_named: bool = False
    """Whether the source gives it its name."""
    details: str = ""
    """What `config` leaves out: values too long to show, and models in arguments."""


class Group(Record):
    """A block's instance, a nested model's call, or a repeated part."""

    id: str
    name: str
    type: str
    """The name of the block or model."""
    category: str
    """ "block", "model", or "repeat" for layers repeated without being a block."""
    parts: tuple[Part, ...]
    totals: Totals
    weights: tuple[OwnedWeight, ...]
    is_trainable: bool | None
    span: Span
    layer: str = ""
    call: int = 1
    calls: int = 1
    count: int = 1
    change: str = ""
    changes: tuple[str, ...] = ()


Part: TypeAlias = Node | Group


class Edge(Record):
    """A tensor on its way from one node into an argument of another."""

    source: str
    output: int
    target: str
    argument: str
    place: tuple[int, ...]
    type: TensorType | None
    change: str = ""
    """Between two models: "added" or "removed"."""


class Result(Record):
    """An output of a model: its name, and which output of which node it is."""

    name: str
    source: str
    output: int


class Diagram(Record):
    """A model as it is drawn. Edges go along the order of the parts."""

    name: str
    kind: str
    parts: tuple[Part, ...]
    edges: tuple[Edge, ...]
    totals: Totals
    is_complete: bool
    span: Span
    results: tuple[Result, ...] = ()
    """The model's outputs in order."""
    is_trainable: bool = True
    """False where the model is frozen as a whole."""
    input_form: str = ""
    """The dicts and lists that the inputs are taken in, where they are in others than one list."""
    output_form: str = ""


def nodes_of(parts: Iterable[Part]) -> Iterator[Node]:
    """The leaves of some parts, in order."""
    for part in parts:
        if isinstance(part, Group):
            yield from nodes_of(part.parts)
        else:
            yield part


def groups_of(parts: Iterable[Part]) -> Iterator[Group]:
    """All groups among some parts, each before those inside it."""
    for part in parts:
        if isinstance(part, Group):
            yield part
            yield from groups_of(part.parts)


def all_parts(parts: Iterable[Part]) -> Iterator[Part]:
    """The leaves of some parts, then their groups."""
    parts = tuple(parts)
    yield from nodes_of(parts)
    yield from groups_of(parts)


def shared_calls(parts: Iterable[Part]) -> dict[str, list[Part]]:
    """The calls of each layer that has weights and is called several times."""
    calls: dict[str, list[Part]] = defaultdict(list)
    for part in all_parts(parts):
        if part.calls > 1 and part.weights:
            calls[part.layer].append(part)
    return calls


def layer_count(part: Part) -> int:
    """How many layers a part stands for."""
    if isinstance(part, Node):
        return part.hidden or part.count
    return part.count * sum(map(layer_count, part.parts))


def add_totals(parts: Iterable[Part], weights: Iterable[OwnedWeight]) -> Totals:
    """The totals of some parts with these weights between them."""
    macs: Dim = 0
    flops: Dim = 0
    output_bytes: Dim = 0
    for part in parts:
        macs, flops = macs + part.totals.macs, flops + part.totals.flops
        output_bytes = output_bytes + part.totals.output_bytes
    return Totals(count(iter(weights)), macs, flops, output_bytes)


def trainable(parts: Iterable[Part]) -> bool | None:
    """Whether anything in some parts is trained, None where nothing could be."""
    states = {part.is_trainable for part in parts} - {None}
    return any(states) if states else None


def unique(weights: Iterable[OwnedWeight]) -> tuple[OwnedWeight, ...]:
    """Each weight once."""
    found: dict[Any, OwnedWeight] = {}
    for weight in weights:
        found.setdefault(weight.owner, weight)
    return tuple(found.values())
