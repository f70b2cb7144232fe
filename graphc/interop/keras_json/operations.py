"""Nodes of `keras.ops` functions as expressions: operators, indices, functions."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from types import EllipsisType
from typing import Any

from graphc.declare.arg import MISSING, Argument
from graphc.declare.number_array import is_array
from graphc.declare.op import OPS, Op
from graphc.declare.operands import Operand, Operands, TensorOnly, is_listable
from graphc.declare.registry import snake_case
from graphc.declare.rules import Optional, Rule
from graphc.diagnostics.codes import FOREIGN_ARGUMENT, UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import build
from graphc.interop.keras_json.network import (
    Address,
    ForeignArray,
    ForeignCall,
    ForeignLayer,
    SliceOf,
    addresses,
)
from graphc.interop.keras_json.spelling import spell, spell_array
from graphc.syntax import nodes

# The functions that operators stand for between tensors.
_LOGICAL = {"logical_and": "and", "logical_or": "or"}
_BINARY = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "true_divide": "/",
    "floor_divide": "//",
    "mod": "%",
    "power": "**",
    "matmul": "@",
    **_LOGICAL,
}
_COMPARISONS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}
_UNARY = {"negative": "-", "logical_not": "not"}
_INDEX = "get_item"


@cache
def _by_class() -> dict[str, Op]:
    found: dict[str, Op] = {}
    for op in OPS.values():
        found.setdefault(op.class_name, op)
    return found


def is_operation(class_name: str) -> bool:
    """Whether there is a function of a class."""
    return class_name in _by_class()


def unknown_operation(layer: ForeignLayer) -> Fault:
    """The fault of a node whose function the language does not have."""
    return Fault(
        UNKNOWN_FOREIGN_CLASS,
        f"{layer.path} is the operation `{layer.name}` of class {layer.class_name}, which has "
        "no counterpart in a .net file",
    )


def op_of(layer: ForeignLayer) -> Op:
    """The function that a node applies."""
    op = _by_class().get(layer.class_name)
    if op is None:
        raise unknown_operation(layer)
    return op


class Spelling:
    """Spells the arguments of calls: `names` has what each tensor is bound to."""

    def __init__(self, names: dict[Address, nodes.Expression]) -> None:
        self.names = names

    def spell(self, value: Any) -> nodes.Expression:
        """A tensor's name, a value, or a list of them."""
        if isinstance(value, Address):
            return self.names[value]
        if isinstance(value, ForeignArray):
            return self.spell(value.values) if _is_bare(value) else self._array(value)
        if isinstance(value, (list, tuple)):
            return _range(value) or build.listed(map(self.spell, value))
        if isinstance(value, (SliceOf, EllipsisType)):
            raise Fault(FOREIGN_ARGUMENT, "a slice stands where there is no index")
        return spell(value)

    def operand(self, value: Any, rule: Rule) -> nodes.Expression:
        """What a function is given: a tensor is told from lists where Keras takes them too."""
        if isinstance(value, ForeignArray) and is_listable(rule):
            return self._array(value)
        return self.spell(value)

    def tensor(self, value: Any) -> nodes.Expression:
        """What a layer is given: an array has to be made a tensor, for functions it is one."""
        if isinstance(value, ForeignArray):
            return self._array(value)
        if not isinstance(value, (list, tuple)):
            return self.spell(value)
        if is_array(value):
            return build.call("convert_to_tensor", [build.argument(self.spell(value))])
        return build.listed(map(self.tensor, value))

    def _array(self, value: ForeignArray) -> nodes.Expression:
        return spell_array(self.spell(value.values), value)

    def item(self, value: Any) -> nodes.Expression:
        """An item of an index."""
        if isinstance(value, SliceOf):
            return self.slice(value)
        return build.literal(...) if value is ... else self.spell(value)

    def slice(self, value: SliceOf) -> nodes.Slice:
        """`lower:upper:step`."""
        bounds = (value.start, value.stop, value.step)
        spelled = [None if bound is None else self.spell(bound) for bound in bounds]
        return nodes.Slice(build.SPAN, *spelled)


