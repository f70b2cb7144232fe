"""What the translation of an expression can ask of the body around it."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphc.elaborate.builtins import BUILTINS
from graphc.elaborate.names import known_value
from graphc.elaborate.values import TensorValue
from graphc.emit.keras.recorder import Call
from graphc.emit.keras.tree import Untranslatable
from graphc.emit.keras.values import is_size
from graphc.ir.graph import ModelGraph
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.elaborate.frame import FileScope
    from graphc.emit.keras.translator import Translator

UNBOUND: Any = object()
"""What a name stands for that is bound in a body."""


class Context(ABC):
    """The names of one file, and what its expressions came to; bodies know more names."""

    def __init__(self, translator: Translator, scope: FileScope) -> None:
        self.translator, self.scope = translator, scope
        self.recorder = translator.recorder
        self.locals: dict[str, str] = {}

    # What things are

    def values(self, node: nodes.Node) -> list[Any]:
        """What an expression came to, each time that it was evaluated."""
        return self.recorder.values.get(id(node), [])

    def is_local(self, name: str) -> bool:
        """Whether the body binds a name."""
        return name in self.locals

    def global_value(self, name: str) -> Any:
        """What a name stands for outside of bodies."""
        if name in self.scope.values:
            return self.scope.values[name]
        if name in BUILTINS:
            return BUILTINS[name]
        found = known_value(name)
        return UNBOUND if found is None else found

    def static_callee(self, node: nodes.Expression) -> Any:
        """What a name that the body does not bind stands for."""
        if isinstance(node, nodes.Name) and not self.is_local(node.id):
            return self.global_value(node.id)
        return UNBOUND

    def are_lists(self, node: nodes.Expression) -> bool:
        """Whether an expression stands for nested lists of numbers."""
        values = self.values(node)
        return any(isinstance(v, (list, tuple, range)) for v in values) and not has_tensor(values)

    def no_size(self, node: nodes.Expression) -> None:
        """Refuse what is a size known only when the model runs."""
        if any(map(is_size, self.values(node))):
            raise Untranslatable(f"the size {node.span.text} is known only when the model runs")

    # Expressions

    @abstractmethod
    def expr(self, node: nodes.Expression) -> ast.expr:
        """The expression in Python."""

    def test(self, node: nodes.Expression) -> ast.expr | bool:
        """A condition; its value where Python would not know it, and it is always the same."""
        try:
            return self.expr(node)
        except Untranslatable:
            found = {bool(value) for value in self.values(node)}
            if len(found) != 1:
                raise
            return found.pop()

    # What only bodies can do

    def calls(self, node: nodes.Expression) -> list[Call]:
        """The calls of functions on tensors that an expression stands for."""
        return []

    def all_fed(self, calls: list[Call]) -> bool:
        """Whether all of them are calls that Keras has in its graph."""
        return all(self.is_fed(each.model, each.node) for each in calls)

    def is_fed(self, model: ModelGraph, node: int) -> bool:
        """Whether Keras has a call in its graph."""
        return True

    def needs_layer(self, call_event: Call) -> bool:
        """Whether a call has to be a layer's."""
        return False

    def sized(
        self, calls: list[Call], tensors: Mapping[str, ast.expr],
        shown: Mapping[str, nodes.Expression] | None = None,
    ) -> ast.expr:  # fmt: skip
        """A function that has to be a layer."""
        raise Untranslatable("a size known only when the model runs")


def has_tensor(values: list[Any]) -> bool:
    """Whether a tensor is among values, in lists too."""
    return any(
        isinstance(v, TensorValue) or (isinstance(v, (list, tuple)) and has_tensor(list(v)))
        for v in values
    )
