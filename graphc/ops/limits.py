"""How much one call may make while it is checked: files from others are not to be trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.diagnostics.codes import LIMIT_EXCEEDED
from graphc.diagnostics.fault import Fault

MOST_PARTS = 10_000
"""Tensors that one call may give, and steps that it may be made of."""
MOST_NUMBERS = 1_000_000
"""Numbers that may stand in a constant, one by one."""
FEW_NUMBERS = 65_536
"""Numbers that stand in a constant rather than be computed when the program runs."""
MOST_BITS = 4096
"""Bits of a whole number."""


def need_at_most(limit: int, count: Any, what: str, *arguments: str) -> None:
    """Raise `Fault` where a count is known to be larger than what is computed while checking."""
    if isinstance(count, int) and count > limit:
        raise Fault(
            LIMIT_EXCEEDED,
            f"needs at most {limit:,} {what}, got {count:,}",
            arguments=arguments,
        )


def bounded(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A product of numbers that has no value where it has too many bits."""

    def compute(x: Any, y: Any) -> Any:
        if bits_of(x) + bits_of(y) > MOST_BITS:
            raise OverflowError
        return function(x, y)

    return compute


def power(x: Any, y: Any) -> Any:
    """x to the power y, which has no value where it has too many bits."""
    if bits_of(x) > 1 and isinstance(y, int) and bits_of(x) * y > MOST_BITS:
        raise OverflowError
    return x**y


def left_shift(x: int, y: int) -> int:
    """x with y zeros behind its bits, which has no value where these are too many."""
    if y > MOST_BITS:
        raise OverflowError
    return x << y


def rounded(x: Any, decimals: int = 0) -> Any:
    """x to so many decimals, of which a number has some hundreds at most."""
    return round(x, max(min(decimals, MOST_BITS), -MOST_BITS)) if decimals else round(x)


def bits_of(x: Any) -> int:
    """How many bits a whole number has; a fraction has no more than others."""
    return x.bit_length() if isinstance(x, int) else 0