def _is_bare(value: ForeignArray) -> bool:
    """Whether lists beside tensors say all of an array: they are tensors of the usual dtypes."""
    return bool(value.shape) and not value.is_numpy and value.dtype == value.own_dtype


SHORTEST_RANGE = 8
"""Whole numbers at equal distances are a range from so many on: Keras keeps the array."""


def _range(values: list[Any] | tuple[Any, ...]) -> nodes.Expression | None:
    """`range(16)` for whole numbers at equal distances."""
    if len(values) < SHORTEST_RANGE or any(type(value) is not int for value in values):
        return None
    start, step = values[0], values[1] - values[0]
    if step == 0 or any(b - a != step for a, b in pairwise(values)):
        return None
    bounds = [start, start + step * len(values), step]
    given = bounds if step != 1 else bounds[:2] if start else bounds[1:2]
    return build.call("range", [build.argument(build.literal(each)) for each in given])


def spell_operation(layer: ForeignLayer, call: ForeignCall, operands: Spelling) -> nodes.Expression:
    """The expression of one call of a `keras.ops` function, named as its node is."""
    op = op_of(layer)
    values = op_arguments(layer, op, call)
    label = build.LayerName(build.SPAN, layer.name, snake_case(op.class_name))
    shown = _operator(op, values, operands) or _index(op, values, operands)
    if shown is not None:
        return build.named(shown, label)
    return _function(op, values, operands, label)


def op_arguments(layer: ForeignLayer, op: Op, call: ForeignCall) -> dict[str, Any]:
    """All arguments by name: settings from the configuration, operands from the call."""
    values: dict[str, Any] = {}
    if op.variadic:
        waiting = iter(range(1, len(call.args) + 1))
        values = {f"operand {place}": arg for place, arg in zip(waiting, call.args, strict=False)}
    names = list(op.arguments)
    config = {
        name: value for name, value in layer.config.items() if name not in ("name", "trainable")
    }
    settings: dict[str, Any] = {}
    for name, cursor in config.items():
        if name in op.arguments:
            settings[name] = _setting(cursor)
        elif cursor.value not in (None, False) and name != "dtype":
            raise Fault(
                FOREIGN_ARGUMENT,
                f"{cursor.path} is an argument that the function {op.name} does not have here",
            )
    if not op.variadic:
        free = [name for name in names if name not in settings or name in call.kwargs]
        if len(call.args) > len(free):
            # Keras keeps some settings twice, in the configuration and in the call.
            free = names
        if len(call.args) > len(free):
            raise Fault(
                FOREIGN_ARGUMENT,
                f"{call.path}.args has {len(call.args)} arguments, more than {op.name} takes",
            )
        values = dict(zip(free, call.args, strict=False))
    for name, value in call.kwargs.items():
        if name in op.arguments or op.takes_any_name:
            values[name] = value
        elif value is not None:
            raise Fault(
                FOREIGN_ARGUMENT,
                f"{call.path}.kwargs.{name} is an argument that the function {op.name} "
                "does not have here",
            )
    merged = {**settings, **values}
    order = {name: place for place, name in enumerate(names)}
    return dict(sorted(merged.items(), key=lambda item: order.get(item[0], len(order))))


def _setting(cursor: Any) -> Any:
    from graphc.interop.keras_json.parse_network import argument

    return argument(cursor)


