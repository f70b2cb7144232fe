"""Which layers' names can be left out: those that the checker gives by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any

from graphc.elaborate.naming import Namer
from graphc.interop.keras_json.build import SPAN, LayerName
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import replace
from graphc.syntax import nodes


def marked(
    statements: Iterable[nodes.Statement], taken: Set[str] = frozenset()
) -> list[nodes.Statement]:
    """The statements with automatic names marked as such; `taken` are those of other layers.

    The names are counted in the order in which the checker meets them: arguments before the
    layer that they are given to, what is piped before what it is piped into.
    """
    listed = tuple(statements)
    outer = {str(label.value) for label in names_in(listed) if not label.is_inner}
    counter = _Counter(outer | taken)
    return [counter.statement(statement) for statement in listed]


class _Counter:
    """Counts names as the checker does; `outer` are those that have to be what they are."""

    def __init__(self, outer: set[str]) -> None:
        self.outer = outer
        self.namer = Namer()

    def statement(self, statement: nodes.Statement) -> Any:
        if isinstance(statement, nodes.Input):
            label = statement.layer_name
            own = label.value if isinstance(label, LayerName) else statement.name
            if own is None:
                self.namer.automatic("input_layer", SPAN)
            else:
                self.namer.claim(str(own), SPAN)
            return statement
        return rewritten(statement, self.node)

    def node(self, node: Any) -> Any:
        """A node after those in it: a name is counted when its layer has been made."""
        if not isinstance(node, nodes.Named) or not isinstance(node.name, LayerName):
            return node
        label = (self.inner if node.name.is_inner else self.own)(node.name)
        for base in label.skips:
            self.namer.skip(base)
        return replace(node, name=label)

    def own(self, label: LayerName) -> LayerName:
        """The name of a layer of the model, which has to stay."""
        if label.base and self.namer.next_automatic(label.base) == label.value:
            self.namer.automatic(label.base, SPAN)
            return replace(label, is_automatic=True)
        self.namer.claim(str(label.value), SPAN)
        return label

    def inner(self, label: LayerName) -> LayerName:
        """The name of a layer inside another, which may be any: Keras does not list it."""
        name = str(label.value)
        pattern = rf"((forward|backward)_)?{re.escape(label.base)}(_\d+)?"
        if re.fullmatch(pattern, name):
            if self.namer.next_automatic(label.base) not in self.outer:
                self.namer.automatic(label.base, SPAN)
                return replace(label, is_automatic=True)
            name = f"{label.base}_inside"
        number = 1
        free = name
        while free in self.outer or self.namer.claim(free, SPAN) is not None:
            number += 1
            free = f"{name}_{number}"
        return replace(label, value=free)


def names_in(node: Any) -> Iterator[LayerName]:
    """The names of layers in a tree."""
    if isinstance(node, LayerName):
        yield node
    elif isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            yield from names_in(getattr(node, field))
    elif isinstance(node, tuple):
        for item in node:
            yield from names_in(item)
