"""Arguments of layers and functions, and what is made of arguments: losses, initializers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from graphc.declare.definition import Definition
from graphc.declare.number_array import NumberArray
from graphc.declare.op import OPS, Op, makes_array
from graphc.declare.rules import Integer, Rule, takes_arrays
from graphc.elaborate.values import ClassValue, LayerValue, Template
from graphc.emit.keras.calls import array, item_rule, takes_array
from graphc.emit.keras.context import Context
from graphc.emit.keras.operators import conditional
from graphc.emit.keras.tree import Untranslatable, call, constant, sequence
from graphc.emit.keras.values import class_path, is_size, number_array, places, takes_no_tuple
from graphc.syntax import nodes


class Arguments(Context):
    """Translates what stands between the parentheses of a call."""

    def arguments(
        self, cls: type[Definition], bound: Mapping[str, nodes.Expression], *, keeps_defaults: bool
    ) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """Arguments by place and by name, as a person would give them."""
        by_place = [n for n, a in cls.arguments.items() if not a.is_keyword_only][: places(cls)]
        args: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        for name in cls.arguments:
            if name not in bound:
                continue
            argument = cls.arguments[name]
            value = self.argument(bound[name], argument.rule)
            if not keeps_defaults and not argument.is_required and _is_default(value, argument):
                continue
            if name in by_place and len(args) == by_place.index(name):
                args.append(value)
            else:
                keywords[name] = value
        return args, keywords

    def argument(self, node: nodes.Expression, rule: Rule) -> ast.expr:
        """An argument, where bare names may mean what its rule expects."""
        names = rule.names()
        if names is not None:
            if isinstance(node, nodes.Name) and not self.is_local(node.id):
                if node.id in names and node.id not in self.scope.values:
                    cls = names[node.id]
                    if getattr(cls, "has_short_name", True):
                        return constant(node.id)
                    return call(class_path(cls))
            elif isinstance(node, nodes.Conditional):
                return conditional(self, node, lambda branch: self.argument(branch, rule))
            elif isinstance(node, nodes.ListDisplay):
                return ast.List([self.argument(item, rule) for item in node.items])
            elif isinstance(node, nodes.DictDisplay):
                return ast.Dict(
                    [self.expr(key) for key, _ in node.items],
                    [self.argument(item, rule) for _, item in node.items],
                )
            elif isinstance(node, nodes.Call) and isinstance(node.function, nodes.Name):
                expected = names.get(node.function.id)
                if (
                    isinstance(expected, type)
                    and issubclass(expected, Definition)
                    and expected.family != "layer"
                    and not self.is_local(node.function.id)
                ):
                    return self.definition(expected, node)
            if self._means_others(node, names):
                return self._called_by_name(node, names)
        callee = self.static_callee(node.function) if isinstance(node, nodes.Call) else None
        if makes_array(callee) and takes_arrays(rule):
            assert isinstance(node, nodes.Call)
            return self._array(callee, node)
        if isinstance(callee, ClassValue) and callee.cls.family != "layer":
            assert isinstance(node, nodes.Call)
            return self.definition(callee.cls, node)
        if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)):
            made = self._list_argument(node, rule)
            return array(made) if takes_array(rule) and self.are_lists(node) else made
        made = self.expr(node)
        if takes_array(rule) and self.are_lists(node):
            return array(made)
        if any(isinstance(value, range) for value in self.values(node)):
            return call("list", made)  # Keras saves no ranges
        is_whole = isinstance(rule, Integer) or isinstance(getattr(rule, "rule", None), Integer)
        if is_whole and any(type(value) is float for value in self.values(node)):
            return call("int", made)
        return made

    def _array(self, op: Op, node: nodes.Call) -> ast.expr:
        """An array that configures something."""
        given = dict(zip(op.arguments, node.arguments, strict=False))
        given |= {a.name: a for a in node.arguments if a.name is not None}
        dtype = None
        if "dtype" in given:
            stated = self.argument(given["dtype"].value, op.rule_of("dtype"))
            if not isinstance(stated, ast.Constant) or not isinstance(stated.value, str):
                raise Untranslatable(f"`{node.span.text}` is not always an array of one dtype")
            dtype = stated.value
        made = self.argument(given["x"].value, op.rule_of("x"))
        values = self.values(given["x"].value)
        if not all(isinstance(value, (list, tuple, range)) for value in values):
            return made  # an array of one number is that number to Keras
        is_numpy = op is OPS["array"]
        arrays = [NumberArray.of(value, dtype, is_numpy=is_numpy) for value in values]
        if len({each.dtype for each in arrays}) != 1:
            raise Untranslatable(f"`{node.span.text}` is not always an array of one dtype")
        return number_array(made, arrays[0])

    def _means_others(self, node: nodes.Expression, names: Any) -> bool:
        """Whether a function is another one here than where it is called, as gelu is."""
        ops = [value for value in self.values(node) if isinstance(value, Op)]
        return any(op.name in names and names[op.name] is not op for op in ops)

    def _called_by_name(self, node: nodes.Expression, names: Any) -> ast.expr:
        """A function by its name, of which Keras finds the one that is meant here."""
        values = self.values(node)
        if not all(value is None or isinstance(value, Op) for value in values):
            raise Untranslatable(f"`{node.span.text}` is not always a function")
        if not all(value is None or value.name in names for value in values):
            raise Untranslatable(f"`{node.span.text}` is not always what Keras knows by name")
        if isinstance(node, nodes.Name) and not self.is_local(node.id):
            return constant(values[0].name)
        made = self.expr(node)
        name = ast.Attribute(made, "__name__")
        return ast.BoolOp(ast.And(), [made, name]) if None in values else name

    def _list_argument(self, node: nodes.ListDisplay | nodes.TupleDisplay, rule: Rule) -> ast.expr:
        """A list: a tuple of sizes is what people write, and -1 for one that is not known."""
        if any(is_size(v) for item in node.items for v in self.values(item)):
            made = self.shape(node)
            if made is None:
                raise Untranslatable(f"the sizes of {node.span.text} configure a layer")
            return made
        items = [self.argument(item, item_rule(rule)) for item in node.items]
        holds_layers = any(
            isinstance(v, (LayerValue, Template)) for item in node.items for v in self.values(item)
        )
        return sequence(items, is_list=holds_layers or takes_no_tuple(rule))

    def definition(self, cls: type[Definition], node: nodes.Call) -> ast.expr:
        """An initializer, a loss, an optimizer: with all that the source says of it."""
        bound = bound_arguments(cls, node)
        names = list(bound)
        by_place = sum(argument.name is None for argument in node.arguments)
        args = [self.argument(bound[n], cls.arguments[n].rule) for n in names[:by_place]]
        keywords = {n: self.argument(bound[n], cls.arguments[n].rule) for n in names[by_place:]}
        return call(class_path(cls), *args, keywords=keywords)

    def config(self, cls: type[Definition], node: nodes.Call) -> ast.expr:
        """A definition that several layers may get: each makes its own of a config.

        Keras' initializers draw the same numbers each time that they are asked.
        """
        if cls.family != "initializer":
            return self.definition(cls, node)
        bound = bound_arguments(cls, node)
        items = {
            name: self.argument(value, cls.arguments[name].rule) for name, value in bound.items()
        }
        config = ast.Dict(list(map(constant, items)), list(items.values()))
        return ast.Dict(
            [constant("class_name"), constant("config")], [constant(cls.__name__), config]
        )

    def shape(self, node: nodes.ListDisplay | nodes.TupleDisplay) -> ast.expr | None:
        """A shape with -1 for the one size that follows from the others."""
        items: list[ast.expr] = []
        open_sizes = 0
        for item in node.items:
            if any(map(is_size, self.values(item))):
                open_sizes += 1
                items.append(constant(-1))
            else:
                items.append(self.expr(item))
        negative = any(
            isinstance(v, int) and v < 0 for item in node.items for v in self.values(item)
        )
        return ast.Tuple(items) if open_sizes == 1 and not negative else None


def bound_arguments(cls: type[Definition], node: nodes.Call) -> dict[str, nodes.Expression]:
    """The arguments of a call by name."""
    positional = iter([n for n, a in cls.arguments.items() if not a.is_keyword_only])
    return {
        argument.name if argument.name is not None else next(positional): argument.value
        for argument in node.arguments
    }


def _is_default(value: ast.expr, argument: Any) -> bool:
    return isinstance(value, ast.Constant) and (
        type(value.value) is type(argument.default) and value.value == argument.default
    )
