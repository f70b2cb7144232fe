"""Rules for rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import REJECTED, Number, Rule

SCHEDULE = named("schedule")


class Fraction(Number):
    """A number kept as a float: Keras' optimizers take no whole numbers."""

    def accept(self, value: Any) -> Any:
        accepted = super().accept(value)
        return accepted if accepted is REJECTED else float(accepted)


class Rate(Rule):
    """A learning rate: a number, or a schedule of them."""

    @property
    def sentence(self) -> str:
        return "a number of at least 0, or a schedule such as CosineDecay(0.1, 1000)"

    def accept(self, value: Any) -> Any:
        if isinstance(value, Definition):
            return SCHEDULE.accept(value)
        return Fraction(0).accept(value)

    def names(self) -> Mapping[str, Any] | None:
        return SCHEDULE.names()

    @property
    def names_kind(self) -> str:
        return "schedule"

    @property
    def valid(self) -> tuple[Any, ...]:
        return (0.001, 0.5, 1)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (-0.001, "fast", None)


BETA = Fraction(0, 1, open_high=True)
"""The decay of a moving average: at 1 it would never move."""
SHARE = Fraction(0, 1)
EPSILON = Fraction(0)
STRENGTH = Fraction(0)
