"""Makes syntax nodes that come from no text."""

from __future__ import annotations

from typing import Any

from graphc.interop.keras_json.known_names import is_identifier
from graphc.source import SourceFile, Span
from graphc.syntax import nodes

SPAN = Span(SourceFile("<imported>", ""), 0, 0)
"""The place of every node made here: they are compared, and no place tells them apart."""


class LayerName(nodes.Literal):
    """The name of a layer, in place of a plain string after `as`.

    `base` is what the language would number if no name were given, and `skips` are the names
    that the layer takes for layers inside of it when it is first called. One that `is_inner`
    stands among the arguments of another layer.
    """

    base: str
    skips: tuple[str, ...] = ()
    is_inner: bool = False
    is_automatic: bool = False


MOST_PLACED = 2
"""How many arguments that have defaults stand without their names, with those before them."""


class BlockCall(nodes.Call):
    """The use of a block that repeated layers have become, each argument by its name.

    `labels` are the parameters that stand in layers' names, `counts` those that count there, and
    `defaults` the arguments that need not be written; `kind` is what the block mostly consists of.
    """

    kind: str
    labels: tuple[str, ...]
    counts: tuple[str, ...]
    defaults: tuple[nodes.Argument, ...]

    def written(self) -> nodes.Call:
        """The call as a person writes it."""
        needed = len(self.arguments) - len(self.defaults)
        arguments: list[nodes.Argument] = []
        for place, each in enumerate(self.arguments):
            if each in self.defaults:
                continue
            is_first = place == len(arguments) and place < max(needed, MOST_PLACED)
            is_placed = is_first and each.name not in self.labels
            arguments.append(argument(_plain(each.value), None if is_placed else each.name))
        return nodes.Call(SPAN, self.function, tuple(arguments))


def _plain(value: nodes.Expression) -> nodes.Expression:
    """A part of a name as the text that it is."""
    if isinstance(value, LayerName):
        return literal(value.value)
    if isinstance(value, nodes.FString) and len(value.parts) == 1:
        (part,) = value.parts
        return part if isinstance(part, nodes.Expression) else literal(part)
    return value


def literal(value: Any) -> nodes.Literal:
    """A number, string, truth value, None or `...`."""
    return nodes.Literal(SPAN, value)


def name(id: str) -> nodes.Name:
    """A name."""
    return nodes.Name(SPAN, id)


def label(text: str) -> nodes.Name | nodes.Literal:
    """What stands behind `as`."""
    return name(text) if is_identifier(text) else literal(text)


def listed(items: Any) -> nodes.ListDisplay:
    """`[a, b]`."""
    return nodes.ListDisplay(SPAN, tuple(items))


def grouped(items: Any) -> nodes.TupleDisplay:
    """`(a, b)`."""
    return nodes.TupleDisplay(SPAN, tuple(items))


def structured(value: Any) -> nodes.Expression:
    """Expressions in lists and dicts as one expression."""
    if isinstance(value, dict):
        pairs = ((literal(key), structured(item)) for key, item in value.items())
        return nodes.DictDisplay(SPAN, tuple(pairs))
    if isinstance(value, list):
        return listed(map(structured, value))
    assert isinstance(value, nodes.Expression)
    return value


def argument(value: nodes.Expression, name: str | None = None) -> nodes.Argument:
    """`value` or `name=value`."""
    return nodes.Argument(SPAN, value, name, None if name is None else SPAN)


def call(function: str, arguments: Any = ()) -> nodes.Call:
    """`function(arguments)`."""
    return nodes.Call(SPAN, name(function), tuple(arguments))


def named(value: nodes.Expression, label: LayerName) -> nodes.Named:
    """`value as name`."""
    return nodes.Named(SPAN, value, label)


def pipe(source: nodes.Expression, *stages: nodes.Expression) -> nodes.Pipe:
    """`source -> stage -> stage`."""
    return nodes.Pipe(SPAN, source, stages)


def target(name: str) -> nodes.Target:
    """A name that is bound."""
    return nodes.Target(SPAN, name, None)


def assign(targets: list[str], value: nodes.Expression) -> nodes.Assign:
    """`a, b = value`."""
    return nodes.Assign(SPAN, tuple(map(target, targets)), value)


def binary(operator: str, left: nodes.Expression, right: nodes.Expression) -> nodes.Binary:
    """`left operator right`."""
    return nodes.Binary(SPAN, operator, left, right)


def compare(left: nodes.Expression, operator: str, right: nodes.Expression) -> nodes.Comparison:
    """`left operator right`."""
    return nodes.Comparison(SPAN, (left, right), (operator,))


def when(test: nodes.Expression, body: Any) -> nodes.If:
    """`if test { body }`."""
    return nodes.If(SPAN, (nodes.Branch(SPAN, test, tuple(body)),))


def negated(test: nodes.Expression) -> nodes.Expression:
    """`not test`."""
    return nodes.Unary(SPAN, "not", test)


def either(test: nodes.Expression, body: Any, otherwise: Any) -> nodes.If:
    """`if test { body } else { otherwise }`."""
    branches = (nodes.Branch(SPAN, test, tuple(body)), nodes.Branch(SPAN, None, tuple(otherwise)))
    return nodes.If(SPAN, branches)
