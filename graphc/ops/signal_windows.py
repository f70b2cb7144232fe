"""`keras.ops`: the windows of signal processing, so many numbers each."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sqrt

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, NOT_STATIC
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.convert import Static, as_tensor
from graphc.ops.creation import filled
from graphc.ops.limits import MOST_NUMBERS, need_at_most


def _window(count: Static, value: Callable[[float], float]) -> Tensor:
    """A function of the place from 0 to 1, at so many places."""
    if not isinstance(count, int):
        raise Fault(NOT_STATIC, "needs a whole number that is known when the file is checked")
    if count < 0:
        raise Fault(INVALID_VALUE, f"needs a number of at least 0, got {count}")
    need_at_most(MOST_NUMBERS, count, "numbers", "x")
    if count <= 1:
        return filled((count,), 1, "float32")
    return as_tensor([float(value(i / (count - 1))) for i in range(count)], "float32")


@op()
def bartlett(x: Static) -> Tensor:
    """A triangle: x numbers from 0 up to 1 and down to 0."""
    return _window(x, lambda place: 1 - abs(2 * place - 1))


@op()
def hanning(x: Static) -> Tensor:
    """A raised cosine: x numbers from 0 up to 1 and down to 0."""
    return _window(x, lambda place: 0.5 - 0.5 * cos(2 * pi * place))


@op()
def hamming(x: Static) -> Tensor:
    """A raised cosine of x numbers that does not quite reach 0."""
    return _window(x, lambda place: 0.54 - 0.46 * cos(2 * pi * place))


@op()
def blackman(x: Static) -> Tensor:
    """A sum of three cosines of x numbers, which leaks less than the others."""
    return _window(x, lambda place: 0.42 - 0.5 * cos(2 * pi * place) + 0.08 * cos(4 * pi * place))


@op()
def kaiser(x: Static, beta: float) -> Tensor:
    """A Bessel function of x numbers, narrower the larger beta is."""
    top = _bessel_i0(beta)
    return _window(x, lambda place: _bessel_i0(beta * sqrt(1 - (2 * place - 1) ** 2)) / top)


def _bessel_i0(x: float) -> float:
    """The sum of (x² / 4)ᵏ / k!²."""
    total = term = 1.0
    k = 0
    while term > 1e-17 * total:
        k += 1
        term *= x * x / 4 / (k * k)
        total += term
    return total
