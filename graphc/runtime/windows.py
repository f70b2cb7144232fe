"""The windows of `scipy.signal.get_window` that take no parameters, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any  # of float64


def window(name: str, size: int, *, periodic: bool) -> Array:
    """A window by its name. A periodic one is a symmetric one of one step more, cut off."""
    if size <= 1:
        return np.ones(size)
    made = _WINDOWS[name](size + periodic)
    return made[:size]


def _places(size: int) -> Array:
    """Where the steps are, from -1 to 1."""
    return np.linspace(-1, 1, size)


def _cosines(*factors: float) -> Callable[[int], Array]:
    """A sum of cosines, the first of them constant."""

    def make(size: int) -> Array:
        angles = np.pi * _places(size)
        return np.sum([f * np.cos(i * angles) for i, f in enumerate(factors)], axis=0)

    return make


def _barthann(size: int) -> Array:
    x = np.abs(_places(size)) / 2
    return 0.62 - 0.48 * x + 0.38 * np.cos(2 * np.pi * x)


def _bohman(size: int) -> Array:
    x = np.abs(_places(size))
    made = (1 - x) * np.cos(np.pi * x) + np.sin(np.pi * x) / np.pi
    made[0] = made[-1] = 0
    return made


def _cosine(size: int) -> Array:
    return np.sin(np.pi / size * (np.arange(size) + 0.5))


def _exponential(size: int) -> Array:
    return np.exp(-np.abs(np.arange(size) - (size - 1) / 2))


def _lanczos(size: int) -> Array:
    return np.sinc(_places(size))


def _parzen(size: int) -> Array:
    x = np.abs(np.arange(size) - (size - 1) / 2) / (size / 2)
    inner = 1 - 6 * x**2 * (1 - x)
    return np.where(x <= (size - 1) / 2 / size, inner, 2 * (1 - x) ** 3)


def _taylor(size: int) -> Array:
    """Four nearly constant side lobes, 30 dB down (Taylor, 1955)."""
    lobes = 4
    a = np.arccosh(10 ** (30 / 20)) / np.pi
    spread = lobes**2 / (a**2 + (lobes - 0.5) ** 2)
    orders = np.arange(1, lobes)
    factors = []
    for i, m in enumerate(orders):
        above = (-1) ** i * np.prod(1 - m**2 / spread / (a**2 + (orders - 0.5) ** 2))
        others = orders[orders != m]
        factors.append(above / (2 * np.prod(1 - m**2 / others**2)))

    def values(place: Array) -> Array:
        angles = 2 * np.pi * np.outer(orders, place - (size - 1) / 2) / size
        made: Array = 1 + 2 * np.array(factors) @ np.cos(angles)
        return made

    return values(np.arange(size)) / values(np.array([(size - 1) / 2]))


def _triang(size: int) -> Array:
    half = (size + 1) // 2
    steps = np.arange(1, half + 1)
    rising = (2 * steps - 1) / size if size % 2 == 0 else 2 * steps / (size + 1)
    return np.concatenate([rising, rising[::-1][size % 2 :]])


def _tukey(size: int) -> Array:
    x = np.abs(_places(size))
    return np.where(x <= 0.5, 1.0, 0.5 * (1 + np.cos(np.pi * (2 * x - 1))))


_WINDOWS: dict[str, Callable[[int], Array]] = {
    "barthann": _barthann,
    "bartlett": lambda size: 1 - np.abs(_places(size)),
    "blackman": _cosines(0.42, 0.5, 0.08),
    "blackmanharris": _cosines(0.35875, 0.48829, 0.14128, 0.01168),
    "bohman": _bohman,
    "boxcar": np.ones,
    "cosine": _cosine,
    "exponential": _exponential,
    "flattop": _cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
    "hamming": _cosines(0.54, 0.46),
    "hann": _cosines(0.5, 0.5),
    "lanczos": _lanczos,
    "nuttall": _cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "parzen": _parzen,
    "taylor": _taylor,
    "triang": _triang,
    "tukey": _tukey,
}
