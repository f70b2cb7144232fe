"""Expressions of the language as Python's, in the body of a function or outside of any."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op
from graphc.elaborate.values import ClassValue, Template
from graphc.emit.keras import subscripts
from graphc.emit.keras.arguments import Arguments, bound_arguments
from graphc.emit.keras.calls import numpy_array
from graphc.emit.keras.context import UNBOUND, has_tensor
from graphc.emit.keras.literals import fstring, literal
from graphc.emit.keras.operators import binary, comparison, conditional, unary
from graphc.emit.keras.tree import Untranslatable, attribute, call, constant
from graphc.emit.keras.values import (
    class_path,
    holds_size,
    is_size,
    op_of,
    op_path,
)
from graphc.ops.arrays import numpy_dtype
from graphc.syntax import nodes


class Expressions(Arguments):
    """Translates the expressions of one file; bodies know more names."""

    # Expressions

    def expr(self, node: nodes.Expression) -> ast.expr:
        """The expression in Python."""
        found = self._HANDLERS.get(type(node))
        if found is None:
            raise Untranslatable(f"`{node.span.text}` has no counterpart")
        return found(self, node)

    def name(self, node: nodes.Name) -> ast.expr:
        """A name."""
        if self.is_local(node.id):
            if any(map(is_size, self.values(node))):
                raise Untranslatable(f"the size {node.id} is known only when the model runs")
            return ast.Name(self.locals[node.id])
        if node.id in self.scope.values:
            return self.translator.constants.global_name(self, node.id)
        value = self.global_value(node.id)
        if isinstance(value, ClassValue):
            return attribute(class_path(value.cls))
        op = op_of(value)  # of the two that are `max`, values are called with tensors
        if op is not None:
            return attribute(op_path(op))
        if isinstance(value, str):
            return constant(value)
        return ast.Name(node.id)

    def list_display(self, node: nodes.ListDisplay) -> ast.expr:
        """A list."""
        return ast.List([self.expr(item) for item in node.items])

    def tuple_display(self, node: nodes.TupleDisplay) -> ast.expr:
        """A tuple."""
        return ast.Tuple([self.expr(item) for item in node.items])

    def dict_display(self, node: nodes.DictDisplay) -> ast.expr:
        """A dict."""
        return ast.Dict(
            [self.expr(key) for key, _ in node.items], [self.expr(item) for _, item in node.items]
        )

    def named(self, node: nodes.Named) -> ast.expr:
        """A layer with a name, that is not applied."""
        if isinstance(node.value, nodes.Call):
            return self.call(node.value, node)
        if isinstance(node.value, nodes.Name):
            return self.expr(node.value)
        if self.values(node.value) and has_tensor(self.values(node.value)):
            return self.expr(node.value)  # a function's: Keras names these itself
        raise Untranslatable(f"`{node.span.text}` names what is made elsewhere")

    # Calls

    def call(self, node: nodes.Call, named: nodes.Named | None = None) -> ast.expr:
        """A call, with the name that stands after it."""
        callee = self.static_callee(node.function)
        if isinstance(callee, ClassValue):
            if callee.cls.family == "layer":
                return self.layer(callee.cls, node, named)
            return self.config(callee.cls, node)
        if isinstance(callee, Template):
            return self.model_call(callee, node, named)
        if isinstance(callee, Op) or (hasattr(callee, "function") and callee.name in OPS):
            calls = self.calls(node)
            if calls:
                return self.op(node, calls, [])
            if isinstance(callee, Op):
                return self.static_op(callee, node)
        if hasattr(callee, "function"):
            self.no_size(node)
            args = [self.expr(argument.value) for argument in node.arguments]
            return call(callee.name, *args)
        if callee is UNBOUND and self.is_layer_class(node.function):
            return self.dynamic_layer(node, named)
        if callee is UNBOUND and self.calls(node):
            return self.given_op(node, [])
        raise Untranslatable(f"what `{node.span.text}` calls is not always known as a function")

    def is_layer_class(self, node: nodes.Expression) -> bool:
        """Whether a name has stood for classes of layers alone."""
        values = self.values(node)
        return bool(values) and all(
            isinstance(v, ClassValue) and v.cls.family == "layer" for v in values
        )

    def dynamic_layer(self, node: nodes.Call, named: nodes.Named | None) -> ast.expr:
        """A layer of a class that is a parameter."""
        args = [self.expr(a.value) for a in node.arguments if a.name is None]
        keywords = {a.name: self.expr(a.value) for a in node.arguments if a.name is not None}
        label = self.label(node, named, None)
        if label is not None:
            keywords["name"] = label
        return call(self.expr(node.function), *args, keywords=keywords)

    def static_op(self, op: Op, node: nodes.Call) -> ast.expr:
        """A function on numbers: Python's own."""
        self.no_size(node)
        values = self.values(node)
        if values and not all(isinstance(v, (int, float)) for v in values):
            raise Untranslatable(f"`{node.span.text}` is not always a number")
        if op.static is not None and op.static.__module__ == "math":
            args = [self.expr(argument.value) for argument in node.arguments]
            return call(f"math.{op.static.__name__}", *args)
        if len({repr(value) for value in values}) == 1:
            return constant(values[0])
        raise Untranslatable(f"`{node.span.text}` has no counterpart")

    def op(
        self, node: nodes.Call, calls: list[Any], piped: list[ast.expr],
        named: Mapping[str, ast.expr] | None = None,
    ) -> ast.expr:  # fmt: skip
        """A function on tensors, called with what is piped into it and with its arguments."""
        op: Op = calls[0].use.layer
        if any(c.use.layer is not op for c in calls):
            raise Untranslatable(f"`{node.span.text}` is not always the same function")
        rest = list(op.arguments)[len(piped) :]
        if any(self.needs_layer(c) for c in calls):
            return self._sized_call(node, calls, op, piped, dict(named or {}), rest)
        made = self._op_call(attribute(op_path(op)), op, node, piped, named)
        dtypes = {numpy_dtype(c.use.layer, c.arguments) for c in calls}
        if len(dtypes) > 1:
            raise Untranslatable(f"`{node.span.text}` is not always an array of one dtype")
        dtype = dtypes.pop()
        return made if dtype is None else numpy_array(made, dtype)

    def given_op(
        self, node: nodes.Call, piped: list[ast.expr], named: Mapping[str, ast.expr] | None = None
    ) -> ast.expr:
        """A function that a block is given, called with what is piped and with its arguments."""
        calls = self.calls(node)
        if any(map(self.needs_layer, calls)):
            raise Untranslatable(f"`{node.span.text}` has sizes known only when the model runs")
        if any(op_of(value) is None for value in self.values(node.function)):
            raise Untranslatable(f"`{node.function.span.text}` is not always a function on tensors")
        ops = list({id(c.use.layer): c.use.layer for c in calls}.values())
        made_there = [a.value for a in node.arguments if not isinstance(a.value, nodes.Name)]
        if len(ops) > 1 and any(has_tensor(self.values(value)) for value in made_there):
            raise Untranslatable(f"`{node.span.text}` makes tensors for several functions")
        made = [self._op_call(self.expr(node.function), op, node, piped, named) for op in ops]
        if len(set(map(ast.dump, made))) > 1:
            raise Untranslatable(f"`{node.span.text}` is called in several ways")
        return made[0]

    def _op_call(
        self, function: ast.expr, op: Op, node: nodes.Call, piped: list[ast.expr],
        named: Mapping[str, ast.expr] | None,
    ) -> ast.Call:  # fmt: skip
        args: list[ast.expr] = []
        keywords: dict[str, ast.expr] = dict(named or {})
        places = iter(list(op.arguments)[len(piped) :])
        for argument in node.arguments:
            name = argument.name or next(places, "")
            value = self.argument(argument.value, op.rule_of(name))
            if argument.name is None:
                args.append(value)
            else:
                keywords[argument.name] = value
        cut = op.piped_place if op.variadic else 0
        return call(function, *args[:cut], *piped, *args[cut:], keywords=keywords)

    def _sized_call(
        self, node: nodes.Call, calls: list[Any], op: Op, piped: list[ast.expr],
        named: dict[str, ast.expr], rest: list[str],
    ) -> ast.expr:  # fmt: skip
        if op.variadic:
            raise Untranslatable(f"`{node.span.text}` has sizes known only when the model runs")
        reshaped = self._reshape(node, calls, op, piped)
        if reshaped is not None:
            return reshaped
        tensors = {**dict(zip(op.arguments, piped, strict=False)), **named}
        places = iter(rest)
        shown: dict[str, nodes.Expression] = {}
        for argument in node.arguments:
            name = argument.name or next(places)
            shown[name] = argument.value
            if has_tensor([c.arguments.get(name) for c in calls]):
                tensors[name] = self.expr(argument.value)
        return self.sized(calls, tensors, shown)

    def _reshape(
        self, node: nodes.Call, calls: list[Any], op: Op, piped: list[ast.expr]
    ) -> ast.expr | None:
        """A reshape in which one size follows from the others."""
        shape = node.arguments[-1].value if node.arguments else None
        if "newshape" not in op.arguments or not isinstance(shape, nodes.ListDisplay):
            return None
        if any(self.needs_layer(c) and not holds_size(c.arguments.get("newshape")) for c in calls):
            return None
        made = self.shape(shape)
        if made is None:
            return None
        before = piped or [self.expr(node.arguments[0].value)]
        return call(op_path(op), *before, made)

    # Layers and other definitions

    def layer(self, cls: Any, node: nodes.Call, named: nodes.Named | None) -> ast.expr:
        """A layer."""
        bound = bound_arguments(cls, node)
        given = bound.pop("name", None)
        args, keywords = self.arguments(cls, bound, keeps_defaults=False)
        label = self.label(node, named, given)
        if label is not None:
            keywords["name"] = label
        return call(class_path(cls), *args, keywords=keywords)

    def label(
        self, node: nodes.Call, named: nodes.Named | None, given: nodes.Expression | None
    ) -> ast.expr | None:
        """The name of a layer; None leaves it to Keras. Only bodies name layers."""
        raise Untranslatable("a layer in a constant")

    # What only bodies can do

    def model_call(
        self, template: Template, node: nodes.Call, named: nodes.Named | None
    ) -> ast.expr:
        """A new instance of a model."""
        raise Untranslatable("a model in a constant")

    def shared_model(self, template: Template) -> ast.Name:
        """The one instance that a model's bare name stands for."""
        raise Untranslatable(f"the model {template} in a constant")

    def shared_layer(self, layer: Layer, name: str) -> ast.Name:
        """A layer that stands in a constant."""
        raise Untranslatable("a layer in a constant")

    def pipe(self, node: nodes.Pipe) -> ast.expr:
        """A pipe within an expression."""
        raise Untranslatable("a pipe in a constant")

    _HANDLERS: Mapping[type, Callable[[Any, Any], ast.expr]] = {
        nodes.Name: lambda self, node: self.name(node),
        nodes.Literal: literal,
        nodes.FString: fstring,
        nodes.ListDisplay: lambda self, node: self.list_display(node),
        nodes.TupleDisplay: lambda self, node: self.tuple_display(node),
        nodes.DictDisplay: lambda self, node: self.dict_display(node),
        nodes.Unary: unary,
        nodes.Binary: binary,
        nodes.Comparison: comparison,
        nodes.Conditional: conditional,
        nodes.Attribute: subscripts.attribute,
        nodes.Index: subscripts.index,
        nodes.Slice: subscripts.slice,
        nodes.Call: lambda self, node: self.call(node),
        nodes.Named: lambda self, node: self.named(node),
        nodes.Pipe: lambda self, node: self.pipe(node),
    }
