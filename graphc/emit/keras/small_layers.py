"""Calls in a body that become those of small layers, which look at sizes when they run."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from graphc.declare.layer import Layer
from graphc.elaborate.values import TensorValue
from graphc.emit.keras.context import has_tensor
from graphc.emit.keras.mentions import names_in
from graphc.emit.keras.recorder import Call, place
from graphc.emit.keras.sized import Given, Spelled, layer_function
from graphc.emit.keras.stages import Stages
from graphc.emit.keras.tree import Untranslatable, constant
from graphc.syntax import nodes


class SmallLayers(Stages):
    """Writes such calls."""

    def sized(
        self, calls: list[Call], tensors: Mapping[str, ast.expr],
        shown: Mapping[str, nodes.Expression] | None = None,
    ) -> ast.expr:  # fmt: skip
        """The call as one of a small layer; `shown` are its arguments as the source has them."""
        made: dict[str, ast.expr] = {}
        for each in calls:
            arguments = {
                name: self._with_constants(
                    self._given(value, tensors.get(name)), (shown or {}).get(name)
                )
                for name, value in each.arguments.items()
            }
            around = self._around(each)
            sized = self.translator.module.sized(
                each.use.layer, arguments, around, each.model, each.node
            )
            self.translator.ties.add(each.model, each.node, sized.ties)
            made[ast.dump(sized.made)] = sized.made
        return _only(made)

    def _with_constants(self, value: Any, node: nodes.Expression | None) -> Any:
        """A shape with the names that the source has for numbers, where the module has them."""
        if not isinstance(node, nodes.ListDisplay) or not isinstance(value, (list, tuple)):
            return value
        if len(node.items) != len(value):
            return value
        made = [
            Spelled(self.expr(item)) if type(size) is int and self._is_constant(item) else size
            for size, item in zip(value, node.items, strict=True)
        ]
        return made if isinstance(value, list) else tuple(made)

    def _is_constant(self, node: nodes.Expression) -> bool:
        """Whether an expression is a whole number, of numbers that the file names alone."""
        names = [each.id for each in names_in(node)]
        is_whole = all(type(value) is int for value in self.values(node))
        return (
            is_whole
            and bool(names)
            and all(
                name in self.scope.values
                and not self.is_local(name)
                and type(self.scope.values[name]) in (int, float)
                for name in names
            )
        )

    def _around(self, each: Call) -> list[Given]:
        """The tensors that have names where a call stands."""
        return [
            Given(ast.Name(self.locals[name]), value.type, value.node)
            for name, value in each.names.items()
            if isinstance(value, TensorValue)
            and name in self.locals
            and self.translator.is_fed(each.model, value.node)
        ]

    def sized_layer(
        self, node: nodes.Expression, named: nodes.Named | None, piped: Sequence[ast.expr]
    ) -> ast.expr | None:
        """A layer as a small one that looks at the sizes which Keras' own would have to know."""
        made: dict[str, ast.expr] = {}
        for each in self.recorder.calls_at.get(place(node.span), []):
            inputs = list(each.arguments.values())
            is_one = len(inputs) == len(piped) == 1 and isinstance(inputs[0], TensorValue)
            if not is_one or not isinstance(each.use.layer, Layer):
                return None
            function = layer_function(each.use.layer, inputs[0].type)
            if function is None or not isinstance(node, nodes.Call):
                return None
            op, arguments = function
            given = {
                next(iter(op.arguments)): Given(piped[0], inputs[0].type, inputs[0].node),
                **arguments,
            }
            label = self.label(node, named, None) or self._made_name(node)
            around = self._around(each)
            sized = self.translator.module.sized(op, given, around, each.model, each.node, label)
            self.translator.ties.add(each.model, each.node, sized.ties)
            made[ast.dump(sized.made)] = sized.made
        return _only(made) if made else None

    def _made_name(self, node: nodes.Expression) -> ast.expr:
        """The name of what is made at one place, written out."""
        names = {m.use.name for m in self.recorder.made_at.get(place(node.span), [])}
        if len(names) != 1:
            raise Untranslatable("sizes known only when the model runs differ from use to use")
        return constant(names.pop())

    def _given(self, value: Any, expression: ast.expr | None) -> Any:
        if isinstance(value, TensorValue):
            if expression is None:
                raise Untranslatable("a tensor among sizes")
            return Given(expression, value.type, value.node)
        if isinstance(value, (list, tuple)) and has_tensor(list(value)):
            if not isinstance(expression, (ast.List, ast.Tuple)):
                raise Untranslatable("a list of tensors among sizes")
            return [self._given(v, e) for v, e in zip(value, expression.elts, strict=True)]
        return value


def _only(made: Mapping[str, ast.expr]) -> ast.expr:
    if len(made) != 1:
        raise Untranslatable("sizes known only when the model runs differ from use to use")
    return next(iter(made.values()))
