"""Slopes of special functions that are no primitives, composed of those that are."""

from __future__ import annotations

from math import pi

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Tensor
from graphc.passes.derivatives.table import number


def trigamma(x: Tensor) -> Tensor:
    """The second derivative of log Γ(x): recurrence up to 10, then the asymptotic series.

    Abramowitz and Stegun, 6.4.6, 6.4.7 and 6.4.12.
    """
    is_left = x < 0.5
    y = apply(rows.SELECT, is_left, 1 - x, x)
    total = y * 0
    for _ in range(10):
        is_small = y < 10
        total = total + apply(rows.SELECT, is_small, 1 / (y * y), number(0, y))
        y = apply(rows.SELECT, is_small, y + 1, y)
    w = 1 / (y * y)
    series = (((((w * (5 / 66) - 1 / 30) * w + 1 / 42) * w - 1 / 30) * w + 1 / 6) * w + 1) / y
    right = total + series + w / 2
    sine = apply(rows.SIN, x * pi)
    return apply(rows.SELECT, is_left, pi**2 / (sine * sine) - right, right)


# Abramowitz and Stegun, 9.8.3 and 9.8.4: within 8e-9 and 2.2e-7; highest power first.
_SMALL = (0.00032411, 0.00301532, 0.02658733, 0.15084934, 0.51498869, 0.87890594, 0.5)
_LARGE = (
    -0.00420059, 0.01787654, -0.02895312, 0.02282967, -0.01031555,
    0.00163801, -0.00362018, -0.03988024, 0.39894228,
)  # fmt: skip


def bessel_i1(x: Tensor) -> Tensor:
    """The modified Bessel function of the first kind, of order 1: the slope of that of order 0."""
    size = apply(rows.ABS, x)
    small = _polynomial(_SMALL, (x / 3.75) * (x / 3.75)) * x
    bounded = apply(rows.MAXIMUM, size, number(3.75, x))
    large = _polynomial(_LARGE, 3.75 / bounded) * apply(rows.EXP, size)
    large = large * apply(rows.RSQRT, bounded) * apply(rows.SIGN, x)
    return apply(rows.SELECT, size < 3.75, small, large)


def _polynomial(factors: tuple[float, ...], x: Tensor) -> Tensor:
    total = x * 0 + factors[0]
    for factor in factors[1:]:
        total = total * x + factor
    return total
