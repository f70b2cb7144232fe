"""What a training came to: numbers by epoch, as Keras' `History.history` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from graphc.record import Record

VALIDATION = "val_"


class Curve(Record):
    """A quantity in the epochs, counted from 0, in which it was measured."""

    name: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]


class Measured(Record):
    """The epochs of a history, counted from 0: the first one, and those with a validation."""

    first: int = 0
    validated: tuple[int, ...] | None = None
    """None where that is not known."""


ALL = Measured()


class Panel(Record):
    """A quantity in training and, where there was any, in validation."""

    name: str
    curves: tuple[Curve, ...]


def curve(history: Mapping[str, Sequence[Any]], name: str, measured: Measured = ALL) -> Curve:
    """A quantity with its epochs.

    One that has fewer numbers than there were epochs was measured every so many of them, unless it
    is known when.
    """
    values = history[name]
    count = max(map(len, history.values()))
    step = count // max(len(values), 1)
    epochs = tuple(measured.first + step * (n + 1) - 1 for n in range(len(values)))
    known = measured.validated or ()
    if name.startswith(VALIDATION) and len(known) == len(values):
        epochs = known
    return Curve(name, epochs, tuple(values))


def panels(history: Mapping[str, Sequence[Any]], measured: Measured = ALL) -> list[Panel]:
    """The quantities that are single numbers, each with that of the validation."""
    names = [name for name, values in history.items() if values and _are_numbers(values)]
    bases = dict.fromkeys(_base(name, history) for name in names)
    return [
        Panel(
            base,
            tuple(
                curve(history, name, measured)
                for name in (base, VALIDATION + base)
                if name in names
            ),
        )
        for base in bases
    ]


def _base(name: str, history: Mapping[str, Sequence[Any]]) -> str:
    base = name.removeprefix(VALIDATION)
    return base if base in history else name


def _are_numbers(values: Sequence[Any]) -> bool:
    """Whether all are single ones, and one can be drawn at least."""
    return all(isinstance(value, (int, float)) for value in values) and any(map(isfinite, values))
