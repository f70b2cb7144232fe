"""Penalties on the size of weights and outputs: `keras.regularizers`."""

from __future__ import annotations

from math import inf
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.rules import REJECTED, Number, OneOf
from graphc.training.definitions import named


class Strength(Number):
    """A number of at least 0 that is not infinite."""

    def accept(self, value: Any) -> Any:
        accepted = super().accept(value)
        return REJECTED if accepted == inf else accepted

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (*super().invalid, inf)


STRENGTH = Strength(0)


class Regularizer(Definition, abstract=True):
    """The base of regularizers."""

    family = "regularizer"
    kind_text = "a regularizer"


class L1(Regularizer):
    """l1 * sum(|x|)."""

    l1: float = Arg(STRENGTH, default=0.01)


class L2(Regularizer):
    """l2 * sum(x²)."""

    l2: float = Arg(STRENGTH, default=0.01)


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x²)."""

    aliases = ("l1_l2",)
    l1: float = Arg(STRENGTH, default=0.0)
    l2: float = Arg(STRENGTH, default=0.0)


class OrthogonalRegularizer(Regularizer):
    """Pushes rows or columns towards being orthogonal."""

    aliases = ("orthogonal_regularizer",)
    factor: float = Arg(STRENGTH, default=0.01)
    mode: str = Arg(OneOf(("rows", "columns")), default="rows")


REGULARIZER = named("regularizer").or_none()
"""The rule for `…_regularizer=` arguments."""
