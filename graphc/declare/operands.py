"""Rules for what tensor functions take: tensors, numbers, lists of them, static values.

A value stands for a tensor if it says so (`is_tensor`): rules know nothing of graphs.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.rules import (
    REJECTED,
    DType,
    Each,
    Flag,
    Integer,
    Number,
    Optional,
    Rule,
    Text,
)
from graphc.ir.dims import UNKNOWN, SymbolicDim


def is_tensor(value: Any) -> bool:
    """Whether a value stands for a tensor."""
    return bool(getattr(value, "is_tensor", False))


def is_operand(value: Any) -> bool:
    """Whether a value is a tensor, a number, a size, or nested lists of these."""
    if isinstance(value, (list, tuple, range)):
        return all(is_operand(item) for item in value)
    is_size = isinstance(value, SymbolicDim) or value is UNKNOWN
    return is_size or is_tensor(value) or isinstance(value, (int, float, complex))


def is_static(value: Any) -> bool:
    """Whether a value is known while checking: numbers, strings, sizes, lists of these."""
    if isinstance(value, (list, tuple, range)):
        return all(is_static(item) for item in value)
    if isinstance(value, dict):
        return all(is_static(item) for item in value.values())
    return value is None or isinstance(value, str) or (is_operand(value) and not is_tensor(value))


class TensorOnly(Rule):
    """A tensor."""

    @property
    def sentence(self) -> str:
        return "a tensor"

    def accept(self, value: Any) -> Any:
        return value if is_tensor(value) else REJECTED


class Operand(Rule):
    """A tensor, a number, or nested lists of numbers."""

    @property
    def sentence(self) -> str:
        return "a tensor or a number"

    def accept(self, value: Any) -> Any:
        return value if is_operand(value) else REJECTED


class Listable(Operand):
    """A tensor, a number, or nested lists of numbers, which Keras takes as they are."""


def is_listable(rule: Rule) -> bool:
    """Whether Keras takes nested lists of numbers for an argument as they are."""
    return isinstance(rule.rule if isinstance(rule, Optional) else rule, Listable)


class Operands(Rule):
    """A list of tensors."""

    @property
    def sentence(self) -> str:
        return "a list of tensors"

    def accept(self, value: Any) -> Any:
        is_list = isinstance(value, (list, tuple)) and bool(value)
        return value if is_list and is_operand(value) else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return ("pipe a list: [a, b] -> …" if is_tensor(value) else None), None


class Static(Rule):
    """A value that is known while checking."""

    @property
    def sentence(self) -> str:
        return "a value known while checking"

    def accept(self, value: Any) -> Any:
        return value if is_static(value) else REJECTED


class Places(Rule):
    """Where something starts: numbers, sizes, or tensors of them."""

    @property
    def sentence(self) -> str:
        return "a tensor, or a list of numbers"

    def accept(self, value: Any) -> Any:
        return value if is_operand(value) else REJECTED


_INTEGER = Integer()
_SYMBOLIC = Integer(symbolic=True)

# What the annotations in the signature of a `keras.ops` function mean.
PARAMETER_RULES: dict[str, Rule] = {
    "Tensor": TensorOnly(),
    "TensorLike": Operand(),
    "TensorOrLists": Listable(),
    "TensorList": Operands(),
    "Static": Static(),
    "Places": Places(),
    "Anything": Rule(),
    "bool": Flag(),
    "int": _INTEGER,
    "float": Number(),
    "str": Text(),
    "Dim": _SYMBOLIC,
    "DTypeName": DType(),
    "Axes": Each(_INTEGER, or_one=True),
    "Integers": Each(_INTEGER, or_one=True),
    "ShapeLike": Each(_SYMBOLIC, or_one=True),
    "Widths": Each(Each(_SYMBOLIC, or_one=True), or_one=True),
    "AxisPair": Each(Each(_INTEGER, or_one=True), 2, or_one=True),
    "Limits": Each(Number(), 2),
    "Index": Rule(),
}
