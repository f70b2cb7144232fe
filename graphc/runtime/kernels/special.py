"""Kernels of special functions, which NumPy does not have.

Series of Chebyshev polynomials were fitted with 50 digits, and cut off where their terms fall below
what a float64 holds.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.chebyshev import chebval

from graphc.runtime.kernels.elementwise import elementwise
from graphc.runtime.kernels.table import Array

# erf(x) / x over 2 x² - 1, for x from 0 to 1.
_ERF = (
    0.975476939382654096, -0.142261205103713642, 0.0100355821875997956, -0.000576876469976748477,
    2.7419931252196061e-5, -1.10431755073445076e-6, 3.84887554203450369e-8,
    -1.1808582533875467e-9, 3.23342158260509096e-11, -7.99101594700454876e-13,
    1.79907251139614556e-14, -3.71863548781869264e-16,
)  # fmt: skip

# (1 + 2 x) exp(x²) erfc(x) over (x - 3.75) / (x + 3.75), for all x from 0: Shepherd and Laframboise,
# "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞" (1981).
_ERFC = (
    1.17757893456740175, -0.00459005458064647733, -0.0842491333665179156, 0.0592099399981918905,
    -0.0266586684353057523, 0.00907499767070526509, -0.00241316354041760819,
    0.000490775836525808632, -6.91697330250120637e-5, 4.13902798607301017e-6,
    7.74038306619849067e-7, -2.18864010492343957e-7, 1.07649994656709104e-8,
    4.5219598112182869e-9, -7.75440020883135111e-10, -6.31808834088668449e-11,
    2.8687950109306699e-11, 1.94558685577473472e-13, -9.65469674843343891e-13,
    3.25254814814873984e-14, 3.34781194828680539e-14, -1.8645628804193131e-15,
    -1.25079505306886471e-15, 7.41823525662404346e-17, 5.06814890479611132e-17,
)  # fmt: skip

_ROOT_PI = 1.7724538509055160273


@elementwise("erf")
def erf(x: Array) -> Array:
    """2 / sqrt(pi) times the integral of exp(-t²) from 0 to x."""
    if x.dtype == np.float32:
        return erf_into(np.ascontiguousarray(x), np.empty(x.shape, x.dtype))
    size = np.abs(np.asarray(x, np.float64))
    near = size * chebval(2 * np.minimum(size, 1) ** 2 - 1, _ERF)
    return np.copysign(np.where(size < 1, near, 1 - erfc(size)), x)


# artanh(erf(x)) / x as a polynomial in x² for |x| up to 4, fitted so that
# tanh of it is off by 1.7e-7 at most.
_ARTANH_ERF = (
    1.12837927, 0.102769056, -0.000191831984, -0.000619783712, 8.76369953e-05, -5.66842486e-06,
    1.41849496e-07,
)  # fmt: skip
_FAR = 4.2  # where the tanh of that is 1 in float32, as erf is
PIECE = 1 << 15
"""Elements that are gone through several times while they are in the cache."""
LINE = 16
"""Elements of float32 in a cache line."""


def scratch(count: int, size: int) -> list[Array]:
    """So many arrays of so many float32s, each from the start of a cache line.

    Elsewhere the widest registers read across two lines each time, which takes half as long again.
    """
    length = -(-size // LINE) * LINE
    room = np.empty(count * length + LINE, np.float32)
    first = -room.ctypes.data // room.itemsize % LINE
    return [room[first + i * length : first + i * length + size] for i in range(count)]


def erf_into(x: Array, out: Array) -> Array:
    """erf of float32 in one piece, written into an array that may be x itself."""
    *powers, last = (np.array(c, np.float32) for c in _ARTANH_ERF)
    flat, into = x.reshape(-1), out.reshape(-1)
    bounded, square, total = scratch(3, min(PIECE, flat.size))
    for start in range(0, flat.size, PIECE):
        piece = flat[start : start + PIECE]
        t, y, s = (each[: piece.size] for each in (bounded, square, total))
        np.clip(piece, np.float32(-_FAR), np.float32(_FAR), out=t)
        np.multiply(t, t, out=y)
        np.multiply(y, last, out=s)
        for power in reversed(powers[1:]):
            np.add(s, power, out=s)
            np.multiply(s, y, out=s)
        np.add(s, powers[0], out=s)
        np.multiply(s, t, out=s)
        np.tanh(s, out=into[start : start + PIECE])
    return out


def erfc(size: Array) -> Array:
    """1 - erf(x), for x from 0, with nothing lost where it is small."""
    bounded = np.minimum(size, 30)  # exp(-900) is 0
    scaled = chebval((bounded - 3.75) / (bounded + 3.75), _ERFC)
    result: Array = scaled / (1 + 2 * bounded) * np.exp(-(bounded**2))
    return result


# M. Giles, "Approximating the erfinv function" (2010), single precision, highest power first.
_CENTRAL = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


@elementwise("erf_inv")
def erf_inv(x: Array) -> Array:
    """The y with erf(y) = x: a polynomial, and for float64 four of Halley's steps."""
    with np.errstate(all="ignore"):
        w = -np.log1p(-np.multiply(x, x))
        central = np.polyval(np.array(_CENTRAL, x.dtype), w - w.dtype.type(2.5))
        tail = np.polyval(np.array(_TAIL, x.dtype), np.sqrt(w) - w.dtype.type(3))
        y = np.where(w < 5, central, tail) * x
        if x.dtype == np.float64:
            for _ in range(4):
                y = _closer(x, y)
    return np.where(np.abs(x) == 1, np.copysign(np.inf, x), y).astype(x.dtype)


