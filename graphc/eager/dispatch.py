"""Tensor functions on tensors that have values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

import graphc.ops  # noqa: F401 - fills the table of functions
from graphc.declare.op import OPS, Op
from graphc.declare.rules import REJECTED
from graphc.diagnostics.codes import TOO_MANY_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.eager.recipe import Recipe, prepared_all
from graphc.eager.tensor import OPERATIONS, EagerTensor, HasValue, array_of
from graphc.eager.variable import Variable
from graphc.ir.dtypes import promote, weak_dtype
from graphc.ir.tensor import OPERATORS, Tensor, fresh
from graphc.ir.types import TensorType

_MOST = 4096
_RECIPES: dict[Any, Any] = {}
"""What was made of functions by name, types of tensors and other arguments."""


class Known:
    """A function for tensors of certain types: its recipe, or what it is without any."""

    __slots__ = ("is_single", "recipe", "value")

    def __init__(self, recipe: Recipe | None, is_single: bool = True, value: Any = None) -> None:
        self.recipe, self.is_single, self.value = recipe, is_single, value


def run(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The result of the `keras.ops` function of this name. Raises `ValueError` where it has none."""
    tensors: list[EagerTensor] = []
    key = (name, _key(args, tensors), tuple((n, _key(x, tensors)) for n, x in kwargs.items()))
    known = _RECIPES.get(key)
    if known is None:
        known = _made(name, _typed(args), {n: _typed(x) for n, x in kwargs.items()})
        _keep(key, known)
    return _result(known, tensors)


def _result(known: Known, tensors: list[EagerTensor]) -> Any:
    if known.recipe is None:
        return known.value
    results = known.recipe(tensors)
    return results[0] if known.is_single else tuple(results)


def _keep(key: Any, known: Known) -> None:
    if len(_RECIPES) > _MOST:
        _RECIPES.clear()
    _RECIPES[key] = known


def operator(name: str) -> Callable[..., Any]:
    """What an operator does, for two tensors of values or one and a number the shortest way."""

    def apply(x: Any, *others: Any) -> Any:
        if len(others) != 1:
            return run(name, (x, *others), {})
        x, y = _operand(x, others[0]), _operand(others[0], x)
        if type(x) is not EagerTensor or type(y) is not EagerTensor:
            return run(name, (x, y), {})
        a, b = x.array, y.array
        key = (name, a.shape, a.dtype, b.shape, b.dtype)
        known = _RECIPES.get(key)
        if known is None:
            known = _made(name, (_type(x), _type(y)), {})
            _keep(key, known)
        return _result(known, [x, y])

    return apply


def _item(x: Any, key: Any) -> Any:
    """What `x[key]` does: numbers in it are places, not tensors."""
    items = key if isinstance(key, tuple) else (key,)
    plain = tuple(item.item() if isinstance(item, np.integer) else item for item in items)
    return run("get_item", (x, plain), {})


def _operand(value: Any, other: Any) -> Any:
    """A tensor; a number as one of the other's dtype, where that is what it would become."""
    if type(value) is EagerTensor:
        return value
    if isinstance(value, Variable):
        return value.value
    if isinstance(value, (np.ndarray, np.generic)):
        return EagerTensor(array_of(value))
    if isinstance(value, (int, float)) and isinstance(other, HasValue):
        dtype = other.dtype
        if promote(dtype, weak_dtype(value)) == dtype != "bool":
            return EagerTensor(array_of(value, dtype))
    return value


def _type(tensor: EagerTensor) -> TensorType:
    return TensorType(tensor.array.shape, tensor.array.dtype.name)


def _key(value: Any, tensors: list[EagerTensor]) -> Any:
    """What tells arguments apart; `tensors` collects those among them."""
    if isinstance(value, (HasValue, np.ndarray, np.generic)):
        tensor = _operand(value, None)
        tensors.append(tensor)
        return (tensor.array.shape, tensor.array.dtype)
    if isinstance(value, (list, tuple)):
        return (type(value), *[_key(item, tensors) for item in value])
    if isinstance(value, slice):
        return (slice, *[_key(x, tensors) for x in (value.start, value.stop, value.step)])
    return (type(value), repr(value) if isinstance(value, float) else value)


def _typed(value: Any) -> Any:
    """The same arguments with types in place of tensors."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_typed, value))
    if isinstance(value, (HasValue, np.ndarray, np.generic)):
        return _type(_operand(value, None))
    return np.dtype(value).name if isinstance(value, (type, np.dtype)) else value


def _made(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Known:
    op = op_of(name)
    try:
        args, kwargs = _converted(op, args, kwargs)
        leaves: list[Tensor] = []
        made = op.function(
            *[fresh(value, leaves) for value in args],
            **{each: fresh(value, leaves) for each, value in kwargs.items()},
        )
    except Fault as fault:
        raise ValueError(f"{name} {fault.message}") from None
    outputs = list(made) if isinstance(made, (list, tuple)) else [made]
    if not outputs or not all(isinstance(output, Tensor) for output in outputs):
        return Known(None, value=made)
    return Known(Recipe(leaves, prepared_all(outputs)), isinstance(made, Tensor))


def op_of(name: str) -> Op:
    """The function of this name. Raises `KeyError` where there is none."""
    # Where a name is defined takes 10 ms to find out, and is mostly here.
    for module in ("elementary", "reduction"):
        if not dict.__contains__(OPS, name):
            import_module(f"graphc.ops.{module}")
    return OPS[name]


def _converted(
    op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments as the function's rules have them."""
    if op.variadic:
        return args, dict(kwargs)
    names = [name for name, argument in op.arguments.items() if not argument.is_keyword_only]
    if len(args) > len(names):
        raise Fault(TOO_MANY_ARGUMENTS, f"takes {len(names)} arguments by place, got {len(args)}")
    return (
        tuple(_accepted(op, name, value) for name, value in zip(names, args, strict=False)),
        {name: _accepted(op, name, value) for name, value in kwargs.items()},
    )


def _accepted(op: Op, name: str, value: Any) -> Any:
    if _holds_type(value):
        return value
    accepted = op.rule_of(name).accept(value)
    if accepted is REJECTED:
        from graphc.declare.definition import bad_argument  # 3 ms that few need

        raise bad_argument(name, op.rule_of(name), value)
    return accepted


def _holds_type(value: Any) -> bool:
    return isinstance(value, TensorType) or (
        isinstance(value, tuple) and any(map(_holds_type, value))
    )


OPERATIONS.update({name: operator(name) for name in OPERATORS})
OPERATIONS["absolute"] = operator("absolute")
OPERATIONS["get_item"] = _item
