"""Primitives over sliding windows, and resizing of images."""

from __future__ import annotations

from graphc.ir.dims import Dim, product
from graphc.ir.primitives.contraction import window_size
from graphc.ir.primitives.row import Attributes, Cost, Types, primitive
from graphc.ir.types import Shape, TensorType


def _reduce_window(
    x: TensorType,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: tuple[tuple[Dim, Dim], ...],
) -> Types:
    """One entry per axis of x, axes that do not slide included."""
    shape = tuple(
        size
        if (window[axis], strides[axis], padding[axis]) == (1, 1, (0, 0))
        else window_size(size, window[axis], strides[axis], 1, padding[axis])
        for axis, size in enumerate(x.shape)
    )
    return (TensorType(shape, x.dtype),)


def _window_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    taps = product(attributes["window"])
    return Cost(flops=product(results[0].shape) * (taps - 1))


def _resize(x: TensorType, shape: Shape, interpolation: str, antialias: bool) -> Types:
    return (TensorType(shape, x.dtype),)


_TAPS = {"nearest": 0, "bilinear": 2, "bicubic": 4, "lanczos3": 6, "lanczos5": 10}


def _resize_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    # Separable: along each axis that changes, a weighted sum of so many neighbours.
    axes = sum(a != b for a, b in zip(operands[0].shape, results[0].shape, strict=True))
    macs = product(results[0].shape) * _TAPS[attributes["interpolation"]] * axes
    return Cost(flops=2 * macs, macs=macs)


REDUCE_WINDOW_SUM = primitive("reduce_window_sum", _reduce_window, _window_cost)
REDUCE_WINDOW_MAX = primitive("reduce_window_max", _reduce_window, _window_cost)
"""Taps on padding do not count: the sum pads with 0, the maximum with the smallest value."""

RESIZE = primitive("resize", _resize, _resize_cost)
"""Half-pixel centres, as jax.image.resize; `interpolation` names the filter."""