def _closer(x: Array, y: Array) -> Array:
    size = np.abs(y)
    off = np.where(np.abs(x) < 0.5, np.abs(erf(y)) - np.abs(x), (1 - np.abs(x)) - erfc(size))
    step = off * _ROOT_PI / 2 * np.exp(size**2)
    result: Array = np.copysign(size - step / (1 + size * step), x)
    return result


# C. Lanczos' series with g = 7 and nine terms (P. Godfrey, 2001).
_LANCZOS = (
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
)  # fmt: skip


@elementwise("lgamma")
def lgamma(x: Array) -> Array:
    """log |Γ(x)|."""
    x = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        reflected = np.log(np.pi / np.abs(np.sin(np.pi * (x % 1)))) - _log_gamma(1 - x)
        result = np.where(x < 0.5, reflected, _log_gamma(x))
        result = np.where((x <= 0) & (x == np.floor(x)), np.inf, result)
    return np.where(np.isinf(x), np.inf, result)


def _log_gamma(x: Array) -> Array:
    """For x from 1/2."""
    z = x - 1
    total = 0.99999999999980993 + sum(
        each / (z + place) for place, each in enumerate(_LANCZOS, start=1)
    )
    t = z + 7.5
    result: Array = 0.5 * np.log(2 * np.pi) + (z + 0.5) * np.log(t) - t + np.log(total)
    return result


# Of the asymptotic series: Bernoulli numbers B(2k) / 2k (Abramowitz and Stegun, 6.3.18).
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


@elementwise("digamma")
def digamma(x: Array) -> Array:
    """The derivative of log Γ(x)."""
    x = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        y = np.where(x < 0.5, 1 - x, x)
        shift = np.zeros_like(y)
        for _ in range(10):  # ψ(y) = ψ(y + 1) - 1 / y, up to where the series is exact
            is_small = y < 10
            shift -= np.where(is_small, 1 / y, 0)
            y = np.where(is_small, y + 1, y)
        power = 1 / y**2
        series = sum(each * power ** (k + 1) for k, each in enumerate(_DIGAMMA))
        result = np.log(y) - 0.5 / y - series + shift
        result = np.where(x < 0.5, result - np.pi / np.tan(np.pi * (x % 1)), result)
        result = np.where((x <= 0) & (x == np.floor(x)), np.nan, result)
    return np.where(np.isinf(x), np.where(x > 0, np.inf, np.nan), result)


@elementwise("bessel_i0")
def bessel_i0(x: Array) -> Array:
    """The modified Bessel function of the first kind, of order 0."""
    return np.i0(np.asarray(x, np.float64))