def _operator(op: Op, values: dict[str, Any], operands: Spelling) -> nodes.Expression | None:
    given = list(values.values())
    if any(isinstance(value, (list, dict)) for value in given):
        return None
    if any(isinstance(value, ForeignArray) and _is_bare(value) for value in given):
        return None
    if op.name in _UNARY and len(given) == 1:
        return nodes.Unary(build.SPAN, _UNARY[op.name], operands.spell(given[0]))
    if len(given) != 2 or not any(isinstance(value, Address) for value in given):
        return None
    if any(isinstance(value, (str, bool)) or value is None for value in given):
        return None
    if op.name in _LOGICAL and not all(isinstance(value, Address) for value in given):
        return None  # of what is static, `and` and `or` give one of their sides
    left, right = map(operands.spell, given)
    if op.name in _BINARY:
        return build.binary(_BINARY[op.name], left, right)
    if op.name in _COMPARISONS:
        return nodes.Comparison(build.SPAN, (left, right), (_COMPARISONS[op.name],))
    return None


def _index(op: Op, values: dict[str, Any], operands: Spelling) -> nodes.Expression | None:
    given = list(values.values())
    if op.name != _INDEX or len(given) != 2 or not isinstance(given[0], Address):
        return None
    items = given[1] if isinstance(given[1], list) else [given[1]]
    is_tuple = len(items) > 1
    return nodes.Index(
        build.SPAN, operands.spell(given[0]), tuple(map(operands.item, items)), is_tuple
    )


def _function(
    op: Op, values: dict[str, Any], operands: Spelling, label: build.LayerName
) -> nodes.Expression:
    """`x -> mean(axis=1)`, `(q, k) -> einsum("…")`, or `where(c, a, b)`."""
    items = [item for item in values.items() if not _is_default(op, *item)]
    function = op.name
    if op.variadic and not op.takes_any_name:
        place = op.piped_place
        given = [value for _, value in items]
        before, piped = given[:place], given[place:]
        stage = build.call(function, [build.argument(operands.spell(value)) for value in before])
        if piped and all(isinstance(value, Address) for value in piped):
            source = (
                operands.spell(piped[0])
                if len(piped) == 1
                else build.grouped(map(operands.spell, piped))
            )
            return build.pipe(source, build.named(stage, label))
        return build.named(_called(op, items, operands), label)
    if not items:
        return build.named(_called(op, items, operands), label)
    first, rest = items[0], items[1:]
    is_first = first[0] == next(iter(op.arguments), None)
    alone = not any(True for _ in addresses([value for _, value in rest]))
    if is_first and alone and _is_piped(first[1]):
        given = _given(op, rest, 1, operands)
        target = build.call(function, given) if given else build.name(function)
        return build.pipe(operands.spell(first[1]), build.named(target, label))
    return build.named(_called(op, items, operands), label)


def _is_piped(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, Address) for item in value)
    return isinstance(value, Address)


def _called(op: Op, items: list[tuple[str, Any]], operands: Spelling) -> nodes.Expression:
    """`where(c, a, b)`."""
    return build.call(op.name, _given(op, items, 0, operands))


def _given(
    op: Op, items: list[tuple[str, Any]], first: int, operands: Spelling
) -> list[nodes.Argument]:
    """Arguments: operands and what is required by place, as long as nothing is left out."""
    names = list(op.arguments)
    arguments = []
    by_place = True
    for place, (name, value) in enumerate(items, first):
        if not (op.variadic and name not in op.arguments):
            declared = op.arguments.get(name)
            is_next = place < len(names) and names[place] == name
            by_place = by_place and is_next and declared is not None and _is_by_place(declared)
        spelled = operands.operand(value, op.rule_of(name))
        arguments.append(build.argument(spelled, None if by_place else name))
    return arguments


def _is_by_place(argument: Argument) -> bool:
    rule = argument.rule
    rule = rule.rule if isinstance(rule, Optional) else rule
    is_operand = isinstance(rule, (Operand, Operands, TensorOnly))
    return not argument.is_keyword_only and (argument.is_required or is_operand)


def _is_default(op: Op, name: str, value: Any) -> bool:
    argument = op.arguments.get(name)
    if argument is None or argument.default is MISSING or isinstance(value, Address):
        return False
    return type(value) is type(argument.default) and bool(value == argument.default)
