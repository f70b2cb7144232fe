"""Static values and definitions as Python expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from graphc.declare.definition import Definition, positional_names
from graphc.declare.layer import Layer
from graphc.declare.number_array import NumberArray
from graphc.declare.op import OPS, Op
from graphc.declare.registry import snake_case
from graphc.declare.rules import Each, Optional, Rule, Sizes
from graphc.elaborate.values import Builtin
from graphc.emit.keras.tree import Untranslatable, attribute, call, constant, sequence
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.keras_format.values import short_name
from graphc.ops.activation import activations

MODULES = {
    "layer": "layers",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "optimizer": "keras.optimizers",
    "schedule": "keras.optimizers.schedules",
    "callback": "keras.callbacks",
}
"""Where Keras has the classes of a family."""

KEYWORD_ALWAYS = ("axis", "activity_regularizer")
"""Arguments that a person names though they come first."""


def class_path(cls: type[Definition]) -> str:
    """What a program calls a class: `layers.Dense`."""
    module = MODULES[cls.family]
    if issubclass(cls, Layer) and cls.keras_module != Layer.keras_module:
        module = cls.keras_module
    return f"{module}.{cls.__name__}"


def op_path(op: Op) -> str:
    """What a program calls a function on tensors: `ops.image.resize`."""
    path = op.public_path
    return path.removeprefix("keras.") if path.startswith("keras.ops.") else path


def op_of(value: Any) -> Op | None:
    """The function on tensors that a value is; `max` on numbers has one of its name."""
    if isinstance(value, Builtin):
        return OPS.get(value.name)  # type: ignore[no-any-return]
    return value if isinstance(value, Op) else None


def is_size(value: Any) -> bool:
    """Whether a value is a size that is known only when the model runs."""
    return isinstance(value, SymbolicDim) or value is UNKNOWN


def holds_size(value: Any) -> bool:
    """Whether such a size stands anywhere in a value."""
    if isinstance(value, (list, tuple)):
        return any(map(holds_size, value))
    if isinstance(value, dict):
        return any(map(holds_size, value.values()))
    if isinstance(value, slice):
        return holds_size((value.start, value.stop, value.step))
    return is_size(value)


def is_inferable(shape: Sequence[Any]) -> bool:
    """Whether a shape has one size that is not known, which follows from the others."""
    return sum(map(is_size, shape)) == 1 and -1 not in shape


def places(cls: type[Definition]) -> int:
    """How many arguments a person gives by place: what is required, or else the first."""
    names = positional_names(cls)
    required = 0
    while required < len(names) and cls.arguments[names[required]].is_required:
        required += 1
    if not required and names and names[0] not in KEYWORD_ALWAYS:
        return 1
    return required


class Values:
    """Spells values; `layer_of` is asked for the layers among them that have names."""

    def __init__(self, layer_of: Callable[[Layer], ast.expr | None] | None = None) -> None:
        self.layer_of = layer_of

    def of(self, value: Any) -> ast.expr:
        """A value as an argument of a layer."""
        if isinstance(value, Layer):
            known = None if self.layer_of is None else self.layer_of(value)
            return known or self.definition(value)
        if isinstance(value, Definition):
            return self.short(value)
        if isinstance(value, Op):
            # Keras finds its activations by name, and takes any other function as it is.
            is_named = value.name in activations()
            return ast.Constant(value.name) if is_named else attribute(op_path(value))
        if isinstance(value, NumberArray):
            return number_array(constant(tuple(value)), value)
        if isinstance(value, (list, tuple)):
            sizes = [item for item in value if is_size(item)]
            if sizes:
                return self.shape(value)
            is_list = any(isinstance(item, Definition) for item in value)
            return sequence(map(self.of, value), is_list=is_list)
        if isinstance(value, dict):
            return ast.Dict(list(map(constant, value)), list(map(self.of, value.values())))
        if is_size(value):
            raise Untranslatable(f"the size {value} configures a layer")
        return constant(value)

    def shape(self, value: Any) -> ast.expr:
        """A shape with one size that follows from the others."""
        if not is_inferable(value):
            listed = ", ".join(map(str, value))
            raise Untranslatable(f"the sizes of the shape [{listed}] configure a layer")
        return sequence(constant(-1 if is_size(item) else item) for item in value)

    def short(self, value: Definition) -> ast.expr:
        """The short name of a definition, if it has its defaults or no class of Keras' own."""
        named = short_name(value)
        if named is not None:
            return ast.Constant(named)
        required = any(argument.is_required for argument in value.arguments.values())
        is_short = value.family in ("initializer", "regularizer", "constraint") and getattr(
            type(value), "has_short_name", True
        )
        if is_short and not required and not value.changed_values():
            return ast.Constant(snake_case(type(value).__name__))
        return self.definition(value)

    def argument(self, owner: Definition, name: str, value: Any) -> ast.expr:
        """The value of an argument."""
        if _is_one(owner.arguments[name].rule, value):
            return constant(value[0])
        made = self.of(value)
        if isinstance(made, ast.Tuple) and takes_no_tuple(owner.arguments[name].rule):
            return ast.List(made.elts)
        return made

    def definition(self, value: Definition, name: ast.expr | None = None) -> ast.Call:
        """`layers.Dense(64, activation="relu")`."""
        changed = value.changed_values()
        given = changed.pop("name", None)
        names = list(value.arguments)
        listed = positional_names(type(value))[: places(type(value))]
        args: list[ast.expr] = []
        for each in listed:
            if each not in changed:
                break
            args.append(self.argument(value, each, changed.pop(each)))
        if not args and listed and not getattr(type(value), "has_short_name", True):
            args.append(self.argument(value, listed[0], getattr(value, listed[0])))
        keywords = {
            each: self.argument(value, each, changed[each]) for each in names if each in changed
        }
        if name is None and given is not None:
            name = ast.Constant(given)
        if name is not None:
            keywords["name"] = name
        return call(class_path(type(value)), *args, keywords=keywords)


