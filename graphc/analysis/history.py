"""What a training came to: numbers by epoch, as Keras' `History.history` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphc.record import Record

VALIDATION = "val_"


class Curve(Record):
    """A quantity in the epochs, counted from 0, in which it was measured."""

    name: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]


class Panel(Record):
    """A quantity in training and, where there was any, in validation."""

    name: str
    curves: tuple[Curve, ...]


def curve(history: Mapping[str, Sequence[Any]], name: str) -> Curve:
    """A quantity with its epochs.

    One that has fewer numbers than there were epochs was measured every so many of them
    (`validation_freq`).
    """
    values = history[name]
    count = max(map(len, history.values()))
    step = count // max(len(values), 1)
    return Curve(name, tuple(step * (n + 1) - 1 for n in range(len(values))), tuple(values))


def panels(history: Mapping[str, Sequence[Any]]) -> list[Panel]:
    """The quantities that are single numbers, each with that of the validation."""
    names = [name for name, values in history.items() if values and _are_numbers(values)]
    bases = dict.fromkeys(_base(name, history) for name in names)
    return [
        Panel(
            base,
            tuple(curve(history, name) for name in (base, VALIDATION + base) if name in names),
        )
        for base in bases
    ]


def _base(name: str, history: Mapping[str, Sequence[Any]]) -> str:
    base = name.removeprefix(VALIDATION)
    return base if base in history else name


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
