"""Random values: what is drawn from a `Random`, which may be one of Hypothesis' that shrinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Choice = Callable[[Random], Any]


def integer(low: int, high: int) -> Choice:
    """A whole number, both limits included."""
    return lambda random: random.randint(low, high)


def among(*values: Any) -> Choice:
    """One of a few values."""
    return lambda random: random.choice(values)


def either(*choices: Choice) -> Choice:
    """What one of a few choices gives."""
    return lambda random: random.choice(choices)(random)


def listed(choice: Choice, count: int) -> Choice:
    """So many of one choice, as a tuple."""
    return lambda random: tuple(choice(random) for _ in range(count))


def ordered(values: Sequence[Any]) -> Choice:
    """The values in some order, as a tuple."""
    return lambda random: tuple(random.sample(values, len(values)))


def chance(random: Random, out_of: int) -> bool:
    """True once in so many times."""
    return random.randint(1, out_of) == out_of
