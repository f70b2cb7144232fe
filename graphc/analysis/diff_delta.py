"""What differs between two parts that stand for each other: one thing before and after."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.diagram import Group, Node, Part
from graphc.analysis.diff_outline import Outline
from graphc.declare.definition import default_value, registry
from graphc.declare.values import value_text
from graphc.ir.dims import Dim
from graphc.record import Record

_ABSENT = "not given"


class Delta(Record):
    """One thing before and after."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


def number(value: Dim) -> str:
    """A count with its thousands apart, or its formula."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def settings_deltas(a: Node, b: Node, before: Outline, after: Outline) -> Iterator[Delta]:
    """What two nodes are configured with, where that differs."""
    if a.type != b.type:
        yield Delta("type", a.type, b.type)
    mine, theirs = _by_name(before.settings(a)), _by_name(after.settings(b))
    is_said = False
    for name in {**mine, **theirs}:
        value, other = mine.get(name), theirs.get(name)
        if value == other or (a.type != b.type and (value is None or other is None)):
            continue  # another class has other arguments, and its name says enough
        is_said = True
        yield Delta(name, value or _default(a, name), other or _default(b, name))
    if a.details != b.details and a.type == b.type and not is_said:
        _, _, inner = a.type.rstrip(")").partition("(")
        if inner:
            yield Delta("layer", inner, f"{inner}, changed inside")
        else:
            yield Delta("configuration", "too long to show", "another")


def _by_name(settings: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(settings)


def _default(node: Node, name: str) -> str:
    """The default of an argument that is not given."""
    layer = registry("layer").get(node.type.partition("(")[0])
    argument = None if layer is None else layer.arguments.get(name)
    if argument is None or argument.is_required:
        return _ABSENT
    return value_text(default_value(argument))


def name_deltas(a: str, b: str, before: Outline, after: Outline) -> Iterator[Delta]:
    """The names of two parts, where they differ and the source gives one of them."""
    name, other = before.local_name(a), after.local_name(b)
    if name == other:
        return
    part, found = before.parts[a], after.parts[b]
    is_given = before.explicit_name(a) or after.explicit_name(b)
    # Keras names a nested model by its own name, which whoever loads weights relies on.
    is_model = isinstance(part, Group) and part.category == "model" and part.type != found.type
    if is_given or is_model:
        yield Delta("name", name, other)


def type_deltas(a: Node, b: Node) -> Iterator[Delta]:
    """The types of what two nodes give, where they differ."""
    if a.outputs != b.outputs:
        mine, theirs = (", ".join(map(str, node.outputs)) or "?" for node in (a, b))
        if mine != theirs:
            yield Delta("shape", mine, theirs)


def cost_deltas(a: Part, b: Part) -> Iterator[Delta]:
    """What two parts cost, where that differs."""
    mine, theirs = a.totals, b.totals
    for what, value, other in (
        ("params", mine.parameters.total, theirs.parameters.total),
        ("MACs", mine.macs, theirs.macs),
    ):
        if value != other:
            yield Delta(what, number(value), number(other))
    if (
        mine.parameters.total == theirs.parameters.total
        and mine.parameters.trainable != theirs.parameters.trainable
    ):
        yield Delta(
            "trainable params", number(mine.parameters.trainable),
            number(theirs.parameters.trainable),
        )  # fmt: skip
