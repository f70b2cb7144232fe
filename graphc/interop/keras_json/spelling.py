"""Values as expressions: numbers, lists, layers and initializers as people write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphc.declare.arg import Argument
from graphc.declare.definition import Definition, default_value
from graphc.declare.layer import Layer
from graphc.declare.number_array import NumberArray
from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.declare.rules import REJECTED
from graphc.interop.keras_json import build
from graphc.interop.keras_json.network import ForeignArray
from graphc.ir.dims import UNKNOWN
from graphc.syntax import nodes

SHORTEST_REPEATING = 8
"""Fractions longer than this are written as one over a whole number, where they are that."""


class ModelReference(Layer, abstract=True):
    """Stands among a layer's arguments for a model that the file defines."""

    @classmethod
    def to(cls, expression: nodes.Expression) -> ModelReference:
        """The reference that is written as an expression."""
        made = cls.from_values({})
        vars(made)["expression"] = expression
        return made

    expression: nodes.Expression

    @property
    def key(self) -> tuple[Any, ...]:
        return (ModelReference, id(self))


def refer_to(layer: Layer, instance: nodes.Name) -> None:
    """Have a layer written as the instance that it is one use of."""
    vars(layer)["instance"] = instance


def spell(value: Any) -> nodes.Expression:
    """A value of a definition's argument."""
    if isinstance(value, ModelReference):
        return value.expression
    if isinstance(value, Layer) and value.instance is not None:
        instance: nodes.Name = value.instance
        return instance
    if isinstance(value, Layer):
        alone = value.written_as
        if alone is not None and [each.name for each in arguments_of(value)] == [alone]:
            return spell(getattr(value, alone))
        label = value.name or snake_case(value.type_name)
        base = snake_case(value.type_name)
        return build.named(
            spell_layer(value), build.LayerName(build.SPAN, label, base, is_inner=True)
        )
    if isinstance(value, Definition):
        return spell_definition(value)
    if isinstance(value, Op):
        return build.name(value.name)
    if isinstance(value, NumberArray):
        return spell_array(build.listed(map(spell, value)), value)
    if isinstance(value, (list, tuple)):
        return build.listed(map(spell, value))
    if isinstance(value, Mapping):
        pairs = tuple((spell(key), spell(item)) for key, item in value.items())
        return nodes.DictDisplay(build.SPAN, pairs)
    if value is UNKNOWN:
        return build.literal(None)
    return spell_float(value) if isinstance(value, float) else build.literal(value)


def spell_array(numbers: nodes.Expression, value: NumberArray | ForeignArray) -> nodes.Expression:
    """`convert_to_tensor([…])`, or `array([…])` for NumPy's."""
    arguments = [build.argument(numbers)]
    if value.dtype != value.own_dtype:
        arguments.append(build.argument(build.literal(value.dtype), "dtype"))
    return build.call("array" if value.is_numpy else "convert_to_tensor", arguments)


def spell_float(value: float) -> nodes.Expression:
    """A fraction: `1 / 255` for 0.00392156862745098, `float("-inf")` for what has no digits."""
    if not math.isfinite(value):
        return build.call("float", [build.argument(build.literal(str(value)))])
    if value and len(repr(value)) > SHORTEST_REPEATING:
        twice = round(2 / value) if abs(value) > 1e-9 else 0
        if abs(twice) > 2 and 2 / twice == value:
            below = twice / 2 if twice % 2 else twice // 2
            return build.binary("/", build.literal(1), build.literal(below))
    return build.literal(value)


def spell_definition(value: Definition) -> nodes.Expression:
    """`he_normal`, `L2(0.01)`: short where nothing is configured and names are expected."""
    given = arguments_of(value)
    cls = type(value)
    if not given and value.family in ("initializer", "constraint"):
        return build.name(snake_case(cls.__name__))
    return build.call(cls.__name__, given)


def spell_layer(layer: Layer, *, is_thawed: bool = False) -> nodes.Expression:
    """`Conv2D(filters=64, kernel_size=3)`: all by name, the name left out.

    One that is trained in a frozen model says so, although that is the default.
    """
    arguments = list(arguments_of(layer))
    if is_thawed:
        arguments.append(build.argument(build.literal(True), "trainable"))
    return build.call(type(layer).__name__, arguments)


def arguments_of(value: Definition) -> list[nodes.Argument]:
    """What a definition has other than its defaults, by name."""
    cls = type(value)
    changed = value.changed_values()
    result = []
    for name, given in changed.items():
        if name == "name" and isinstance(value, Layer):
            continue
        if not is_default(value, name, given):
            result.append(build.argument(spell(shortest(cls.arguments[name], given)), name))
    return result


def is_default(value: Definition, name: str, given: Any) -> bool:
    """Whether leaving an argument out says the same as giving this value."""
    argument = value.arguments[name]
    if argument.is_required:
        return False
    default = default_value(argument)
    if given == default and isinstance(given, (int, float)) and type(given) is not bool:
        return True
    if default is None:
        if given in _SAME_AS_NONE.get(name, ()):
            return True
        if name == "dtype" and given == getattr(value, "default_dtype", "float32"):
            return True
        if isinstance(given, Op) and given.name == "linear":
            return True
        other = getattr(value, "defaults_to", {}).get(name)
        return other is not None and given == getattr(value, other)
    return False


# What Keras writes down where an argument is left at None.
_SAME_AS_NONE: dict[str, tuple[Any, ...]] = {
    "data_format": ("channels_last",),
}


def shortest(argument: Argument, value: Any) -> Any:
    """A list of equal items as the one that stands for them all, where the rule says the same."""
    if not isinstance(value, tuple) or not value:
        return value
    each = tuple(shortest_item(item) for item in value)
    for candidate in (shortest_item(each), each):
        if argument.rule.accept(candidate) == value and candidate is not REJECTED:
            return candidate
    return value


def shortest_item(value: Any) -> Any:
    """The one item that a tuple repeats, or the value itself."""
    if (
        isinstance(value, tuple)
        and value
        and all(type(item) is type(value[0]) and item == value[0] for item in value)
    ):
        return value[0]
    return value