def _is_one(rule: Rule, value: Any) -> bool:
    """Whether sizes are all the same, and one can stand for them."""
    rule = rule.rule if isinstance(rule, Optional) else rule
    return isinstance(rule, Sizes) and isinstance(value, tuple) and len(set(value)) == 1


def takes_no_tuple(rule: Rule) -> bool:
    """Whether Keras takes a list for an argument, and a tuple not."""
    rule = rule.rule if isinstance(rule, Optional) else rule
    return isinstance(rule, Each) and rule.no_tuple


def number_array(numbers: ast.expr, value: NumberArray) -> ast.expr:
    """Nested tuples as an array, of which NumPy would choose another dtype."""
    needs_dtype = value.dtype != ("bool" if value.is_numpy else value.own_dtype)
    keywords = {"dtype": ast.Constant(value.dtype)} if needs_dtype else {}
    path = "np.array" if value.is_numpy else "ops.convert_to_tensor"
    return call(path, numbers, keywords=keywords)


def index_expression(key: Any, of: Callable[[Any], ast.expr]) -> ast.expr:
    """What stands between the brackets of an index."""
    if isinstance(key, tuple):
        return ast.Tuple([index_expression(item, of) for item in key])
    if isinstance(key, slice):
        bounds = [None if b is None else of(b) for b in (key.start, key.stop, key.step)]
        return ast.Slice(*bounds)
    return of(key)


def dim_expression(text: str, solved: dict[str, ast.expr]) -> ast.expr:
    """A size in terms of others, from how the checker writes it."""
    tree = ast.parse(text, mode="eval").body

    class Fill(ast.NodeTransformer):
        """Puts what is known in the place of names."""

        def visit_Name(self, node: ast.Name) -> ast.expr:
            """A size, or one of two functions."""
            if node.id in ("min", "max"):
                return node
            if node.id not in solved:
                raise Untranslatable(f"nothing here says how large {node.id} is")
            return solved[node.id]

    made: ast.expr = Fill().visit(tree)
    return made
