"""Expressions of the language as Python's, in the body of a function or outside of any."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphc.declare.definition import Definition
from graphc.declare.op import OPS, Op
from graphc.declare.rules import Integer, Rule
from graphc.elaborate.builtins import BUILTINS
from graphc.elaborate.names import known_value
from graphc.elaborate.values import ClassValue, LayerValue, Template, TensorValue
from graphc.emit.keras.calls import COMPARING
from graphc.emit.keras.tree import Untranslatable, attribute, call, constant, sequence
from graphc.emit.keras.values import class_path, holds_size, is_size, op_path, places
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.elaborate.frame import FileScope
    from graphc.emit.keras.translator import Translator

_OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "@": ast.MatMult,
}  # fmt: skip
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "in": ast.In, "not in": ast.NotIn,
}  # fmt: skip
_NAMES = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "true_divide", "//": "floor_divide",
    "%": "mod", "**": "power", "@": "matmul", "==": "equal", "!=": "not_equal", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "and": "logical_and",
    "or": "logical_or",
}  # fmt: skip
_LAZY = ("enumerate", "zip", "reversed", "range")

_UNBOUND: Any = object()


def has_tensor(values: list[Any]) -> bool:
    """Whether a tensor is among values, in lists too."""
    return any(
        isinstance(v, TensorValue) or (isinstance(v, (list, tuple)) and has_tensor(list(v)))
        for v in values
    )


class Expressions:
    """Translates the expressions of one file; bodies know more names."""

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
        return _UNBOUND if found is None else found

    def static_callee(self, node: nodes.Expression) -> Any:
        """What a name that the body does not bind stands for."""
        if isinstance(node, nodes.Name) and not self.is_local(node.id):
            return self.global_value(node.id)
        return _UNBOUND

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
            return self.translator.global_name(self, node.id)
        value = self.global_value(node.id)
        if isinstance(value, ClassValue):
            return attribute(class_path(value.cls))
        if isinstance(value, Op):
            return attribute(op_path(value))
        if isinstance(value, str):
            return constant(value)
        return ast.Name(node.id)

    def literal(self, node: nodes.Literal) -> ast.expr:
        """A literal, numbers as the source spells them."""
        made = ast.Constant(node.value)
        value = node.value
        if isinstance(value, (int, float)) and type(value) is not bool and math.isfinite(value):
            made.spelling = _spelled(node.span.text, value)  # type: ignore[attr-defined]
        return made

    def fstring(self, node: nodes.FString) -> ast.expr:
        """An f-string."""
        parts: list[ast.expr] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append(ast.Constant(part))
                continue
            inner = self.expr(part)
            for each in ast.walk(inner):
                is_text = isinstance(each, ast.Constant) and isinstance(each.value, str)
                if isinstance(each, ast.JoinedStr) or (is_text and not _is_plain(each.value)):  # type: ignore[attr-defined]
                    raise Untranslatable("strings in an f-string")
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                parts.append(inner)
            else:
                parts.append(ast.FormattedValue(inner, -1))
        return ast.JoinedStr(parts)

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

    def unary(self, node: nodes.Unary) -> ast.expr:
        """`-a` and `not a`."""
        operand = self.expr(node.operand)
        calls = self.calls(node)
        if not calls:
            self.no_size(node)
            return ast.UnaryOp(ast.USub() if node.operator == "-" else ast.Not(), operand)
        if node.operator == "-" and self.all_fed(calls):
            return ast.UnaryOp(ast.USub(), operand)
        return call("ops.negative" if node.operator == "-" else "ops.logical_not", operand)

    def binary(self, node: nodes.Binary) -> ast.expr:
        """An operation with two operands."""
        calls = self.calls(node)
        if not calls:
            self.no_size(node)
        left, right = self.expr(node.left), self.expr(node.right)
        operator = node.operator
        if operator in ("and", "or"):
            if calls:
                return call(f"ops.{_NAMES[operator]}", left, right)
            made = ast.And() if operator == "and" else ast.Or()
            if isinstance(left, ast.BoolOp) and type(left.op) is type(made):
                return ast.BoolOp(made, [*left.values, right])
            return ast.BoolOp(made, [left, right])
        if calls and not self.all_fed(calls):
            return call(f"ops.{_NAMES[operator]}", left, right)
        if not calls and operator in ("+", "*"):
            left, right = self._as_lists(node, left, right)
        return ast.BinOp(left, _OPERATORS[operator](), right)

    def _as_lists(
        self, node: nodes.Binary, left: ast.expr, right: ast.expr
    ) -> tuple[ast.expr, ast.expr]:
        """The operands, as lists where they are of several kinds in Python."""
        sides = [self.values(node.left), self.values(node.right)]
        are_lists = [
            any(isinstance(each, (list, tuple, range)) for each in values) for values in sides
        ]
        if not any(are_lists):
            return left, right
        made = []
        for expression, is_list in zip((left, right), are_lists, strict=True):
            wrap = is_list and not isinstance(expression, ast.List) and _may_be_tuple(expression)
            made.append(call("list", expression) if wrap else expression)
        return made[0], made[1]

    def comparison(self, node: nodes.Comparison) -> ast.expr:
        """Comparisons, chained or not."""
        calls = self.calls(node)
        operands = list(node.operands)
        if not calls:
            none = [
                each for each in operands if isinstance(each, nodes.Literal) and each.value is None
            ]
            if none and node.operators in (("==",), ("!=",)):
                other = operands[0] if none[0] is operands[1] else operands[1]
                is_none = ast.Is() if node.operators == ("==",) else ast.IsNot()
                return ast.Compare(self.expr(other), [is_none], [constant(None)])
            if any(holds_size(value) for each in operands for value in self.values(each)):
                raise Untranslatable(f"`{node.span.text}` compares a size")
            made = [self._comparable(each) for each in operands]
            ops = [_COMPARISONS[symbol]() for symbol in node.operators]
            return ast.Compare(made[0], ops, made[1:])
        operators = self.all_fed(calls)
        result: ast.expr | None = None
        for index, symbol in enumerate(node.operators):
            left, right = self.expr(operands[index]), self.expr(operands[index + 1])
            if operators and _NAMES[symbol] in COMPARING:
                each: ast.expr = ast.Compare(left, [_COMPARISONS[symbol]()], [right])
            else:
                each = call(f"ops.{_NAMES[symbol]}", left, right)
            result = each if result is None else call("ops.logical_and", result, each)
        assert result is not None
        return result

    def _comparable(self, node: nodes.Expression) -> ast.expr:
        """A shape is a list in the language, and a tuple in Keras."""
        made = self.expr(node)
        is_shape = isinstance(node, nodes.Attribute) and node.name == "shape"
        return call("list", made) if is_shape else made

    def conditional(self, node: nodes.Conditional) -> ast.expr:
        """`a if c else b`."""
        test = self.test(node.test)
        if isinstance(test, bool):
            return self.expr(node.value if test else node.otherwise)
        return ast.IfExp(test, self.expr(node.value), self.expr(node.otherwise))

    def test(self, node: nodes.Expression) -> ast.expr | bool:
        """A condition; its value where Python would not know it, and it is always the same."""
        try:
            return self.expr(node)
        except Untranslatable:
            found = {bool(value) for value in self.values(node)}
            if len(found) != 1:
                raise
            return found.pop()

    def attribute(self, node: nodes.Attribute) -> ast.expr:
        """`x.shape`."""
        value = self.expr(node.value)
        if not isinstance(value, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
            raise Untranslatable(f"`{node.span.text}` has no counterpart")
        return ast.Attribute(value, node.name)

    def index(self, node: nodes.Index) -> ast.expr:
        """`x[…]`."""
        calls = self.calls(node)
        if calls and any(holds_size(list(c.arguments.values())) for c in calls):
            return self.sized(calls, {"x": self.expr(node.value)})
        if not calls:
            self.no_size(node)
        value = self.expr(node.value)
        if calls and any("indices" in c.arguments for c in calls):
            return call("ops.take", value, self.expr(node.items[0]), keywords={"axis": constant(0)})
        function = value.func if isinstance(value, ast.Call) else None
        if isinstance(function, ast.Name) and function.id in _LAZY[:3]:
            value = call("list", value)
        items = [self.expr(item) for item in node.items]
        if node.is_tuple and len(items) == 1:
            return ast.Subscript(value, ast.Tuple(items))
        return ast.Subscript(value, items[0] if len(items) == 1 else ast.Tuple(items))

    def slice(self, node: nodes.Slice) -> ast.expr:
        """`a:b`."""
        bounds = [None if b is None else self.expr(b) for b in (node.lower, node.upper, node.step)]
        return ast.Slice(*bounds)

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
            return call(ast.Name(node.function.id), *args)  # type: ignore[attr-defined]
        if callee is _UNBOUND and self.is_layer_class(node.function):
            return self.dynamic_layer(node, named)
        raise Untranslatable(f"what `{node.span.text}` calls differs from use to use")

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
        if getattr(op.static, "__module__", None) == "math":
            args = [self.expr(argument.value) for argument in node.arguments]
            return call(f"math.{op.static.__name__}", *args)  # type: ignore[union-attr]
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
        args: list[ast.expr] = []
        keywords: dict[str, ast.expr] = dict(named or {})
        for argument in node.arguments:
            rule = op.arguments[argument.name].rule if argument.name in op.arguments else None
            value = self.argument(argument.value, rule or Rule())
            if argument.name is None:
                args.append(value)
            else:
                keywords[argument.name] = value
        cut = op.piped_place if op.variadic else 0
        return call(op_path(op), *args[:cut], *piped, *args[cut:], keywords=keywords)

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
        for argument in node.arguments:
            name = argument.name or next(places)
            if has_tensor([c.arguments.get(name) for c in calls]):
                tensors[name] = self.expr(argument.value)
        return self.sized(calls, tensors)

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
                    return constant(node.id)
            elif isinstance(node, nodes.ListDisplay):
                return ast.List([self.argument(item, rule) for item in node.items])
            elif isinstance(node, nodes.DictDisplay):
                return ast.Dict(
                    [self.expr(key) for key, _ in node.items],
                    [self.argument(item, rule) for _, item in node.items],
                )
            elif isinstance(node, nodes.Call) and isinstance(node.function, nodes.Name):
                expected = names.get(node.function.id)
                is_own = isinstance(expected, type) and not self.is_local(node.function.id)
                if is_own and expected.family != "layer":  # type: ignore[union-attr]
                    return self.definition(expected, node)  # type: ignore[arg-type]
        callee = self.static_callee(node.function) if isinstance(node, nodes.Call) else None
        if isinstance(callee, ClassValue) and callee.cls.family != "layer":
            assert isinstance(node, nodes.Call)
            return self.definition(callee.cls, node)
        if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)):
            return self._list_argument(node, rule)
        made = self.expr(node)
        is_whole = isinstance(rule, Integer) or isinstance(getattr(rule, "rule", None), Integer)
        if is_whole and any(type(value) is float for value in self.values(node)):
            return call("int", made)
        return made

    def _list_argument(self, node: nodes.ListDisplay | nodes.TupleDisplay, rule: Rule) -> ast.expr:
        """A list: a tuple of sizes is what people write, and -1 for one that is not known."""
        if any(is_size(v) for item in node.items for v in self.values(item)):
            made = self.shape(node)
            if made is None:
                raise Untranslatable(f"the sizes of {node.span.text} configure a layer")
            return made
        items = [self.argument(item, Rule()) for item in node.items]
        holds_layers = any(
            isinstance(v, (LayerValue, Template)) for item in node.items for v in self.values(item)
        )
        return sequence(items, is_list=holds_layers)

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

    # What only bodies can do

    def calls(self, node: nodes.Expression) -> list[Any]:
        """The calls of functions on tensors that an expression stands for."""
        return []

    def all_fed(self, calls: list[Any]) -> bool:
        """Whether all of them are calls that Keras has in its graph."""
        return True

    def needs_layer(self, call_event: Any) -> bool:
        """Whether a call has to be a layer's."""
        return False

    def sized(self, calls: list[Any], tensors: Mapping[str, ast.expr]) -> ast.expr:
        """A function that has to be a layer."""
        raise Untranslatable("a size known only when the model runs")

    def model_call(
        self, template: Template, node: nodes.Call, named: nodes.Named | None
    ) -> ast.expr:
        """A new instance of a model."""
        raise Untranslatable("a model in a constant")

    def pipe(self, node: nodes.Pipe) -> ast.expr:
        """A pipe within an expression."""
        raise Untranslatable("a pipe in a constant")

    def no_size(self, node: nodes.Expression) -> None:
        """Refuse what is a size known only when the model runs."""
        if any(map(is_size, self.values(node))):
            raise Untranslatable(f"the size {node.span.text} is known only when the model runs")

    _HANDLERS: Mapping[type, Callable[[Any, Any], ast.expr]] = {
        nodes.Name: lambda self, node: self.name(node),
        nodes.Literal: lambda self, node: self.literal(node),
        nodes.FString: lambda self, node: self.fstring(node),
        nodes.ListDisplay: lambda self, node: self.list_display(node),
        nodes.TupleDisplay: lambda self, node: self.tuple_display(node),
        nodes.DictDisplay: lambda self, node: self.dict_display(node),
        nodes.Unary: lambda self, node: self.unary(node),
        nodes.Binary: lambda self, node: self.binary(node),
        nodes.Comparison: lambda self, node: self.comparison(node),
        nodes.Conditional: lambda self, node: self.conditional(node),
        nodes.Attribute: lambda self, node: self.attribute(node),
        nodes.Index: lambda self, node: self.index(node),
        nodes.Slice: lambda self, node: self.slice(node),
        nodes.Call: lambda self, node: self.call(node),
        nodes.Named: lambda self, node: self.named(node),
        nodes.Pipe: lambda self, node: self.pipe(node),
    }


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


def _may_be_tuple(expression: ast.expr) -> bool:
    """Whether Python may have something else than a list where the language has one."""
    if isinstance(expression, ast.Attribute):
        return expression.attr == "shape"
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
        return expression.func.id in _LAZY
    return isinstance(expression, (ast.Tuple, ast.Subscript))


def _is_plain(text: str) -> bool:
    return text.isprintable() and not set(text) & set("\\\"'{}")


def _spelled(text: str, value: float) -> str:
    """A number as ruff would have it."""
    try:
        spelled = text.lower()
        if spelled.startswith("0x"):
            spelled = "0x" + spelled[2:].upper()
        same = ast.literal_eval(spelled)
    except (ValueError, SyntaxError):
        return repr(value)
    if type(same) is not type(value) or same != value:
        return repr(value)
    if isinstance(value, float):
        mantissa, e, exponent = spelled.partition("e")
        if mantissa.endswith("."):
            mantissa += "0"
        if mantissa.startswith("."):
            mantissa = "0" + mantissa
        return mantissa + e + exponent.removeprefix("+")
    return spelled
