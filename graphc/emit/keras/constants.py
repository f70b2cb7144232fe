"""A file's constants as those of a module, and what its other names stand for."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graphc.declare.op import Op
from graphc.elaborate.frame import FileScope
from graphc.elaborate.values import LayerValue, Template
from graphc.emit.keras.comments import Comments
from graphc.emit.keras.expressions import Expressions
from graphc.emit.keras.spelling import constant_name
from graphc.emit.keras.tree import Aside, Comment, Untranslatable, attribute
from graphc.emit.keras.values import Values, op_path
from graphc.layers.model_layer import ModelLayer
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator


class Constants:
    """The constants of a module, by file and name."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self.names: dict[tuple[int, str], str] = {}

    def declare(self) -> None:
        """Give the constants of the main file their names, before anything else takes them."""
        scope = self.translator.main_scope()
        if scope is None:
            return
        for item in self.translator.program.tree.items:
            if isinstance(item, nodes.Const):
                key = (id(scope), item.name)
                self.names[key] = constant_name(item.name, self.translator.module.taken)
                self.translator.module.taken.add(self.names[key])

    def global_name(self, user: Expressions, name: str) -> ast.expr:
        """What a file defines or imports."""
        value = user.scope.values[name]
        if isinstance(value, Template):
            if value.node.kind == "block":
                raise Untranslatable(f"the block {name} is a value here")
            return user.shared_model(value)
        if isinstance(value, Op):
            return attribute(op_path(value))
        if isinstance(value, LayerValue) and not isinstance(value.use.layer, ModelLayer):
            return user.shared_layer(value.use.layer, name)
        if holds_layer(value):
            raise Untranslatable(f"the constant {name} holds a layer")
        return ast.Name(self._constant(user.scope, name))

    def _constant(self, scope: FileScope, name: str) -> str:
        key = (id(scope), name)
        if key not in self.names:
            self.names[key] = constant_name(name, self.translator.module.taken)
            self.translator.module.taken.add(self.names[key])
        own = self.names[key]
        if own not in self.translator.module.written:
            self.translator.module.written.add(own)
            self.translator.module.constants[own] = self._constant_value(scope, name)
            made = self._remarks(scope, name)
            if not made and isinstance(self.translator.module.constants[own], ast.Dict):
                made = _remark_on(scope.values[name])
            self.translator.module.remarks[own] = made
        return own

    def _remarks(self, scope: FileScope, name: str) -> list[ast.stmt]:
        """The comments above and beside a constant."""
        tree = self.translator.tree_of(scope)
        for before, item in pairwise([None, *(tree.items if tree is not None else ())]):
            if isinstance(item, nodes.Const) and item.name == name:
                comments = Comments(tree)
                above = comments.heading(item, before.span.end if before is not None else 0)
                if before is None and above == self.translator.module.title:
                    above = []
                comments.skip_to(item.span.end)
                beside = comments.beside(item)
                listed: list[ast.stmt] = [Comment(f"# {line}") for line in above]
                return [*listed, *([Aside(beside.span.text)] if beside is not None else [])]
        return []

    def _constant_value(self, scope: FileScope, name: str) -> ast.expr:
        tree = self.translator.tree_of(scope)
        items = [i for i in tree.items if isinstance(i, nodes.Const)] if tree is not None else []
        for item in items:
            if item.name == name:
                try:
                    return Expressions(self.translator, scope).expr(item.value)
                except Untranslatable:
                    break
        return Values().of(scope.values[name])


def holds_layer(value: Any) -> bool:
    """Whether a layer is among values, in lists too."""
    if isinstance(value, (list, tuple)):
        return any(map(holds_layer, value))
    return isinstance(value, LayerValue)


def _remark_on(value: Any) -> list[ast.stmt]:
    """Why an initializer is a dict: the numbers that one draws are the same each time."""
    if getattr(value, "family", None) != "initializer":
        return []
    return [Comment("# a configuration, of which each layer makes an initializer of its own")]
